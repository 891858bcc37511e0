import {
  type Answered,
  type Case,
  type Cases,
  type Json,
  TEN_CODES,
  TRUE_OR_FALSE,
  type Troubles,
} from "../cases";

const CREDENTIALS = { email: "<email>", password: "<password>" };
const NEW_PERSON = { email: "<new email>", password: "<password>", name: "Ada" };
const PASSWORD = { password: "<password>" };
const WRONG_PASSWORD = { password: "not the password" };
const NEW_PASSWORD = { currentPassword: "<password>", newPassword: "<new password>" };
const CODE = { code: "<code>" };
const WRONG_CODE = { code: "<wrong code>" };
const MAILED_CODE = { code: "<mailed code>" };
const RECOVERY_CODE = { code: "<recovery code>" };

const user = (twoFactorEnabled: boolean, more: { [field: string]: Json } = {}) => ({
  id: "<id>",
  name: "",
  email: "<email>",
  emailVerified: TRUE_OR_FALSE,
  image: null,
  createdAt: "<moment>",
  updatedAt: "<moment>",
  twoFactorEnabled,
  ...more,
});
const session = (token: string) => ({
  id: "<id>",
  token,
  userId: "<id>",
  expiresAt: "<moment>",
  createdAt: "<moment>",
  updatedAt: "<moment>",
  ipAddress: "<text>",
  userAgent: "<text>",
});
const DONE: Answered = { status: 200, answers: { status: true } };
const VERIFIED: Answered = {
  status: 200,
  answers: { status: true, token: "<text>", user: user(true), session: session("<text>") },
};
const PENDING: Answered = {
  status: 200,
  answers: { twoFactorRedirect: true, twoFactorMethods: ["totp", "otp"], twoFactorToken: "<text>" },
};
const KEY = { method: "totp", totpURI: "<key URI>", backupCodes: TEN_CODES };

const no = (status: number, code: string): Answered => ({ status, answers: { message: "<text>", code } });
const UNAUTHORIZED = no(401, "UNAUTHORIZED");
const INVALID = no(400, "VALIDATION_ERROR");
const NO_CHALLENGE = no(401, "INVALID_TWO_FACTOR_COOKIE");
const WRONG = no(401, "INVALID_CODE");
const STALE: Pick<Case, "who"> & Answered = { who: "stale", ...no(403, "SESSION_NOT_FRESH") };
const TOO_MANY: Answered = { status: 429, answers: { message: "<text>" } };
const WAITS: Pick<Case, "outOfTries"> & Answered = { outOfTries: "address", ...TOO_MANY };
const IS_LOCKED: Pick<Case, "outOfTries"> & Answered = {
  outOfTries: "account",
  ...no(429, "ACCOUNT_TEMPORARILY_LOCKED"),
};
const NO_MAILS = { settings: { emailCodes: false } };

const BASE = "/api/auth";
const TWO_FACTOR = `${BASE}/two-factor`;
/** A browser that is not trusted is asked for the code the next time, too. */
const ASKED_AGAIN: Case["next"] = {
  asks: `POST ${BASE}/sign-in/email`,
  sends: CREDENTIALS,
  ...PENDING,
};
const GET_SESSION = `GET ${BASE}/get-session`;

/** What Athena answers about accounts and sessions. */
const account: Cases = {
  [`POST ${BASE}/sign-up/email`]: [
    {
      who: "nobody",
      sends: NEW_PERSON,
      status: 200,
      answers: { token: "<text>", user: user(false, { email: "<new email>", name: "Ada" }) },
    },
    {
      who: "nobody",
      sends: { ...NEW_PERSON, image: "https://example.org/ada.png" },
      status: 200,
      answers: { token: "<text>", user: user(false, { email: "<new email>", name: "Ada", image: null }) },
      differs: {
        original: "The address of a picture is kept and shown.",
        reason: "There are no pictures of people here; what is sent is taken and forgotten.",
      },
    },
    { who: "nobody", sends: { ...NEW_PERSON, password: "short" }, ...no(400, "PASSWORD_TOO_SHORT") },
    {
      who: "nobody",
      sends: { ...NEW_PERSON, password: "x".repeat(129) },
      ...no(400, "PASSWORD_TOO_LONG"),
    },
    { who: "nobody", sends: { email: "<new email>" }, ...INVALID },
    {
      who: "nobody",
      settings: { signUp: "closed" },
      sends: NEW_PERSON,
      ...no(400, "EMAIL_PASSWORD_SIGN_UP_DISABLED"),
    },
    {
      who: "person",
      sends: { ...CREDENTIALS, name: "Ada" },
      ...no(422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"),
    },
    { who: "nobody", sends: NEW_PERSON, ...WAITS },
  ],
  [`POST ${BASE}/sign-in/email`]: [
    {
      who: "person",
      sends: CREDENTIALS,
      status: 200,
      answers: { redirect: false, token: "<text>", user: user(false) },
    },
    {
      who: "protected",
      sends: CREDENTIALS,
      ...PENDING,
      differs: {
        original: "The challenge is in a cookie alone.",
        reason:
          "It is in the body, too, as twoFactorToken: with it as bearer token, clients that keep no cookies finish a sign-in.",
      },
    },
    {
      who: "protected",
      ...NO_MAILS,
      sends: CREDENTIALS,
      status: 200,
      answers: { twoFactorRedirect: true, twoFactorMethods: ["totp"], twoFactorToken: "<text>" },
      differs: {
        original: "twoFactorMethods has otp as soon as the server can send codes.",
        reason: "Codes by mail are the operator's choice, with EMAIL_CODES.",
      },
    },
    {
      who: "person",
      sends: { ...CREDENTIALS, callbackURL: "https://example.org/elsewhere" },
      status: 200,
      answers: { redirect: false, token: "<text>", user: user(false) },
      differs: {
        original: "With callbackURL the answer tells the client to go there.",
        reason:
          "Where to go is the application's own matter; an answer that sends people elsewhere is a lever for phishing.",
      },
    },
    {
      who: "trusted once",
      sends: CREDENTIALS,
      ...PENDING,
      differs: {
        original: "A trusted browser stays trusted when the password changes.",
        reason:
          "Whoever changes a password wants to be rid of somebody; every trusted browser is asked again.",
      },
    },
    {
      who: "nobody",
      sends: { email: "<new email>", password: "<password>" },
      ...no(401, "INVALID_EMAIL_OR_PASSWORD"),
    },
    { who: "nobody", sends: {}, ...INVALID },
    { who: "nobody", sends: { email: "nobody", password: "<password>" }, ...no(400, "INVALID_EMAIL") },
    { who: "protected", sends: CREDENTIALS, ...WAITS },
  ],
  [`POST ${BASE}/sign-out`]: [
    {
      who: "protected",
      sends: {},
      status: 200,
      answers: { success: true },
      next: { asks: GET_SESSION, status: 200, answers: null },
    },
    { who: "nobody", sends: {}, status: 200, answers: { success: true } },
  ],
  [GET_SESSION]: [
    { who: "protected", status: 200, answers: { session: session("<token>"), user: user(true) } },
    { who: "owed", status: 200, answers: null },
    {
      who: "due",
      status: 200,
      answers: null,
      differs: {
        original: "Nothing requires two-factor authentication.",
        reason:
          "Applications take the account for signed in by this answer, and it may do nothing but set two-factor authentication up.",
      },
    },
    {
      who: "away",
      status: 200,
      answers: null,
      differs: {
        original: "A session lives for seven days after it was last used.",
        reason:
          "The cookie does; the session behind it is the pages' own, with the operator's SESSION_IDLE_MINUTES and SESSION_MAX_HOURS.",
      },
    },
  ],
  [`GET ${BASE}/list-sessions`]: [
    {
      who: "signed in twice",
      status: 200,
      answers: [session("<id>"), session("<token>")],
      differs: {
        original: "Each session's token is in the list.",
        reason:
          "Tokens are not stored, and a list of them would open everything. What stands there for all but the caller's own is a name, good for revoke-session alone.",
      },
    },
    { who: "owed", ...UNAUTHORIZED },
    { who: "due", ...no(403, "FORBIDDEN") },
  ],
  [`POST ${BASE}/revoke-session`]: [
    {
      who: "signed in twice",
      sends: { token: "<other session>" },
      ...DONE,
      next: { asks: `GET ${BASE}/list-sessions`, status: 200, answers: [session("<token>")] },
    },
    {
      who: "protected",
      sends: { token: "<token>" },
      ...DONE,
      next: { asks: GET_SESSION, status: 200, answers: null },
    },
    { who: "protected", sends: { token: "none of mine" }, ...DONE },
    { who: "protected", sends: {}, ...INVALID },
    { who: "owed", sends: { token: "<token>" }, ...UNAUTHORIZED },
    {
      ...STALE,
      sends: { token: "<token>" },
      differs: {
        original: "A session is enough, however long ago the second factor was proven.",
        reason:
          "Ending sessions throws people out. It takes a second factor of the last ten minutes, as on the pages.",
      },
    },
    {
      who: "stale person",
      sends: { token: "<token>" },
      ...no(403, "SESSION_NOT_FRESH"),
      differs: {
        original: "A session is enough, however long ago it began.",
        reason: "Without a second factor it takes a password of the last ten minutes: sign in again.",
      },
    },
  ],
  [`POST ${BASE}/revoke-sessions`]: [
    { who: "protected", sends: {}, ...DONE, next: { asks: GET_SESSION, status: 200, answers: null } },
    { who: "nobody", sends: {}, ...UNAUTHORIZED },
    { ...STALE, sends: {} },
  ],
  [`POST ${BASE}/revoke-other-sessions`]: [
    {
      who: "signed in twice",
      sends: {},
      ...DONE,
      next: { asks: `GET ${BASE}/list-sessions`, status: 200, answers: [session("<token>")] },
    },
    { who: "owed", sends: {}, ...UNAUTHORIZED },
    { ...STALE, sends: {} },
  ],
  [`POST ${BASE}/change-password`]: [
    {
      who: "signed in twice",
      sends: NEW_PASSWORD,
      status: 200,
      answers: { token: "<text>", user: user(true) },
      next: { asks: `GET ${BASE}/list-sessions`, status: 200, answers: [session("<token>")] },
      differs: {
        original:
          "Other sessions end only where revokeOtherSessions asks for it; else this one keeps its token and the answer has none.",
        reason:
          "A new password is to be rid of somebody: it ends other sessions, and copies of this one's token.",
      },
    },
    {
      who: "protected",
      sends: { ...NEW_PASSWORD, revokeOtherSessions: true },
      status: 200,
      answers: { token: "<text>", user: user(true) },
    },
    {
      who: "protected",
      sends: { currentPassword: "wrong one", newPassword: "<new password>" },
      ...no(400, "INVALID_PASSWORD"),
    },
    {
      who: "stale person",
      sends: NEW_PASSWORD,
      status: 200,
      answers: { token: "<text>", user: user(false) },
    },
    { who: "protected", sends: {}, ...INVALID },
    { who: "owed", sends: NEW_PASSWORD, ...UNAUTHORIZED },
    { who: "due", sends: NEW_PASSWORD, ...no(403, "FORBIDDEN") },
    { ...STALE, sends: NEW_PASSWORD },
    { who: "protected", sends: NEW_PASSWORD, ...WAITS },
  ],
};

/** What Athena answers about the second factor. */
const twoFactor: Cases = {
  [`POST ${TWO_FACTOR}/enable`]: [
    { who: "person", sends: PASSWORD, status: 200, answers: KEY },
    { who: "setting up", sends: PASSWORD, status: 200, answers: KEY },
    {
      who: "person",
      sends: { ...PASSWORD, issuer: "Example" },
      status: 200,
      answers: { ...KEY, totpURI: "<key URI of Example>" },
      next: {
        asks: `POST ${TWO_FACTOR}/get-totp-uri`,
        sends: PASSWORD,
        status: 200,
        answers: { totpURI: "<key URI of Example>" },
      },
      differs: {
        original: "The issuer of the request is forgotten: get-totp-uri answers the server's own.",
        reason: "An app would show one account under two names.",
      },
    },
    {
      who: "person",
      sends: { ...PASSWORD, method: "otp" },
      status: 200,
      answers: { method: "otp" },
      next: { asks: GET_SESSION, status: 200, answers: { session: session("<token>"), user: user(false) } },
      differs: {
        original: "Two-factor is on at once, with mailed codes as its only factor.",
        reason:
          "A code by mail protects nobody whose mailbox is read; it comes beside an authenticator, never instead.",
      },
    },
    {
      who: "person",
      ...NO_MAILS,
      sends: { ...PASSWORD, method: "otp" },
      ...no(400, "OTP_NOT_CONFIGURED"),
    },
    { who: "stale person", sends: PASSWORD, status: 200, answers: KEY },
    { who: "person", sends: WRONG_PASSWORD, ...no(400, "INVALID_PASSWORD") },
    { who: "protected", sends: PASSWORD, ...no(400, "TOTP_ALREADY_ENABLED") },
    { who: "nobody", sends: PASSWORD, ...UNAUTHORIZED },
    { who: "nobody", sends: {}, ...INVALID },
    { ...STALE, sends: PASSWORD },
    { who: "person", sends: PASSWORD, ...WAITS },
  ],
  [`POST ${TWO_FACTOR}/get-totp-uri`]: [
    { who: "setting up", sends: PASSWORD, status: 200, answers: { totpURI: "<key URI>" } },
    { who: "protected", sends: PASSWORD, status: 200, answers: { totpURI: "<key URI>" } },
    { who: "person", sends: PASSWORD, ...no(400, "TOTP_NOT_ENABLED") },
    { who: "owed", sends: PASSWORD, ...UNAUTHORIZED },
    {
      ...STALE,
      sends: PASSWORD,
      differs: {
        original: "The password is enough to see the key of an authenticator in use.",
        reason:
          "Else a stolen password and an open browser would be both factors. The owner is told by mail, besides.",
      },
    },
    { who: "setting up", sends: PASSWORD, ...WAITS },
  ],
  [`POST ${TWO_FACTOR}/verify-totp`]: [
    { who: "owed", sends: CODE, ...VERIFIED },
    {
      who: "owed",
      sends: { ...CODE, trustDevice: true },
      ...VERIFIED,
      next: {
        asks: `POST ${BASE}/sign-in/email`,
        sends: CREDENTIALS,
        status: 200,
        answers: { redirect: false, token: "<text>", user: user(true) },
      },
    },
    { who: "setting up", sends: CODE, ...VERIFIED },
    {
      who: "protected",
      sends: CODE,
      ...VERIFIED,
      next: { asks: `POST ${TWO_FACTOR}/verify-totp`, sends: CODE, ...WRONG },
      differs: {
        original: "A code is good as long as it is shown.",
        reason:
          "A code is good once (RFC 6238, section 5.2), and says no more than a wrong one the second time.",
      },
    },
    { who: "owed", sends: WRONG_CODE, ...WRONG },
    { who: "owed, code used", sends: CODE, ...WRONG },
    { who: "owed", sends: RECOVERY_CODE, ...WRONG },
    { who: "owed and failing", sends: CODE, ...no(400, "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE") },
    { who: "person", sends: WRONG_CODE, ...no(400, "TOTP_NOT_ENABLED") },
    { who: "nobody", sends: WRONG_CODE, ...NO_CHALLENGE },
    { who: "owed", sends: CODE, ...IS_LOCKED },
  ],
  [`POST ${TWO_FACTOR}/send-otp`]: [
    { who: "protected", ...DONE },
    {
      who: "person",
      ...no(400, "TWO_FACTOR_NOT_ENABLED"),
      differs: {
        original: "Whoever is signed in is mailed a code.",
        reason: "Without two-factor there is nothing that a mailed code would be for.",
      },
    },
    {
      who: "owed",
      ...no(400, "OTP_NOT_ENABLED"),
      differs: {
        original: "A code goes to the account's address, whether it was confirmed or not.",
        reason: "An address that nobody confirmed may be somebody else's.",
      },
    },
    { who: "owed", ...NO_MAILS, ...no(400, "OTP_NOT_CONFIGURED") },
    { who: "nobody", ...NO_CHALLENGE },
    {
      who: "owed and mailed",
      ...TOO_MANY,
      differs: {
        original: "A code is mailed each time that one is asked for.",
        reason: "One a minute, three a quarter of an hour, ten a day: mails cost their reader.",
      },
    },
  ],
  [`POST ${TWO_FACTOR}/verify-otp`]: [
    { who: "owed and mailed", sends: MAILED_CODE, ...VERIFIED },
    {
      who: "owed and mailed",
      sends: { ...MAILED_CODE, trustDevice: true },
      ...VERIFIED,
      next: ASKED_AGAIN,
      differs: {
        original: "The browser is trusted from then on.",
        reason:
          "Whoever reads the mailbox once would not be asked for a code any more. Only the authenticator gives trust.",
      },
    },
    {
      who: "stale and mailed",
      sends: MAILED_CODE,
      ...VERIFIED,
      next: { asks: `POST ${TWO_FACTOR}/disable`, sends: PASSWORD, ...no(403, "SESSION_NOT_FRESH") },
      differs: {
        original: "A mailed code is worth as much as one of the authenticator.",
        reason:
          "Whoever reads the mailbox must not be able to turn two-factor off: what is sensitive takes the authenticator.",
      },
    },
    { who: "owed and mailed", sends: WRONG_CODE, ...WRONG },
    { who: "owed", sends: WRONG_CODE, ...no(400, "OTP_HAS_EXPIRED") },
    { who: "nobody", sends: WRONG_CODE, ...NO_CHALLENGE },
    { who: "owed and mailed", sends: MAILED_CODE, ...IS_LOCKED },
  ],
  [`POST ${TWO_FACTOR}/verify-backup-code`]: [
    { who: "owed", sends: RECOVERY_CODE, ...VERIFIED },
    {
      who: "owed",
      sends: { ...RECOVERY_CODE, trustDevice: true },
      ...VERIFIED,
      next: ASKED_AGAIN,
      differs: {
        original: "The browser is trusted from then on.",
        reason: "Whoever uses a backup code has lost a phone, and may have lost the codes, too.",
      },
    },
    {
      who: "owed",
      sends: { ...RECOVERY_CODE, disableSession: "true" },
      status: 200,
      answers: { user: user(true) },
    },
    { who: "owed", sends: CODE, ...no(401, "INVALID_BACKUP_CODE") },
    { who: "person", sends: WRONG_CODE, ...no(400, "BACKUP_CODES_NOT_ENABLED") },
    { who: "nobody", sends: WRONG_CODE, ...NO_CHALLENGE },
    { who: "owed", sends: RECOVERY_CODE, ...WAITS },
  ],
  [`POST ${TWO_FACTOR}/generate-backup-codes`]: [
    {
      who: "protected",
      sends: PASSWORD,
      status: 200,
      answers: { status: true, backupCodes: TEN_CODES },
    },
    { who: "person", sends: PASSWORD, ...no(400, "TWO_FACTOR_NOT_ENABLED") },
    { who: "owed", sends: PASSWORD, ...UNAUTHORIZED },
    { ...STALE, sends: PASSWORD },
    { who: "protected", sends: PASSWORD, ...WAITS },
  ],
  [`POST ${TWO_FACTOR}/disable`]: [
    { who: "protected", sends: PASSWORD, ...DONE },
    { who: "protected", sends: WRONG_PASSWORD, ...no(400, "INVALID_PASSWORD") },
    { who: "person", sends: PASSWORD, ...no(400, "TWO_FACTOR_NOT_ENABLED") },
    { who: "owed", sends: PASSWORD, ...UNAUTHORIZED },
    {
      ...STALE,
      sends: PASSWORD,
      differs: {
        original: "The password is enough to turn two-factor off.",
        reason:
          "Then it would be the only factor. There is no room for a code, so one must have been proven in the last ten minutes.",
      },
    },
    { who: "protected", sends: PASSWORD, ...WAITS },
  ],
  [`GET ${TWO_FACTOR}/enable`]: [{ who: "nobody", status: 404 }],
  [`OPTIONS ${TWO_FACTOR}/enable`]: [
    {
      who: "nobody",
      status: 404,
      differs: {
        original: "Pages of other origins, named in trustedOrigins, may call from a browser (CORS).",
        reason:
          "Only this server's own origin may, and clients that are no browsers. There is no list of others yet.",
      },
    },
  ],
  [`POST ${BASE}/sign-in/social`]: [
    {
      who: "nobody",
      sends: { provider: "example" },
      status: 404,
      differs: {
        original:
          "There are more endpoints: social sign-in, new passwords by mail, changes of name and address, deletion.",
        reason: "This API is for signing in with two factors. The rest is on the pages, or not here.",
      },
    },
  ],
  [`POST ${TWO_FACTOR}/nowhere`]: [{ who: "nobody", status: 404 }],
};

/** What Athena answers. */
export const cases: Cases = { ...account, ...twoFactor };

/** What Athena answers whatever was asked for. */
export const troubles: Troubles = {
  too_large: no(413, "PAYLOAD_TOO_LARGE"),
  not_json: no(415, "UNSUPPORTED_MEDIA_TYPE"),
  malformed: no(400, "BAD_REQUEST"),
  not_an_object: INVALID,
  foreign_origin: no(403, "INVALID_ORIGIN"),
  unavailable: no(503, "SERVICE_UNAVAILABLE"),
  crashed: no(500, "INTERNAL_SERVER_ERROR"),
};
