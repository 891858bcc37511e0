/**
 * Every number that limits somebody, in one place; docs/limits.md is made from this file. Units come last in the name.
 * The figures follow NIST SP 800-63B-4 (throttling, reauthentication) and OWASP ASVS 5.0; see SECURITY.md.
 */
export const LIMITS = {
  challenge: { tries: 5, ttlSeconds: 600, openPerAddress: 5 },
  /** Wrong codes from browsers the account does not know, in a rolling year. */
  account: {
    windowDays: 365,
    units: 20,
    /** From so many failures on, the wait after reaching that number. */
    waits: [
      { failures: 5, seconds: 60 },
      { failures: 10, seconds: 900 },
      { failures: 15, seconds: 3600 },
    ],
  },
  /** A browser in which this account finished a full two-factor sign-in before. */
  knownBrowser: { units: 10, ttlDays: 365, perUser: 10 },
  /** A browser in which the code is not asked for again. Within the grace, the token before the last is no sign of theft. */
  trustedBrowser: { ttlDays: 30, perUser: 10, graceSeconds: 30 },
  /** One IPv4 address, or one IPv6 /64. Ends in 429 and a wait, never in a lock. */
  address: {
    passwords: { tries: 30, windowSeconds: 60 },
    factors: { failures: 20, windowSeconds: 600 },
    factorsDaily: { failures: 100, windowSeconds: 86_400 },
    signUps: { tries: 20, windowSeconds: 3600 },
    mailRequests: { tries: 20, windowSeconds: 3600 },
  },
  /** Wrong passwords from unknown browsers: from `freeFailures` on a wait that doubles; forgotten after a day of peace. */
  password: { freeFailures: 10, firstWaitSeconds: 5, maxWaitSeconds: 900, forgetSeconds: 86_400 },
  recoveryCodes: { count: 10, revealSeconds: 900, setsPerHour: 5 },
  /**
   * Mails that somebody asks for, of each kind, for one account. Links to an address that is to be somebody's new one are
   * limited by all who ask together, too. And mails that tell of a first wrong code.
   */
  mails: { perQuarterHour: 3, perDay: 10, perDayByAll: 30, wrongCodePerHour: 1 },
  /**
   * How many are mailed to an account, as long as one is good, whichever strangers ask: when they have used them up, one that
   * is good lies in the mailbox.
   */
  newPasswordLink: { ttlSeconds: 1800, byAll: 2 },
  /** A code that is mailed for one sign-in. */
  mailedCode: { digits: 6, ttlSeconds: 600, resendSeconds: 60 },
  /** A link that says: this mailbox is mine. */
  emailLink: { ttlSeconds: 86_400 },
  /** A new password by mail gives an account's own tries in unknown browsers back, when they are used up. */
  unlock: { times: 3, windowDays: 365 },
  /** Refused acts that are written into the audit trail, of one account: it can only grow. */
  refusalNotes: { perHour: 60 },
  /** A link by which somebody whose account an administrator made chooses their password. */
  invitation: { ttlSeconds: 604_800 },
  session: { perUser: 20, adminIdleMinutes: 15, adminMaxHours: 12 },
  stepUp: { freshSeconds: 600 },
  pendingSetup: { ttlSeconds: 900, perUser: 5 },
  authenticators: { perUser: 10, nameLength: 64 },
  /** Authenticators that an administrator or a program made and their owner has not proven: how many at a time. */
  provisioned: { perUser: 50, perHour: 60, programTries: 5 },
  apiTokens: { perUser: 50, perHour: 60, maxDays: 90, defaultDays: 30, nameLength: 64, revealSeconds: 300 },
  /** How long somebody may have to set up two-factor sign-in that policy asks for, and how long before its end a mail says so. */
  grace: { maxDays: 90, remindDays: [3, 1] },
  /** How many steps before and after now a wrong code is looked for, to tell its owner how far the clock is off. */
  clockDiagnosis: { steps: 20 },
  input: {
    emailLength: 254,
    passwordMin: 8,
    passwordMax: 128,
    nameLength: 100,
    reasonLength: 500,
    codeLength: 64,
  },
} as const;

/** From so few recovery codes on, their owner is asked to make new ones. */
export const FEW_RECOVERY_CODES = 3;
