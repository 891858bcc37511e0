import { type Answered, type Case, type Cases, TEN_CODES, type Troubles } from "../cases";

const CREDENTIALS = { email: "<email>", password: "<password>" };
const TOKEN = { token: "<code>" };
const WRONG_TOKEN = { token: "<wrong code>" };
const VERIFICATION = { temp_token: "<temp token>", token: "<code>" };

const ofInput = (message: string, code: string): Answered => ({
  status: 400,
  answers: { non_field_errors: [message], code },
});
const ofRequest = (status: number, detail: string, code?: string): Answered => ({
  status,
  answers: code === undefined ? { detail } : { detail, code },
});
const required = (field: string): Answered => ({
  status: 400,
  answers: { [field]: ["This field is required."], code: "required" },
});
const blank = (field: string): Answered => ({
  status: 400,
  answers: { [field]: ["This field may not be blank."], code: "blank" },
});
const BAD_PAIR = ofInput("Unable to log in with provided credentials.", "authentication_failed");
const NOT_AUTHENTICATED = ofRequest(
  403,
  "Authentication credentials were not provided or are no longer valid.",
  "not_authenticated",
);
const INVALID_TOKEN: Answered = {
  status: 400,
  answers: { token: ["Invalid token."], code: "invalid_token" },
};
const TEMP_TOKEN_OVER = ofRequest(401, "Invalid or expired temp token.", "authentication_failed");
const SETUP = {
  status: 201,
  answers: { secret_key: "<text>", provisioning_uri: "<key URI, colon escaped>" },
};
const STALE: Pick<Case, "who"> & Answered = {
  who: "stale",
  ...ofRequest(403, "Log in again first: the last proof of who you are is too old.", "step_up_required"),
};
const WAITS: Pick<Case, "outOfTries"> & Answered = {
  outOfTries: "address",
  ...ofRequest(429, "<text>", "throttled"),
};

const TOTP = "/api/v1/auth/totp";

/** What Omnitron answers. */
export const cases: Cases = {
  "POST /api/v1/auth/login/": [
    { who: "person", sends: CREDENTIALS, status: 200, answers: { key: "<text>" } },
    {
      who: "person",
      sends: { username: "<email>", password: "<password>" },
      status: 200,
      answers: { key: "<text>" },
    },
    { who: "protected", sends: CREDENTIALS, status: 200, answers: { temp_token: "<text>" } },
    { who: "person", sends: { email: "<email>", password: "wrong" }, ...BAD_PAIR },
    { who: "nobody", sends: { username: "nobody", password: "wrong" }, ...BAD_PAIR },
    { who: "nobody", sends: { email: "<new email>" }, ...required("password") },
    { who: "nobody", sends: { password: "<password>" }, ...required("username") },
    { who: "nobody", sends: { email: "<new email>", password: "" }, ...blank("password") },
    { who: "protected", sends: CREDENTIALS, ...WAITS },
  ],
  "POST /api/v1/auth/logout/": [
    {
      who: "protected",
      ...ofRequest(200, "Successfully logged out."),
      next: { asks: `POST ${TOTP}/deactivate/`, ...NOT_AUTHENTICATED },
    },
    { who: "nobody", ...ofRequest(200, "Successfully logged out.") },
  ],
  [`POST ${TOTP}/setup/`]: [
    { who: "person", ...SETUP },
    { who: "setting up", ...SETUP },
    {
      ...STALE,
      who: "stale person",
      differs: {
        original: "A key is enough, however old.",
        reason:
          "Whoever sets TOTP up locks others out. Without TOTP it takes a key of the last ten minutes: log in again.",
      },
    },
    { who: "protected", ...ofInput("TOTP is already active.", "totp_already_active") },
    { who: "nobody", ...NOT_AUTHENTICATED },
    {
      ...STALE,
      differs: {
        original: "400, as TOTP is active already.",
        reason: "Who may ask is decided before what they ask for: an old key learns nothing of the account.",
      },
    },
  ],
  [`POST ${TOTP}/activate/`]: [
    { who: "setting up", sends: TOKEN, status: 200, answers: { recovery_codes: TEN_CODES } },
    {
      who: "setting up",
      sends: WRONG_TOKEN,
      ...INVALID_TOKEN,
      differs: {
        original:
          "The published schema of a 400 wants exactly one of three forms, and each body has all three.",
        reason: "No body can be that. Ours hold when its oneOf is read as anyOf.",
      },
    },
    { who: "setting up", sends: {}, ...required("token") },
    { who: "setting up", sends: { token: "" }, ...blank("token") },
    { who: "person", sends: WRONG_TOKEN, ...ofInput("TOTP is not set up.", "totp_not_set_up") },
    { who: "protected", sends: TOKEN, ...ofInput("TOTP is already active.", "totp_already_active") },
    { who: "nobody", sends: WRONG_TOKEN, ...NOT_AUTHENTICATED },
    { ...STALE, sends: TOKEN },
    { who: "setting up", sends: TOKEN, ...WAITS },
  ],
  [`POST ${TOTP}/verify/`]: [
    {
      who: "owed",
      sends: VERIFICATION,
      status: 200,
      answers: { key: "<text>" },
      next: { asks: `POST ${TOTP}/verify/`, sends: VERIFICATION, ...TEMP_TOKEN_OVER },
      differs: {
        original: "The document asks for a key here, as everywhere.",
        reason: "The key is what this gives; the temp token is the proof.",
      },
    },
    {
      who: "owed",
      sends: { temp_token: "<temp token>", token: "<recovery code>" },
      status: 200,
      answers: { key: "<text>" },
    },
    {
      who: "owed for long",
      sends: VERIFICATION,
      status: 200,
      answers: { key: "<text>" },
      differs: {
        original: "A temp token lives for five minutes.",
        reason: "It is the same challenge as in every other way to sign in, and lives for ten.",
      },
    },
    { who: "owed", sends: { temp_token: "<temp token>", token: "<wrong code>" }, ...INVALID_TOKEN },
    { who: "owed, code used", sends: VERIFICATION, ...INVALID_TOKEN },
    { who: "owed", sends: TOKEN, ...required("temp_token") },
    { who: "owed", sends: { temp_token: "<temp token>", token: "" }, ...blank("token") },
    { who: "owed", sends: { temp_token: "nothing", token: "<code>" }, ...TEMP_TOKEN_OVER },
    { who: "owed and failing", sends: VERIFICATION, ...TEMP_TOKEN_OVER },
    { who: "owed", sends: VERIFICATION, ...WAITS },
  ],
  [`POST ${TOTP}/deactivate/`]: [
    {
      who: "protected",
      status: 200,
      next: { asks: `POST ${TOTP}/deactivate/`, ...ofInput("TOTP is not active.", "totp_not_active") },
    },
    { who: "person", ...ofInput("TOTP is not active.", "totp_not_active") },
    { who: "nobody", ...NOT_AUTHENTICATED },
    {
      ...STALE,
      differs: {
        original: "A key is enough, however old.",
        reason:
          "The request has no room for a code, so the key's second factor must be at most ten minutes old.",
      },
    },
  ],
  [`GET ${TOTP}/setup/`]: [
    { who: "nobody", ...ofRequest(405, 'Method "GET" not allowed.', "method_not_allowed") },
  ],
  "GET /api/v1/nowhere/": [{ who: "nobody", ...ofRequest(404, "Not found.") }],
};

/** What Omnitron answers whatever was asked for. */
export const troubles: Troubles = {
  too_large: ofRequest(413, "Request body is too large."),
  not_json: ofRequest(415, "Unsupported media type in request."),
  malformed: ofRequest(400, "JSON parse error.", "parse_error"),
  not_an_object: ofInput("Invalid data. Expected a dictionary.", "invalid"),
  // A key in a header is nothing that another site can make a browser send.
  foreign_origin: null,
  unavailable: ofRequest(503, "Service temporarily unavailable, try again later."),
  crashed: ofRequest(500, "A server error occurred."),
};
