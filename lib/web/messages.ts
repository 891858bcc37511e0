import type { EventKind } from "@/lib/core/events";
import type { CodeHint, InputField, InputProblem, Refusal } from "@/lib/core/refusals";

// Every sentence that people see on the pages. Another language is another file of this shape. No server code is
// imported, as the pages' scripts use it too.

/** "42 seconds", "14 min", "1 h": how long to wait, rounded up. */
export function waitInWords(seconds: number): string {
  if (seconds < 60) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  return `${Math.ceil(seconds / 3600)} h`;
}

const FIELD_NAMES: Record<InputField, string> = {
  email: "e-mail address",
  password: "password",
  newPassword: "new password",
  name: "name",
  code: "code",
  reason: "reason",
  token: "link",
  issuer: "issuer",
  scopes: "scope",
  days: "number of days",
  person: "person",
  actor: "actor",
  kind: "event",
  via: "way in",
  from: "time",
  to: "time",
  before: "event",
  after: "event",
  requiredFrom: "day",
  graceDays: "number of days",
};

const NOBODY = "Nobody here has that address, number or id.";
const MISSING: Partial<Record<InputField, string>> = {
  scopes: "Choose at least one thing that the token may do.",
};

const TOO_LONG: Partial<Record<InputField, string>> = {
  days: "A token can last 90 days at most.",
};

const TOO_SHORT: Partial<Record<InputField, string>> = {
  password: "Use at least 8 characters.",
  newPassword: "Use at least 8 characters.",
};

const MALFORMED: Partial<Record<InputField, string>> = {
  email: "That does not look like an e-mail address. It needs a name, an @ and a domain.",
  requiredFrom: "Choose today or a later day, as 2031-12-31.",
  graceDays: "Enter a whole number of days from 0 to 90.",
  code: "That does not look like a code. Enter its digits, or the letters and digits of a recovery code.",
  person: NOBODY,
  actor: NOBODY,
  kind: "There is no such event.",
  via: "There is no such way in.",
  from: "That is no time. Write it as 2030-06-01T12:00.",
  to: "That is no time, or it is before the beginning. Write it as 2030-06-01T12:00.",
  scopes: "A token may only do what is listed here.",
  days: "Enter a whole number of days, from 1 to 90.",
};

function inputSentence(field: InputField, problem: InputProblem): string {
  const name = FIELD_NAMES[field];
  switch (problem) {
    case "missing":
      return MISSING[field] ?? `Enter ${field === "email" ? "an" : "a"} ${name}.`;
    case "too_short":
      return TOO_SHORT[field] ?? `That ${name} is too short.`;
    case "too_long":
      return TOO_LONG[field] ?? `That ${name} is too long.`;
    case "malformed":
      return MALFORMED[field] ?? `That ${name} has characters that cannot be used.`;
  }
}

function triesLeftSentence(triesLeft: number | null): string {
  if (triesLeft === null) return "";
  return triesLeft === 1 ? " 1 try left." : ` ${triesLeft} tries left.`;
}

function wrongCodeSentence(hint: CodeHint | undefined): string {
  switch (hint?.kind) {
    case undefined:
      return "That code didn't work. Codes change every 30 seconds: enter the newest one.";
    case "used":
      return "You have used this code already, or a newer one. Wait until the app shows the next one, and enter that.";
    case "clock":
      return `The clock of your phone is about ${minutesInWords(hint.secondsOff)} ${hint.secondsOff < 0 ? "slow" : "fast"}. Have it set the time by itself (in its settings, under date and time), then enter the newest code.`;
  }
}

/** "1 minute", "2½ minutes": how far a clock is off, to the nearest half. */
function minutesInWords(seconds: number): string {
  const halves = Math.max(1, Math.round(Math.abs(seconds) / 30));
  const whole = Math.floor(halves / 2);
  if (whole === 0) return "half a minute";
  const half = halves % 2 === 1 ? "½" : "";
  return `${whole}${half} ${whole === 1 && half === "" ? "minute" : "minutes"}`;
}

/** A refusal as a person reads it under a form. A new refusal does not compile until it has a sentence. */
export function refusalSentence(refusal: Refusal): string {
  switch (refusal.code) {
    case "invalid_input":
      return inputSentence(refusal.field, refusal.problem);
    case "invalid_credentials":
      return "That e-mail address and password do not belong together. Check both and try again.";
    case "wrong_password":
      return "That is not your password. Check it and try again.";
    case "invalid_code":
      return `${wrongCodeSentence(refusal.hint)}${triesLeftSentence(refusal.triesLeft)}`;
    case "locked":
      return refusal.retryAfterSeconds === null
        ? "Too many tries. Codes from an app are held back here: use a recovery code."
        : `Too many tries. Try again in ${waitInWords(refusal.retryAfterSeconds)}, or use a recovery code.`;
    case "too_many_requests":
      return `Too many tries. Try again in ${waitInWords(refusal.retryAfterSeconds)}.`;
    case "challenge_expired":
      return "For your security we ended this sign-in. Enter your password again.";
    case "unauthenticated":
      return "Sign in to go on.";
    case "second_factor_required":
      return "Enter your authentication code to go on.";
    case "step_up_required":
      return "Show that it is you to go on.";
    case "enrolment_required":
      return "Set up an authenticator app to go on.";
    case "password_change_required":
      return "Choose a new password to go on.";
    case "forbidden":
    case "insufficient_scope":
      return "Your account may not do that.";
    case "not_found":
      return "That is no longer there. Load the page again.";
    case "conflict":
      return conflictSentence(refusal.reason);
    case "sign_up_closed":
      return "New accounts are made by an administrator here. Ask yours for one.";
    case "unavailable":
      return "We can't reach our database. Nothing was changed; try again in a moment.";
  }
}

function conflictSentence(reason: Extract<Refusal, { code: "conflict" }>["reason"]): string {
  switch (reason) {
    case "email_taken":
      return "There is an account with this e-mail address. Sign in instead.";
    case "two_factor_off":
      return "Two-factor sign-in is off, so there is nothing to do here.";
    case "two_factor_on":
      return "Two-factor sign-in is on already.";
    case "nothing_pending":
      return "This step was finished, or it took longer than 15 minutes. Start it again.";
    case "link_gone":
      return "This link was used before, or it has lapsed. Ask for another one.";
    case "address_in_use":
      return "Somebody else's account has this address by now, so nothing was changed.";
    case "email_unconfirmed":
      return "Your e-mail address was never confirmed, so no code can be mailed to it.";
    case "too_many_authenticators":
      return "The account has as many authenticators as it can hold. Remove one first.";
    case "already_confirmed":
      return "That authenticator is set up already.";
    case "too_many_tokens":
      return "You have as many API tokens as an account can hold. Revoke one first.";
    case "own_account":
      return "That is your own account. Use your own settings, or ask another administrator.";
    case "last_administrator":
      return "That is the last administrator. Make another one first.";
    case "two_factor_required":
      return "Two-factor sign-in is required for your account, so it cannot be turned off.";
  }
}

/** A recovery code typed back in the set-up is compared with those on the page, so the clock has no part in it. */
export function saveProofSentence(refusal: Refusal): string {
  if (refusal.code !== "invalid_code") return refusalSentence(refusal);
  return "That is not one of these codes. Look at what you saved and type one of them.";
}

/** A wrong code from a mail. */
export function mailedCodeSentence(refusal: Refusal): string {
  if (refusal.code !== "invalid_code") return refusalSentence(refusal);
  return `That code didn't work. Enter the one from the newest e-mail.${triesLeftSentence(refusal.triesLeft)}`;
}

/** Why no code is mailed now. */
export function mailingSentence(refusal: Refusal): string {
  if (refusal.code !== "too_many_requests") return refusalSentence(refusal);
  return `We can email another code in ${waitInWords(refusal.retryAfterSeconds)}.`;
}

/** A wrong recovery code at sign-in. */
export function recoverySentence(refusal: Refusal): string {
  if (refusal.code !== "invalid_code") return refusalSentence(refusal);
  return `That recovery code didn't work. Each one can be used once.${triesLeftSentence(refusal.triesLeft)}`;
}

const text = (details: unknown, key: string): string => {
  if (typeof details !== "object" || details === null) return "";
  // An object may be asked for any key; what comes of it is looked at.
  const value = (details as Record<string, unknown>)[key];
  return typeof value === "string" ? value : "";
};
const flag = (details: unknown, key: string) =>
  typeof details === "object" && details !== null && (details as Record<string, unknown>)[key] === true;
const quoted = (details: unknown) => (text(details, "name") ? ` “${text(details, "name")}”` : "");

const SIGNED_IN_WITH: Record<string, string> = {
  totp: "Signed in with password and code",
  recovery: "Signed in with password and a recovery code",
  email: "Signed in with password and a code from an e-mail",
  none: "Signed in with password",
  trusted: "Signed in with password in a trusted browser",
};

const REFUSED_WITH: Record<string, string> = {
  step_up_required: "Asked for something that takes a fresh proof first",
  enrolment_required: "Asked for something that takes two-factor sign-in first",
  password_change_required: "Asked for something that takes a new password first",
  insufficient_scope: "Asked for something that the API token is not for",
  not_found: "Asked for something that is not there",
};

const EVENTS: Record<EventKind, string | ((details: unknown) => string)> = {
  "account.created": "Account made",
  "sign_in.password_failed": (details) =>
    flag(details, "isDisabled")
      ? "Sign-in tried while the account was disabled"
      : "Wrong password at sign-in",
  "sign_in.challenged": "Right password, code asked for",
  "sign_in.succeeded": (details) => SIGNED_IN_WITH[text(details, "factor")] ?? "Signed in",
  "sign_in.code_mailed": "Emailed a code for sign-in",
  "sign_in.code_failed": "Wrong code at sign-in",
  "sign_in.locked": "Code held back after too many tries",
  sign_out: "Signed out",
  "session.revoked": "Signed a browser out",
  "sessions.revoked": "Signed all other browsers out",
  "trusted_browser.added": "Trusted a browser for 30 days",
  "trusted_browser.revoked": "Stopped trusting a browser",
  "trusted_browser.reused": "A trusted browser may have been copied, so it is trusted no longer",
  "trusted_browsers.revoked": "Stopped trusting all browsers",
  "step_up.succeeded": "Showed that it is you",
  "step_up.failed": "Wrong proof when asked who you are",
  "totp.started": (details) => `Began to set up the authenticator${quoted(details)}`,
  "totp.confirmed": (details) => `Added the authenticator${quoted(details)}`,
  "totp.confirm_failed": "Wrong code while setting up an authenticator",
  "totp.replaced": (details) => `Replaced the authenticator${quoted(details)}`,
  "totp.renamed": (details) =>
    quoted(details) ? `Renamed an authenticator to${quoted(details)}` : "Renamed an authenticator",
  "totp.tested": "Tested an authenticator",
  "totp.shown": "Saw an authenticator’s key again",
  "code.mailed": "Asked for a code by e-mail",
  "code.mailed_used": "Typed a code from an e-mail",
  "code.mailed_failed": "Wrong code from an e-mail",
  "totp.test_failed": "Wrong code while testing an authenticator",
  "totp.removed": (details) => `Removed the authenticator${quoted(details)}`,
  "totp.remove_failed": "Wrong code while removing an authenticator",
  "two_factor.on": "Turned two-factor sign-in on",
  "two_factor.off": "Turned two-factor sign-in off",
  "two_factor.reset": "Two-factor sign-in was reset by an administrator",
  "recovery_codes.made": "Made new recovery codes",
  "recovery_codes.saved": "Saved the recovery codes",
  "recovery_code.used": "Used a recovery code",
  "password.reset_asked": "Asked for a link to choose a new password",
  "password.reset": "Chose a new password by e-mail",
  "sign_in.unlocked": "Codes from new browsers count again",
  "email.confirmation_asked": "Asked for a link to confirm the address",
  "email.confirmed": "Confirmed the e-mail address",
  "email.change_asked": "Asked for a link to change the address",
  "email.change_failed": "Wrong password while changing the address",
  "email.changed": "Changed the e-mail address",
  "password.changed": "Changed the password",
  "password.change_failed": "Wrong password while changing it",
  "access.refused": (details) =>
    REFUSED_WITH[text(details, "refusal")] ?? "Asked for something that was refused",
  "api_token.made": (details) => `Made the API token${quoted(details)}`,
  "api_token.revoked": (details) => `Revoked the API token${quoted(details)}`,
  "totp.provisioned": (details) => `The authenticator${quoted(details)} was made, to be set up by its owner`,
  "totp.provision_withdrawn": (details) =>
    `The authenticator${quoted(details)} that waited for its owner was removed`,
  "account.invited": "Invited to choose a password",
  "account.disabled": "Account disabled by an administrator",
  "account.enabled": "Account enabled again by an administrator",
  "account.unlocked": "Codes count again, by an administrator",
  "access.ended": "Signed out everywhere by an administrator",
  "policy.changed": "Changed who must have two-factor sign-in",
  "policy.reminded": "Reminded that two-factor sign-in is required",
  "keys.changed": (details) =>
    text(details, "did") === "dropped"
      ? "Dropped a key that sealed secrets"
      : "Sealed all secrets with a new key",
  "backup.restored": "Restored the database from a backup",
  "audit.exported": (details) =>
    text(details, "what") === "adoption"
      ? "Downloaded who has two-factor sign-in"
      : "Exported from the audit log",
};

/** Why an operator did something, as its event has it; "" where nobody said. */
export function reasonIn(details: unknown): string {
  return text(details, "reason");
}

/** An event of the audit trail in words; a kind that this version does not know is shown as it is. */
export function eventInWords(kind: string, details: unknown): string {
  // One of the table's own keys.
  const words = Object.hasOwn(EVENTS, kind) ? EVENTS[kind as EventKind] : kind;
  return typeof words === "function" ? words(details) : words;
}

/** What a token may do by the APIs there are, for each scope of the access matrix. */
const SCOPES: Record<string, string> = {
  "2fa:challenge": "Have a code mailed to you (no API asks for it yet)",
  "2fa:enroll": "Set up an authenticator for you",
  "2fa:read": "See your authenticators, and that you have recovery codes",
  "2fa:verify": "Check your codes (no API asks for it yet)",
  "2fa:write": "Rename your authenticators",
  "audit:read.own": "Read your account’s activity (no API asks for it yet)",
  "sessions:read": "See where you are signed in (no API asks for it yet)",
  "sessions:write": "Sign your browsers out (no API asks for it yet)",
  "admin:2fa.reset": "Reset anybody’s two-factor sign-in (no API asks for it yet)",
  "admin:devices.read": "See all accounts and their authenticators",
  "admin:devices.write": "Make, rename and remove anybody’s authenticators",
  "admin:sessions.write":
    "Disable accounts, sign anybody out, let codes count again (no API asks for it yet)",
  "audit:read": "Read the audit log",
};

/** A scope in words; one that this version does not know is shown as it is. */
export function scopeInWords(scope: string): string {
  return Object.hasOwn(SCOPES, scope) ? (SCOPES[scope] ?? scope) : scope;
}

const CONSOLE_PAGES: Readonly<Record<string, string>> = {
  users: "Users",
  adoption: "Adoption",
  policy: "Policy",
  audit: "Audit log",
};

/** Names of places to come back to. */
export function pageName(path: string): string | null {
  const [pathname = ""] = path.split(/[?#]/);
  if (pathname.startsWith("/settings/security/authenticators/new")) return "Set up an authenticator";
  if (pathname.startsWith("/settings/security/recovery-codes")) return "Recovery codes";
  if (pathname.startsWith("/settings/security/activity")) return "Activity";
  if (pathname.startsWith("/settings/security/api-tokens")) return "API tokens";
  if (pathname.startsWith("/settings/password")) return "Password";
  if (pathname.startsWith("/settings/email")) return "E-mail address";
  if (pathname.startsWith("/settings")) return "Security settings";
  if (/^\/admin(?:\/|$)/.test(pathname)) return CONSOLE_PAGES[pathname.split("/")[2] ?? ""] ?? "the console";
  return null;
}

/** What a page says after something was done; the address names it, so only these can be said. */
const DONE: Record<string, string> = {
  "signed-out": "You are signed out.",
  renamed: "The authenticator has its new name.",
  removed: "The authenticator is removed.",
  declined: "The authenticator that waited for you is removed.",
  tested: "That code is right, and the clock of your phone is too.",
  "tested-slow":
    "That code is right. It was not the newest any more: if you typed it at once, the clock of your phone is about half a minute slow.",
  "tested-fast": "That code is right. The clock of your phone is about half a minute fast.",
  "turned-off": "Two-factor sign-in is off. Your password alone signs you in.",
  "codes-saved": "Your new recovery codes are saved. The old ones no longer work.",
  untrusted: "That browser will be asked for a code.",
  "untrusted-all": "All browsers will be asked for a code.",
  "token-revoked": "That token is revoked. Whatever uses it is refused from now on.",
  "signed-out-one": "That browser is signed out.",
  "signed-out-others": "All other browsers are signed out.",
  "password-chosen": "Your password is changed. Sign in with the new one.",
  "email-asked": "A link is on its way. Open it to confirm the address.",
  "email-change-asked":
    "A link is on its way to the new address. Until you confirm there, the old one stays.",
  "email-confirmed": "Your e-mail address is confirmed.",
  "password-changed": "Your password is changed. All other browsers are signed out.",
  cancelled: "Nothing was set up.",
};

/** The sentence for a `done` parameter of an address, or null. */
export function doneSentence(done: unknown): string | null {
  return typeof done === "string" && Object.hasOwn(DONE, done) ? (DONE[done] ?? null) : null;
}

/** Words of the pages, by page. */
export const m = {
  product: "Countersign",
  skip: "Skip to the content",
  common: {
    email: "E-mail address",
    password: "Password",
    name: "Your name",
    optional: "optional",
    show: "Show",
    hide: "Hide",
    showPassword: "Show the password",
    hidePassword: "Hide the password",
    copy: "Copy",
    copied: "Copied",
    copyByHand: "Selected: copy it by hand",
    cancel: "Cancel",
    back: "Back to Security",
    signOut: "Sign out",
    notDoneYet: (button: string) => `Not done yet: what you typed is here again. Press “${button}”.`,
    working: "One moment",
    goOn: "Go on",
    unknownBrowser: "Unknown browser",
    linkGone: "This link no longer works",
    code: "Authentication code",
    recoveryCode: "Recovery code",
    recoveryHint: "Letters and digits, with or without dashes. Each code works once.",
    tryAgain: "Try again",
  },
  signIn: {
    title: "Sign in",
    submit: "Sign in",
    expired: (place: string | null) =>
      place
        ? `For your security we ended this sign-in. Enter your password again and we'll bring you back to ${place}.`
        : "For your security we ended this sign-in. Enter your password again and we'll bring you back to where you were going.",
    forgotten: "Forgotten your password?",
    newHere: "New here?",
    makeAccount: "Make an account",
    next: "If your account has two-factor sign-in, the code comes next.",
  },
  forgotten: {
    title: "Choose a new password",
    intro: "We email you a link to choose it.",
    submit: "Email me a link",
    sentTitle: "Check your e-mail",
    sent: "If there is an account with this address, a link is on its way. It works once, for 30 minutes.",
    notThere:
      "Nothing there after a few minutes? Look in your spam folder, and check that the address is the one of your account.",
    again: "Ask again",
    back: "Back to sign-in",
  },
  newPassword: {
    title: "Choose a new password",
    intro: "All browsers are signed out by it. The next sign-in asks for your code as ever.",
    submit: "Use this password",
    invitedTitle: "Choose your password",
    invitedIntro: "An account was made for you here. Choose its password, then sign in with it.",
    gone: "It was used before, a newer one was sent, or its time is over.",
    again: "Ask for another one",
  },
  signUp: {
    title: "Make an account",
    submit: "Make the account",
    passwordHint: "At least 8 characters. A few words in a row are easy to remember and hard to guess.",
    haveOne: "Have an account?",
    closedTitle: "Accounts are made for you here",
    closed: "An administrator makes the accounts on this server. Ask yours for one, then sign in.",
  },
  setUp: {
    title: "Make the first administrator",
    intro:
      "This server is new. Whoever opened the link from its log makes the account that looks after it; the link works once.",
    submit: "Make the account",
    gone: "The first administrator is made, or the link is not the one from the server's log. Sign in instead.",
  },
  verify: {
    heads: {
      app: {
        title: "Enter your authentication code",
        text: ["Open your authenticator app and enter the", "6-digit code for"],
      },
      mail: {
        title: "Enter the code from your e-mail",
        text: ["Open your e-mail and enter the", "6-digit code for"],
      },
      recovery: {
        title: "Enter a recovery code",
        text: ["Enter one of the recovery codes", "that you saved for"],
      },
      locked: {
        title: "Codes from an app are held back here",
        text: ["There were too many wrong ones. A recovery code", "still opens"],
      },
    },
    trust: "Don't ask again on this browser for 30 days",
    passwordGiven: "Password given",
    submit: "Verify",
    useRecovery: "Use a recovery code",
    useApp: "Use your authenticator app",
    mailCode: "Email me a code",
    mailedCode: "Code from your e-mail",
    mailAgain: "Email a new code",
    mailAgainNote: "Nothing there? Look in your spam folder. A new code replaces the old one.",
    newPassword: "Choose a new password by e-mail",
    noAccess: "I can't access any of these",
    noAccessHelp:
      "Ask whoever runs this server. They can take the second step off your account, once they are sure that it is you who asks.",
    notYou: "Not you?",
  },
  recoveryUsed: {
    title: "You're signed in with a recovery code",
    left: (count: number) =>
      count === 1
        ? "That code is used up. You have 1 left."
        : `That code is used up. You have ${count} left.`,
    few: "Make new codes soon, so that you are not locked out.",
    none: "Make new codes now: without one and without your authenticator nobody gets you back in but the operator.",
    makeNew: "Make new recovery codes",
    goOn: (place: string | null) => (place ? `Go on to ${place}` : "Go on"),
  },
  stepUp: {
    title: "Show that it is you",
    byCode: "What comes next changes how your account is protected. Enter the code for",
    byPassword: "What comes next changes how your account is protected. Enter your password.",
    byRecovery: "What comes next changes how your account is protected. Enter a recovery code for",
    onOthers: {
      byCode: "What comes next changes somebody else's account or what everybody must do. Enter the code for",
      byRecovery:
        "What comes next changes somebody else's account or what everybody must do. Enter a recovery code for",
    },
    toConsole: "Back to the console",
    submit: "Go on",
  },
  settings: {
    sections: "Settings",
    security: "Security",
    password: "Password",
    email: "E-mail address",
    console: "Console",
    signedInAs: "Signed in as",
  },
  security: {
    title: "Security",
    on: (since: string) => `On since ${since}`,
    offTitle: "Two-factor sign-in is off",
    off: "Your password alone opens this account. With an authenticator app on your phone, a stolen password is not enough.",
    turnOn: "Set up an authenticator app",
    statusTitle: "Two-factor sign-in",
    codesLeft: (left: number) => `${left} of 10 recovery codes left`,
    lastUsed: (when: string) => `last used ${when}`,
    drift: (steps: number) =>
      steps < 0 ? "its clock may be a little slow" : "its clock may be a little fast",
    neverUsed: "not used yet",
    authenticators: "Authenticators",
    authenticatorsIntro: "Any one of these apps gives the code that sign-in asks for.",
    add: "Add another authenticator",
    added: (when: string) => `Added ${when}`,
    test: "Test",
    replace: "Replace",
    rename: "Rename",
    renameLabel: "New name",
    renameSubmit: "Save the name",
    remove: "Remove",
    recovery: "Recovery codes",
    recoveryIntro:
      "For when your phone is not at hand. Each code signs you in once, in place of one from the app.",
    recoveryLeft: (left: number) => (left === 1 ? "1 of 10 codes is left." : `${left} of 10 codes are left.`),
    recoveryFew: "Few are left. Make new ones and save them.",
    recoveryPending: "Your new codes are waiting to be saved.",
    recoveryShow: "Save them now",
    recoveryMake: "Make new codes",
    recoveryMakeNote: "The codes you have now stop working.",
    sessions: "Browsers",
    sessionsIntro: "Where your account is signed in.",
    thisBrowser: "This browser",
    firstSeen: (when: string) => `Signed in ${when}`,
    lastSeen: (when: string) => `seen ${when}`,
    commandLine: "On the server",
    byAdministrator: "By an administrator",
    signOutOne: "Sign out",
    signOutOneLabel: (browser: string) => `Sign out ${browser}`,
    signOutOthers: "Sign out all others",
    activity: "Activity",
    activityIntro:
      "The last 20 things that happened to this account. If one was not you, change your password.",
    allActivity: "All activity",
    what: "What",
    where: "Where",
    when: "When",
    turnOff: "Turn off two-factor sign-in",
    turnOffNote: "Your password alone would open this account.",
    required: "Two-factor sign-in is required for your account, so it cannot be turned off.",
    waiting: "Waiting for you",
    waitingIntro:
      "An administrator or a program made these authenticators for you. One works once you have scanned its QR code and entered a first code.",
    made: (when: string) => `Made ${when}`,
    setUp: "Set up",
    decline: "Remove",
  },
  demand: {
    label: "Two-factor sign-in",
    announced: (day: string) => `Two-factor sign-in will be required from ${day} on.`,
    required: (day: string) => `Two-factor sign-in is required from ${day} on:`,
    left: (days: number) => (days <= 1 ? "the last day." : `${days} days left.`),
    setUp: "Set it up now",
    due: "Your account needs two-factor sign-in. Set it up to go on: nothing else is open until then.",
  },
  trusted: {
    title: "Trusted browsers",
    intro: "In these your password is enough. You can choose that for 30 days when you enter a code.",
    none: "There are none: every sign-in asks for a code.",
    until: (when: string) => `Trusted until ${when}`,
    revoke: "Stop trusting",
    revokeLabel: (browser: string) => `Stop trusting ${browser}`,
    revokeAll: "Stop trusting all of them",
  },
  mailCodes: {
    title: "Codes by e-mail",
    ready: "When your phone is not at hand, sign-in can email you a code. It goes to",
    unconfirmed:
      "When your phone is not at hand, sign-in can email you a code, once you have confirmed your address.",
    confirm: "Confirm the address",
    note: "Such a code signs you in and no more: changes to your security still ask for your app or a recovery code.",
  },
  tokens: {
    title: "API tokens",
    intro: "With a token a program acts for you, within what you chose for it, without your password.",
    manage: "Manage API tokens",
    needsTwoFactor:
      "Two-factor sign-in comes first: tokens are made once your account asks for more than a password.",
    none: "There are none.",
    make: "Make a token",
    made: (when: string) => `Made ${when}`,
    lastUsed: (when: string) => `last used ${when}`,
    neverUsed: "never used",
    ends: (when: string) => `ends ${when}`,
    mayDo: (name: string) => `What “${name}” may do`,
    revoke: "Revoke",
    revokeLabel: (name: string) => `Revoke ${name}`,
    newTitle: "Your new token",
    newNote: "Copy it to where it is needed now. It is not shown again.",
    copy: "Copy the token",
    gone: "A token is shown once, when it was made. If you did not copy it, revoke it and make another.",
  },
  newToken: {
    title: "Make an API token",
    intro: "Give it no more than it needs. No token can make another, or change your password and factors.",
    name: "Name",
    nameHint: "What it is for: Nightly backup, Inventory script.",
    scopes: "What it may do",
    administrators: "What administrators can do",
    days: "Days until it ends",
    daysHint: "From 1 to 90. It also ends when you revoke it, or turn two-factor sign-in off.",
    submit: "Make the token",
  },
  activity: {
    title: "Activity",
    intro:
      "Everything that happened to this account, the newest first. If something was not you, change your password.",
    none: "There is nothing older.",
    older: "Older",
    newest: "Newest",
    pages: "Pages",
  },
  wizard: {
    steps: ["Scan", "Save", "Done"],
    stepsLabel: "Steps",
    startTitle: "Set up an authenticator app",
    startIntro:
      "An authenticator app on your phone shows a new code every 30 seconds. From then on sign-in asks for your password and that code.",
    waiting: "An authenticator was made for you and waits to be set up:",
    setUpWaiting: (name: string) => `Set up “${name}”`,
    waitingTitle: (name: string) => `Set up “${name}”`,
    later: "Not now",
    lapsed:
      "The set-up that you began took longer than 15 minutes. Begin again: you get a new picture, and an entry of the old one in your app can be deleted.",
    startNeed: "What you need",
    startNeeds: [
      "An authenticator app on your phone. Any one will do, also the one in your password manager.",
      "A place for ten recovery codes: a password manager, or paper in a drawer.",
    ],
    name: "Name",
    nameHint: "So that you know it from others: Phone, Tablet.",
    addTitle: "Add an authenticator app",
    addIntro:
      "Another app or device, which gives codes beside the ones you have. Your recovery codes stay as they are.",
    start: "Show the QR code",
    title: "Scan the QR code",
    replacing: (name: string) =>
      `“${name}” goes on working until you enter a code from the new one here. Your recovery codes stay as they are.`,
    step1: "Open your authenticator app and choose to add an account.",
    step2: "Point the camera at the picture.",
    step3: "Enter the 6-digit code that the app now shows.",
    qrAlt: "QR code for your authenticator app. If you cannot scan it, use the key under “Can't scan it?”.",
    cannotScan: "Can't scan it?",
    openApp: "Open in authenticator app",
    account: "Account",
    issuer: "Issuer",
    key: "Key",
    copyKey: "Copy key",
    copyLink: "Copy link",
    keyNote: "Choose “time-based” if the app asks.",
    submit: "Confirm",
    cancel: "Cancel the set-up",
    otherApp: "The code came out wrong more than once? Check that your phone sets its time by itself.",
  },
  codes: {
    title: "Save your recovery codes",
    intro:
      "If you lose your phone, one of these signs you in instead of a code from the app. Each works once. They are shown only now.",
    once: "Each code can be used once.",
    download: "Download",
    copy: "Copy",
    print: "Print",
    proofTitle: "Type one of your codes to confirm you saved them",
    proofLabel: "One of your codes",
    proofHint: "From where you saved them, in any case, with or without dashes. It is not used up.",
    submit: "Confirm",
    goneTitle: "Your recovery codes are not shown again",
    gone: "They were shown when they were made. If you did not save them, make new ones.",
    fileTitle: (issuer: string) => `Recovery codes for ${issuer}`,
    fileAccount: (email: string) => `Account: ${email}`,
    fileMade: (date: string) => `Made: ${date}`,
  },
  done: {
    title: "Two-factor sign-in is on",
    addedTitle: "The authenticator is added",
    first: "Your account now needs your password and a code.",
    added: "Codes from it work from now on, beside those of your other authenticators.",
    replacedTitle: "The authenticator is replaced",
    replaced:
      "Codes from the old one no longer work, so you can delete its entry there. Your recovery codes stay as they were.",
    nextSignIn: "At your next sign-in we ask for your password, then for the 6-digit code from your app.",
    phoneLost: "Without your phone, enter one of your recovery codes there.",
    addSecond: "Add a second authenticator",
    addSecondNote: "A tablet or another phone, for the day the first one is gone.",
    toSettings: "Go to Security",
  },
  test: {
    title: (name: string) => `Test “${name}”`,
    intro: "Enter the 6-digit code that it shows now. We tell you whether it is right, and if not, why.",
    used: "A code that was tested is used up: for the next sign-in the app shows another.",
    submit: "Test the code",
  },
  replace: {
    title: (name: string) => `Replace “${name}”`,
    intro: "For a new phone or another app. You scan a QR code with the new one and enter a code from it.",
    kept: "Until then the old one goes on working. Your recovery codes stay as they are.",
    submit: "Show the QR code",
    keep: "Keep the old one",
  },
  remove: {
    title: (name: string) => `Remove “${name}”`,
    last: "This is your only authenticator. Removing it turns two-factor sign-in off: your password alone would open this account, and your recovery codes and API tokens stop working.",
    other: "Codes from it stop working at once. Your other authenticators and your recovery codes stay.",
    proof: "Enter a code from any of your authenticators, or a recovery code.",
    submit: "Remove the authenticator",
    submitLast: "Remove it and turn two-factor off",
    keep: "Keep it",
  },
  turnOff: {
    title: "Turn off two-factor sign-in",
    consequence:
      "All your authenticators, recovery codes and API tokens stop working, and your password alone opens this account. Whoever learns it gets in.",
    proof: "Enter a code from any of your authenticators, or a recovery code.",
    submit: "Turn it off",
    keep: "Keep it on",
  },
  password: {
    title: "Password",
    intro: "Changing it signs all your other browsers out.",
    demanded:
      "An administrator unlocked your account and asks for a new password, because somebody else may know the one you have. Choose it first; everything else is open again afterwards.",
    current: "Current password",
    next: "New password",
    submit: "Change the password",
  },
  email: {
    title: "E-mail address",
    intro: "You sign in with it, and we write there when something happens to your account.",
    confirmed: (when: string) => `Confirmed ${when}.`,
    unconfirmed: "This address is not confirmed yet.",
    confirm: "Email me a link to confirm it",
    changeTitle: "Change the address",
    changeIntro:
      "We send a link to the new one, and tell the old one. You go on signing in with the old one until you confirm.",
    next: "New e-mail address",
    submit: "Send a link to the new address",
  },
  confirmEmail: {
    title: "Confirm this address",
    intro: "Confirm that this address is yours.",
    changeIntro: "From then on you sign in with this address, and mails go there.",
    submit: "Yes, confirm it",
    gone: "It was used before, a newer one was sent, or more than 24 hours have passed. Ask for another one in your settings.",
  },
  errors: {
    notFoundTitle: "There is nothing here",
    notFound: "The address may be old or mistyped.",
    start: "Go to the start",
    failedTitle: "Something went wrong on our side",
    failed: "Nothing was changed. Try again in a moment.",
    offline: "The answer did not arrive. Check your connection and try again.",
  },
} as const;
