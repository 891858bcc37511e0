import { type Answered, type Case, type Cases, type Json, TEN_CODES, type Troubles } from "../cases";

const CREDENTIALS = { email: "<email>", password: "<password>" };
const CODE = { code: "<code>" };
const WRONG_CODE = { code: "<wrong code>" };
const RECOVERY_CODE = { code: "<recovery code>" };

const userInfo = (has_totp: boolean, more: { [field: string]: Json } = {}) => ({
  user_id: "<id>",
  email: "<email>",
  display_name: null,
  created_at: "<moment>",
  oauth_providers: [],
  has_password: true,
  has_totp,
  has_passkey: false,
  linked_google: false,
  linked_apple: false,
  ...more,
});

const no = (
  status: number,
  error: string,
  message: string,
  more: { [field: string]: Json } = {},
): Answered => ({
  status,
  answers: { error, message, ...more },
});
const BAD_PAIR = no(401, "Unauthorized", "Wrong e-mail address or password");
const LOG_IN = no(401, "Unauthorized", "Log in first");
const OWED = no(401, "Unauthorized", "The second factor is still owed");
const NO_PARTIAL_SESSION = no(401, "Unauthorized", "No partial session: log in first");
const INVALID_CODE = no(400, "BadRequest", "Invalid code");
const CONFIRMED = { message: "TOTP confirmed", recovery_codes: TEN_CODES };
const DISABLED = { status: 200, answers: { message: "TOTP disabled" } };
const STALE: Pick<Case, "who" | "differs"> & Answered = {
  who: "stale",
  ...no(403, "Forbidden", "The last proof of who you are is too old for this", {
    suggestion: "Log in again, then try again",
  }),
  differs: {
    original: "A session is enough, however old.",
    reason:
      "Whoever finds an open browser must not change how its owner signs in: that takes a proof of the last ten minutes.",
  },
};
const WAITS: Pick<Case, "outOfTries"> & Answered = {
  outOfTries: "address",
  ...no(429, "TooManyRequests", "Too many tries: wait before the next one"),
};

const TOTP = "/api/auth/2fa/totp";

/** What Thogits answers. */
export const cases: Cases = {
  "POST /api/auth/register": [
    {
      who: "nobody",
      sends: { email: "<new email>", password: "<password>", display_name: "Ada" },
      status: 200,
      answers: userInfo(false, { email: "<new email>", display_name: "Ada" }),
    },
    {
      who: "person",
      sends: CREDENTIALS,
      ...no(400, "Conflict", "There is an account with this e-mail address"),
    },
    {
      who: "nobody",
      sends: { email: "<new email>", password: "short" },
      ...no(400, "ValidationErrors", "The field password is too short", { path: "password" }),
    },
    {
      who: "nobody",
      sends: { password: "<password>" },
      ...no(400, "MissingField", "The field email is missing", { path: "email" }),
    },
    {
      who: "nobody",
      settings: { signUp: "closed" },
      sends: { email: "<new email>", password: "<password>" },
      ...no(403, "Forbidden", "Accounts are made by an administrator here"),
      differs: {
        original: "Anybody may make an account.",
        reason: "The operator decides with SIGN_UP who may.",
      },
    },
    { who: "nobody", sends: { email: "<new email>", password: "<password>" }, ...WAITS },
  ],
  "POST /api/auth/login": [
    { who: "person", sends: CREDENTIALS, status: 200, answers: userInfo(false) },
    { who: "protected", sends: CREDENTIALS, status: 200, answers: { needs_2fa: true } },
    { who: "person", sends: { email: "<email>", password: "wrong" }, ...BAD_PAIR },
    { who: "nobody", sends: { email: "<new email>", password: "wrong" }, ...BAD_PAIR },
    { who: "nobody", sends: {}, ...no(400, "MissingField", "The field email is missing", { path: "email" }) },
    {
      who: "nobody",
      sends: { email: "<new email>" },
      ...no(400, "MissingField", "The field password is missing", { path: "password" }),
    },
    { who: "protected", sends: CREDENTIALS, ...WAITS },
  ],
  "POST /api/auth/logout": [
    { who: "protected", status: 200, next: { asks: "GET /api/auth/me", ...LOG_IN } },
    { who: "nobody", status: 200 },
  ],
  "GET /api/auth/me": [
    {
      who: "protected",
      status: 200,
      answers: userInfo(true),
      differs: {
        original: "The account is published in two forms, one for each page that shows it.",
        reason: "Every answer has the fields of both, so that clients of either find theirs.",
      },
    },
    { who: "nobody", ...LOG_IN },
    { who: "owed", ...OWED },
    {
      who: "due",
      ...no(403, "Forbidden", "Two-factor authentication must be set up first"),
      differs: {
        original: "Nothing requires two-factor authentication.",
        reason:
          "Applications take the account for logged in by this answer, and it may do nothing but set two-factor authentication up.",
      },
    },
    {
      who: "away",
      ...LOG_IN,
      differs: {
        original: "A session lives for seven days after it was last used.",
        reason:
          "The cookie does; the session behind it is the pages' own, with the operator's SESSION_IDLE_MINUTES and SESSION_MAX_HOURS.",
      },
    },
  ],
  [`POST ${TOTP}/setup`]: [
    { who: "person", status: 200, answers: { secret: "<text>", qr_code: "<PNG>" } },
    { who: "setting up", status: 200, answers: { secret: "<text>", qr_code: "<PNG>" } },
    { who: "protected", ...no(400, "BadRequest", "TOTP is already active") },
    { who: "nobody", ...LOG_IN },
    { who: "owed", ...OWED },
    STALE,
    { ...STALE, who: "stale person" },
  ],
  [`POST ${TOTP}/confirm`]: [
    {
      who: "setting up",
      sends: CODE,
      status: 200,
      answers: CONFIRMED,
      differs: {
        original: "The answer has the message alone.",
        reason: "Ten recovery codes come along, this once: without them a lost phone is a lost account.",
      },
    },
    { who: "setting up", sends: WRONG_CODE, ...INVALID_CODE },
    { who: "person", sends: WRONG_CODE, ...no(400, "BadRequest", "No pending TOTP setup") },
    { who: "nobody", sends: WRONG_CODE, ...LOG_IN },
    { who: "owed", sends: WRONG_CODE, ...OWED },
    { sends: CODE, ...STALE },
    { who: "setting up", sends: CODE, ...WAITS },
  ],
  [`POST ${TOTP}/verify`]: [
    {
      who: "owed",
      sends: CODE,
      status: 200,
      answers: userInfo(true),
      next: { asks: `POST ${TOTP}/verify`, sends: CODE, ...NO_PARTIAL_SESSION },
    },
    {
      who: "owed",
      sends: RECOVERY_CODE,
      status: 200,
      answers: userInfo(true),
      differs: {
        original: "Codes of the authenticator alone are taken.",
        reason: "A recovery code signs in as well, once.",
      },
    },
    { who: "owed", sends: WRONG_CODE, ...INVALID_CODE },
    { who: "owed, code used", sends: CODE, ...INVALID_CODE },
    { who: "owed and failing", sends: CODE, ...NO_PARTIAL_SESSION },
    { who: "protected", sends: CODE, ...NO_PARTIAL_SESSION },
    { who: "nobody", sends: WRONG_CODE, ...NO_PARTIAL_SESSION },
    { who: "owed", sends: CODE, ...WAITS },
  ],
  [`POST ${TOTP}/disable`]: [
    { who: "protected", sends: CODE, ...DISABLED },
    { who: "setting up", ...DISABLED },
    { who: "protected", sends: WRONG_CODE, ...INVALID_CODE },
    { who: "protected", ...no(400, "MissingField", "The field code is missing", { path: "code" }) },
    { who: "person", ...no(400, "BadRequest", "TOTP is not set up") },
    { who: "person", sends: WRONG_CODE, ...no(400, "BadRequest", "TOTP is not set up") },
    { who: "nobody", sends: WRONG_CODE, ...LOG_IN },
    { who: "owed", sends: CODE, ...OWED },
    { sends: CODE, ...STALE },
    { who: "protected", sends: CODE, ...WAITS },
  ],
  [`GET ${TOTP}/setup`]: [{ who: "nobody", ...no(405, "MethodNotAllowed", "GET is not allowed here") }],
  [`GET ${TOTP}/nowhere`]: [{ who: "nobody", ...no(404, "NotFound", "There is nothing here") }],
};

/** What Thogits answers whatever was asked for. */
export const troubles: Troubles = {
  too_large: no(413, "BadRequest", "The body is too large"),
  not_json: no(415, "BadRequest", "The body must be JSON", {
    suggestion: "Send Content-Type: application/json",
  }),
  malformed: no(400, "BadRequest", "The body is not valid JSON"),
  not_an_object: no(400, "BadRequest", "The body must be a JSON object"),
  foreign_origin: no(403, "Forbidden", "This came from another site"),
  unavailable: no(503, "ServiceUnavailable", "Try again in a moment"),
  crashed: no(500, "InternalServerError", "Something went wrong on our side"),
};
