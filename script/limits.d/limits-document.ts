import { LIMITS } from "@/lib/core/limits";

/** What is limited, and how, in words. */
type Row = [what: string, limit: string];

function inWords(seconds: number): string {
  const units: [number, string][] = [
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
    [1, "second"],
  ];
  const [size, unit] = units.find(([size]) => seconds >= size && seconds % size === 0) ?? [1, "second"];
  const count = seconds / size;
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** Rows by the names in LIMITS: a limit that is added there does not compile until it has words here. */
function rowsOf(limits: typeof LIMITS): Record<keyof typeof LIMITS, Row[]> {
  const { challenge, account, knownBrowser, trustedBrowser, address, password, recoveryCodes } = limits;
  const {
    mails,
    newPasswordLink,
    emailLink,
    mailedCode,
    unlock,
    invitation,
    refusalNotes,
    provisioned,
    apiTokens,
    session,
    stepUp,
    pendingSetup,
    authenticators,
    grace,
    clockDiagnosis,
    input,
  } = limits;
  const waits = account.waits.map(({ failures, seconds }) => `${inWords(seconds)} after ${failures}`);
  return {
    challenge: [
      [
        "A sign-in whose code is owed",
        `${challenge.tries} tries within ${inWords(challenge.ttlSeconds)}, then the password again`,
      ],
      [
        "Such sign-ins at once, for one account from one address",
        `${challenge.openPerAddress} in browsers it knows and ${challenge.openPerAddress} in others; the oldest goes`,
      ],
    ],
    account: [
      [
        "Wrong codes from unknown browsers, for one account",
        `${account.units} within ${account.windowDays} days, then only recovery codes and known browsers; waits on the way: ${waits.join(", ")}`,
      ],
      ["A code compared with several authenticators", "costs one unit for each of them"],
    ],
    knownBrowser: [
      [
        "Wrong codes from a browser the account knows",
        `${knownBrowser.units} of its own, then it counts as unknown`,
      ],
      [
        "A browser stays known",
        `${knownBrowser.ttlDays} days; at most ${knownBrowser.perUser} for one account`,
      ],
    ],
    trustedBrowser: [
      [
        "A browser that is not asked for a code again",
        `${trustedBrowser.ttlDays} days from the first; at most ${trustedBrowser.perUser} for one account, the oldest goes`,
      ],
      [
        "An old token of such a browser ends its trust",
        `unless it comes within ${inWords(trustedBrowser.graceSeconds)} after the new one was given`,
      ],
    ],
    address: [
      [
        "Passwords from one address (IPv4, or IPv6 /64)",
        `${address.passwords.tries} within ${inWords(address.passwords.windowSeconds)}`,
      ],
      [
        "Wrong codes from one address",
        `${address.factors.failures} within ${inWords(address.factors.windowSeconds)}, ` +
          `${address.factorsDaily.failures} within ${inWords(address.factorsDaily.windowSeconds)}`,
      ],
      [
        "New accounts from one address",
        `${address.signUps.tries} within ${inWords(address.signUps.windowSeconds)}`,
      ],
      [
        "Mails asked for from one address",
        `${address.mailRequests.tries} within ${inWords(address.mailRequests.windowSeconds)}`,
      ],
    ],
    password: [
      [
        "Wrong passwords from unknown browsers, for one account",
        `from the ${password.freeFailures}th on a wait: ${inWords(password.firstWaitSeconds)} at first, doubling up to ` +
          `${inWords(password.maxWaitSeconds)}; forgotten after ${inWords(password.forgetSeconds)} without one`,
      ],
    ],
    recoveryCodes: [
      ["Recovery codes in a set", `${recoveryCodes.count}, each good once`],
      ["New sets of recovery codes, for one account", `${recoveryCodes.setsPerHour} within 1 hour`],
      [
        "New recovery codes can be seen again",
        `for ${inWords(recoveryCodes.revealSeconds)}, or until one is typed back`,
      ],
    ],
    mails: [
      [
        "Mails that are asked for, to one account",
        `${mails.perQuarterHour} of each kind within 15 minutes, ${mails.perDay} a day`,
      ],
      [
        "Links to a new password, to one account",
        `as many for each network address that asks, and for browsers that the account knows; for all others together ${newPasswordLink.byAll} within ${inWords(newPasswordLink.ttlSeconds)}, as long as a link is good`,
      ],
      ["Mails to an address that accounts ask to change to", `${mails.perDayByAll} a day, whoever asks`],
      ["Mails that tell of a first wrong code, to one account", `${mails.wrongCodePerHour} within 1 hour`],
    ],
    newPasswordLink: [
      ["A link to choose a new password", `once, within ${inWords(newPasswordLink.ttlSeconds)}`],
    ],
    mailedCode: [
      [
        "A code mailed for a sign-in",
        `${mailedCode.digits} digits, within ${inWords(mailedCode.ttlSeconds)}, the newest alone; another one after ${inWords(mailedCode.resendSeconds)}`,
      ],
    ],
    emailLink: [["A link to confirm an e-mail address", `once, within ${inWords(emailLink.ttlSeconds)}`]],
    unlock: [
      [
        "A new password by mail gives used-up tries back",
        `${unlock.times} times within ${unlock.windowDays} days, for one account`,
      ],
    ],
    session: [
      ["Sessions at once, for one account", `${session.perUser}; the oldest ends`],
      [
        "An administrator's session ends",
        `after ${session.adminIdleMinutes} idle minutes, and after ${session.adminMaxHours} hours in any case`,
      ],
    ],
    stepUp: [["A proof stays fresh for what is sensitive", inWords(stepUp.freshSeconds)]],
    pendingSetup: [
      ["An authenticator set up but not proven", `lapses after ${inWords(pendingSetup.ttlSeconds)}`],
      ["Such set-ups at once, for one account", `${pendingSetup.perUser}; the oldest goes`],
    ],
    provisioned: [
      [
        "Authenticators that wait for their owner to prove them, for one account",
        `${provisioned.perUser}, until they are proven or removed`,
      ],
      ["Made for one account, each of which tells its owner by mail", `${provisioned.perHour} within 1 hour`],
      [
        "Codes that programs send to prove one of them",
        `${provisioned.programTries}, then its owner alone can`,
      ],
    ],
    apiTokens: [
      ["An API token", `at most ${apiTokens.maxDays} days; ${apiTokens.defaultDays} unless asked otherwise`],
      ["API tokens of one account", String(apiTokens.perUser)],
      ["API tokens that somebody makes", `${apiTokens.perHour} within 1 hour`],
      ["A new API token waits to be shown", `once, within ${inWords(apiTokens.revealSeconds)}`],
    ],
    refusalNotes: [
      [
        "Refused acts of one account in the audit trail",
        `${refusalNotes.perHour} within 1 hour; more are refused alike`,
      ],
    ],
    invitation: [
      [
        "A link by which an invited person chooses a password",
        `once, within ${inWords(invitation.ttlSeconds)}`,
      ],
    ],
    authenticators: [
      ["Authenticators of one account", String(authenticators.perUser)],
      ["An authenticator's name", `${authenticators.nameLength} characters`],
    ],
    grace: [
      [
        "Grace to set up two-factor sign-in that policy asks for",
        `at most ${grace.maxDays} days from the first sign-in after its date`,
      ],
      [
        "Reminders of it by mail",
        `when it begins, when half of it and no more than ${grace.remindDays[0]} days are left, and on the last day`,
      ],
    ],
    clockDiagnosis: [
      [
        "How far a wrong code is looked for, to tell its owner how much the clock is off",
        `${clockDiagnosis.steps} codes before and after now; none of them is accepted`,
      ],
    ],
    input: [
      ["A password", `${input.passwordMin} to ${input.passwordMax} characters`],
      ["An e-mail address", `${input.emailLength} characters`],
      ["A name", `${input.nameLength} characters`],
      ["A reason given for an act on somebody else's account", `${input.reasonLength} characters`],
      ["A code as typed", `${input.codeLength} characters`],
    ],
  };
}

/** docs/limits.md. */
export function limitsDocument(): string {
  const rows = Object.values(rowsOf(LIMITS)).flat();
  const table = rows.map(([what, limit]) => `| ${what} | ${limit} |`);
  return `# Limits

Made by \`script/limits\` from \`lib/core/limits.ts\`; change them there.

| what | limit |
|---|---|
${table.join("\n")}

All counts are kept in the database, so they hold over any number of instances and restarts. How long other people's
sessions last is a setting: \`SESSION_IDLE_MINUTES\` and \`SESSION_MAX_HOURS\`. Limits by address can be left to
something in front with \`RATE_LIMIT_ADDRESS=off\`; those of accounts cannot be turned off.
`;
}
