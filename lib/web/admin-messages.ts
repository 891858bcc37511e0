// Every sentence of the administrators' console, by page; messages.ts has those of everybody's pages. Operators read exact
// terms. No server code is imported, as the pages' scripts use it too.

import type { WayIn } from "@/lib/core/context";
import type { Refusal } from "@/lib/core/refusals";
import { refusalSentence } from "./messages";

/** What operators may do to one account, with a reason: each has a page. */
export const ACTS = ["disable", "enable", "reset", "unlock", "end-sessions"] as const;
export type ActName = (typeof ACTS)[number];

/** A refusal as an operator reads it under a form of the console. */
export function adminSentence(refusal: Refusal): string {
  if (refusal.code !== "conflict") return refusalSentence(refusal);
  switch (refusal.reason) {
    case "email_taken":
      return "There is a user with this e-mail address already.";
    case "link_gone":
      return "The invitation was accepted already, or the account is disabled.";
    default:
      return refusalSentence(refusal);
  }
}

/** What a page of the console says after something was done; the address names it, so only these can be said. */
export function adminDoneSentence(done: string): string | null {
  const act = ACTS.find((name) => name === done);
  if (act) return a.acts[act].done;
  // An object may be asked for any key; only its own count.
  return Object.hasOwn(a.done, done) ? a.done[done as keyof typeof a.done] : null;
}

const daysInWords = (days: number) => (days === 1 ? "1 day" : `${days} days`);

/** Words of the console. */
export const a = {
  console: "Console",
  sections: "Sections of the console",
  only: {
    title: "This is for administrators",
    text: "The console is open to administrators with two-factor sign-in.",
    back: "Back to Security",
  },
  users: {
    title: "Users",
    make: "Make a user",
    search: "Search",
    searchHint: "Part of an e-mail address or name, or a whole number or ID",
    twoFactor: "2FA",
    anyTwoFactor: "On or off",
    on: "On",
    off: "Off",
    administrators: "Administrators only",
    disabledOnly: "Disabled only",
    submit: "Search",
    clear: "Show all",
    none: "No user matches.",
    user: "User",
    number: "Number",
    made: "Made",
    authenticators: (count: number) => (count === 1 ? "1 authenticator" : `${count} authenticators`),
    administrator: "Administrator",
    disabled: "Disabled",
    newest: "Newest",
    older: "Older",
    pages: "Pages",
    back: "Back to Users",
  },
  newUser: {
    title: "Make a user",
    intro:
      "Leave the password empty to invite them: they are mailed a link, good for 7 days, and choose a password that nobody else knows.",
    name: "Name",
    password: "Password",
    passwordHint: "At least 8 characters. You would know it: an invitation is the better way.",
    isAdmin: "Administrator",
    isAdminNote: "Administrators must set up two-factor sign-in before anything is open to them.",
    submit: "Make the user",
  },
  user: {
    account: "Account",
    email: "E-mail address",
    confirmed: (when: string) => `confirmed ${when}`,
    unconfirmed: "not confirmed",
    name: "Name",
    number: "Number",
    numberHint: "by which authentik's API names the account",
    id: "ID",
    role: "Role",
    plain: "User",
    state: "State",
    active: "Active",
    disabledSince: (when: string) => `Disabled since ${when}`,
    invited: (until: string) => `Invited, the link is good until ${until}`,
    invitedLapsed: "Invited, the link has lapsed",
    mustChange: "Must choose a new password at the next sign-in",
    inviteAgain: "Mail another invitation",
    twoFactor: "Two-factor sign-in",
    codesLeft: (left: number) => `${left} of 10 recovery codes left`,
    acts: "Acts on this account",
    ownAccount: "This is your own account. What you can do with it is in your settings.",
    ownSettings: "Go to your settings",
    factors: "Authenticators",
    noFactors: "There are none.",
    factorNumbers: "The number behind a name is the one by which authentik's API names it.",
    waiting: "Waiting for its owner",
    confirmedAt: (when: string) => `Confirmed ${when}`,
    madeBy: (who: string, when: string) => `made by ${who} ${when}`,
    lastUsed: (when: string) => `last used ${when}`,
    neverUsed: "never used",
    remove: "Remove",
    lock: "Limits",
    wrongCodes: "Wrong codes from unknown browsers",
    wrongCodesOf: (failures: number, units: number) => `${failures} of ${units} in a year`,
    usedUp: "locked: no code from an app counts in an unknown browser",
    waits: (long: string) => `waits for ${long}`,
    wrongPasswords: "Passwords from unknown browsers",
    notWaiting: "no wait",
    sessions: "Sessions",
    noSessions: "Not signed in anywhere.",
    trusted: "Trusted browsers",
    noTrusted: "There are none.",
    tokens: "API tokens",
    allEvents: "Everything in the audit log",
    noTokens: "There are none.",
    events: "Last 20 events",
    browser: "Browser",
    address: "Address",
    signedIn: "Signed in",
    seen: "Seen",
    trustedUntil: "Trusted until",
    used: "Last used",
    authenticator: "Authenticator",
    token: "Token",
    scopes: "Scopes",
    expires: "Expires",
    event: "Event",
    actor: "Actor",
    owner: "owner",
    /** Before who did it, where that is not the owner. */
    by: "by",
    when: "When",
    reasonGiven: (reason: string) => `Reason: ${reason}`,
  },
  acts: {
    reason: "Reason",
    reasonHint: "Kept in the audit log, and mailed to the owner of the account.",
    keep: "Cancel",
    disable: {
      title: "Disable the account",
      consequence:
        "They are signed out everywhere at once and cannot sign in. Sessions, trust in browsers, links in mails and API tokens end for good; password and authenticators stay for the day you enable the account again.",
      submit: "Disable",
      done: "The account is disabled.",
    },
    enable: {
      title: "Enable the account",
      consequence: "They can sign in again, with the password and the authenticators that they had.",
      submit: "Enable",
      done: "The account is enabled.",
    },
    reset: {
      title: "Reset two-factor sign-in",
      consequence:
        "All authenticators and recovery codes are removed (one that waits for its owner stays), sessions, trusted browsers and API tokens end, and the password alone opens the account until a new authenticator is set up. Make sure first that it is the owner who asks.",
      submit: "Reset 2FA",
      done: "Two-factor sign-in is reset.",
    },
    unlock: {
      title: "Unlock the account",
      consequence:
        "All waits end and codes count again in unknown browsers. Whoever used the tries up knew the password, so nothing is open at the next sign-in until a new one is chosen.",
      submit: "Unlock",
      done: "The account is unlocked. A new password is asked for at the next sign-in.",
    },
    "end-sessions": {
      title: "End all sessions",
      consequence:
        "They are signed out everywhere, no browser is trusted any longer, and links in mails stop working. API tokens stay.",
      submit: "End sessions",
      done: "All sessions and all trust in browsers have ended.",
    },
  },
  makeDevice: {
    title: "Make an authenticator",
    consequence:
      "It waits for its owner, who is told by mail, finds its QR code in their settings and proves it with a first code. You never see its key, and it counts for nothing until then.",
    name: "Name",
    submit: "Make the authenticator",
    link: "Make an authenticator",
  },
  removeDevice: {
    title: (name: string) => `Remove “${name}”`,
    live: "Codes from it stop working at once, and trust in browsers ends.",
    last: "It is the only one: two-factor sign-in is off afterwards, recovery codes and API tokens end, and the password alone opens the account.",
    waiting: "It was never confirmed, so nothing that works is lost.",
    submit: "Remove",
  },
  done: {
    made: "The user is made, and was mailed.",
    invited: "The user is made, and an invitation was mailed.",
    "invited-again": "Another invitation was mailed. The one before no longer works.",
    "device-made": "The authenticator is made. Its owner was mailed.",
    "device-removed": "The authenticator is removed.",
  },
  adoption: {
    title: "Adoption",
    intro: "How far two-factor sign-in has come among accounts that are not disabled.",
    filtersLabel: "Show",
    filters: { all: "All", with: "With", without: "Without", grace: "In grace", late: "Late" },
    totals: {
      with: "With two-factor sign-in",
      grace: "Without, in grace",
      late: "Without, late",
      rest: "Without, not asked yet",
    },
    share: (part: number, all: number) => {
      if (all === 1) return `The only account has ${part === 1 ? "" : "no "}two-factor sign-in.`;
      if (part === all) return `All ${all} accounts have two-factor sign-in.`;
      if (part === 0) return `None of ${all} accounts has two-factor sign-in.`;
      return `${part} of ${all} accounts ${part === 1 ? "has" : "have"} two-factor sign-in.`;
    },
    download: "Download as CSV",
    none: "No account matches.",
    person: "Account",
    has: "Two-factor sign-in",
    factors: "Authenticators",
    codes: "Recovery codes left",
    trusted: "Trusted browsers",
    lastSignIn: "Last sign-in",
    never: "never",
    on: "On",
    off: "Off",
    onSince: (day: string) => `On since ${day}`,
    inGrace: (day: string) => `Off, has until ${day}`,
    nextSignIn: "Off, grace begins at the next sign-in",
    late: "Off, late",
    lateSince: (day: string) => `Off, late since ${day}`,
    administrator: "administrator",
    next: "Next",
    first: "First page",
    pages: "Pages",
    columns: [
      "E-mail address",
      "Name",
      "Administrator",
      "Two-factor sign-in",
      "Since",
      "Authenticators",
      "Recovery codes left",
      "Trusted browsers",
      "Last sign-in",
      "Grace until",
      "Late",
      "Late since",
    ],
    yes: "yes",
    no: "no",
  },
  policy: {
    title: "Policy",
    intro: "Who must have two-factor sign-in. Administrators always must, and at once.",
    who: "Who must have it",
    never: "Administrators only",
    everyone: (from: string, graceDays: number) =>
      `Everyone from ${from}, ${daysInWords(graceDays)} of grace`,
    now: "Everyone, from now on",
    since: (day: string) => `Everyone, since ${day}`,
    day: "Everyone, from a day on",
    dayLabel: "From",
    dayHint: "From midnight, UTC. Until then a banner announces it.",
    graceDays: "Days of grace",
    graceHint:
      "From each person's first sign-in from then on, 0 to 90. Reminders are mailed; then nothing but the set-up opens.",
    submit: "Save the policy",
    saved: "The policy is saved.",
    meaning: "What it means",
    means: {
      since: (day: string) => `It has been required of everyone since ${day}.`,
      from: (day: string) => `It will be required of everyone from ${day} on.`,
      late: (count: number) =>
        count === 1
          ? "1 person is late: nothing but the set-up opens to them."
          : `${count} people are late: nothing but the set-up opens to them.`,
      lateAdministrators: (count: number) =>
        count === 1
          ? "1 administrator has none: nothing but the set-up opens to them."
          : `${count} administrators have none: nothing but the set-up opens to them.`,
      inGrace: (count: number) =>
        count === 1 ? "1 person is in their days of grace." : `${count} people are in their days of grace.`,
      /** Of whom it is not asked. */
      free: (count: number) =>
        count === 1
          ? "1 person has none, and nothing is asked of them."
          : `${count} people have none, and nothing is asked of them.`,
      /** Who have not signed in since it is in force. */
      absent: (count: number, graceDays: number) =>
        `${count === 1 ? "1 person has" : `${count} people have`} not signed in since: ${
          graceDays === 0
            ? "nothing but the set-up will open to them."
            : `they have ${daysInWords(graceDays)} from their next sign-in.`
        }`,
      /** Of whom it will be asked. */
      soon: (count: number, graceDays: number) =>
        `${count === 1 ? "1 person has" : `${count} people have`} none yet: ${
          graceDays === 0
            ? "nothing but the set-up will open to them from then on."
            : `they have ${daysInWords(graceDays)} from their first sign-in from then on.`
        }`,
    },
    toAdoption: "Who they are",
  },
  audit: {
    title: "Audit log",
    intro:
      "Everything that happened to any account, the newest first. Nothing here can be changed or removed. Times are in UTC.",
    search: "Search the audit log",
    person: "Person",
    personHint: "Whose account: e-mail address, id or number.",
    actor: "Actor",
    actorHint: "Who did it: the same, or cli.",
    kind: "Event",
    anyKind: "Any event",
    family: (family: string) => `${family}.*, all of them`,
    via: "Way in",
    anyWay: "Any way in",
    from: "From",
    to: "To",
    submit: "Search",
    clear: "Clear the search",
    when: "When",
    address: "Address",
    userAgent: "User agent",
    id: "Event id",
    details: "Details",
    detailsOf: (event: string) => `Details: ${event}`,
    nobody: "Nobody known",
    none: "No event fits this search.",
    pages: "Pages of the audit log",
    newest: "Newest",
    newer: "Newer",
    older: "Older",
    exportAs: "Export what was searched for as",
    csv: "CSV",
    jsonl: "JSON lines",
    unknown: (name: string) => `There is no parameter ${JSON.stringify(name.slice(0, 100))}.`,
    ways: {
      pages: "Pages",
      cli: "Command line",
      api: "API token",
      server: "By itself",
      thogits: "Thogits API",
      omnitron: "Omnitron API",
      athena: "Athena API",
      authentik: "authentik API",
      zitadel: "Zitadel API",
    } satisfies Record<WayIn, string>,
  },
} as const;
