import type { Answered, Case, Cases, Json, Troubles } from "../cases";

const DETAIL = "type.googleapis.com/zitadel.v1.ErrorDetail";
const failed = (status: number, code: number, message: string, id?: string): Answered => ({
  status,
  answers:
    id === undefined
      ? { code, message }
      : { code, message: `${message} (${id})`, details: [{ "@type": DETAIL, id, message }] },
});

const NO_HEADER = failed(401, 16, "auth header missing");
const BAD_TOKEN = failed(401, 16, "Invalid token", "AUTH-7fs1e");
const WRONG_CODE = failed(400, 3, "Invalid code", "EVENT-8isk2");
const WRONG_PASSWORD = failed(400, 3, "Password is invalid", "COMMAND-3M0fs");
const NOT_FOUND = failed(404, 5, "TOTP does not exist", "COMMAND-3Mif9s");
const VERIFIED = failed(400, 9, "TOTP is already verified", "COMMAND-qx4ls");
const FORBIDDEN = failed(403, 7, "No matching permissions found", "AUTH-AWfge");
const TOO_OLD = failed(403, 7, "The last proof of who you are is too old, sign in again", "AUTH-AWfge");
const LOCKED = failed(429, 8, "User is locked", "COMMAND-SF3fg");
const BAD_SESSION = failed(403, 7, "Session token is invalid", "COMMAND-sGr42");
const badLength = (name: string, min: number, max: number) =>
  failed(400, 3, `invalid ${name}, its length must be between ${min} and ${max}`);

const OWN = { id: "<user id>" };
const OWN_TOTP = { id: "<user id>", totp_id: "<TOTP id>" };
const NOBODY = { id: "<nobody's id>" };
const NOBODYS_TOTP = { id: "<nobody's id>", totp_id: "<TOTP id>" };
const LONG = "x".repeat(201);

const detailsOf = (id: string): Json => ({
  id,
  created: "<moment>",
  changed: "<moment>",
  owner: { type: "OWNER_TYPE_ORG", id: "countersign" },
});
const DETAILS_2 = { sequence: "<text>", changeDate: "<moment>", resourceOwner: "countersign" };
const STARTED = {
  status: 200,
  answers: { details: detailsOf("<id>"), totpId: "<id>", uri: "<key URI, sorted>", secret: "<text>" },
};
const CHANGED = { status: 200, answers: { details: detailsOf("<TOTP id>") } };
const STARTED_2 = {
  status: 200,
  answers: { details: DETAILS_2, uri: "<key URI, sorted>", secret: "<text>" },
};
const CHANGED_2 = { status: 200, answers: { details: DETAILS_2 } };
const userWith = (...totps: { readonly [name: string]: Json }[]) => ({
  status: 200,
  answers: { user: { details: detailsOf("<user id>"), authenticators: { totps } } },
});

const USER = "/resources/v3alpha/users/{id}";
const TOTP = `${USER}/totp`;
const ONE_TOTP = `${TOTP}/{totp_id}`;
const TOTP_2 = "/v2/users/{id}/totp";
const SESSION = "/v2/sessions/{id}";

const BY_PROOF = {
  original: "A token is enough, however old its session.",
  reason:
    "The request has no room for a code, so the session's second factor must be at most ten minutes old.",
};

const signIn = (code?: string): Json => ({
  checks: {
    user: { loginName: "<email>" },
    password: { password: "<password>" },
    ...(code === undefined ? {} : { totp: { code } }),
  },
});
const checking = (code: string): Json => ({
  sessionToken: "<challenge's token>",
  checks: { totp: { code } },
});
const sessionOf = (status: number, id: string, token: string): Answered => ({
  status,
  answers: { details: DETAILS_2, sessionId: id, sessionToken: token },
});
const waits: Pick<Case, "outOfTries"> & Answered = { outOfTries: "address", ...LOCKED };

/** What Zitadel answers over REST; what it answers over gRPC-Web and gRPC is in the tests of those. */
export const cases: Cases = {
  [`GET ${USER}`]: [
    {
      who: "protected",
      at: OWN,
      ...userWith({ totpId: "<TOTP id>", name: "Authenticator app", isVerified: true }),
    },
    { who: "setting up", at: OWN, ...userWith({ totpId: "<TOTP id>", name: "Authenticator app" }) },
    {
      who: "token",
      at: OWN,
      ...userWith(
        { totpId: "<TOTP id>", name: "<text>", isVerified: true },
        { totpId: "<waiting id>", name: "Waiting" },
      ),
    },
    { who: "lapsed token", at: OWN, ...BAD_TOKEN },
    {
      who: "administrator's token",
      at: { id: "<other id>" },
      status: 200,
      answers: {
        user: {
          details: detailsOf("<other id>"),
          authenticators: {
            totps: [
              { totpId: "<other device id>", name: "Authenticator app", isVerified: true },
              { totpId: "<other waiting id>", name: "Waiting" },
            ],
          },
        },
      },
    },
    { who: "token without scope", at: OWN, ...FORBIDDEN },
    { who: "protected", at: NOBODY, ...NOT_FOUND },
    { who: "token", at: NOBODY, ...NOT_FOUND },
    { who: "protected", at: { id: LONG }, ...badLength("Id", 1, 200) },
    { who: "nobody", at: OWN, ...NO_HEADER },
    { who: "away", at: OWN, ...BAD_TOKEN },
  ],
  [`POST ${TOTP}`]: [
    { who: "person", at: OWN, ...STARTED },
    { who: "person", at: OWN, sends: '""', ...STARTED },
    { who: "person", at: OWN, query: "organization.orgId=1&instance.domain=a", sends: {}, ...STARTED },
    { who: "protected", at: OWN, ...STARTED },
    { who: "token", at: OWN, ...STARTED },
    { who: "token", at: OWN, outOfTries: "account", ...LOCKED },
    { who: "token without scope", at: OWN, ...FORBIDDEN },
    { who: "protected", at: NOBODY, ...NOT_FOUND },
    { who: "person", at: { id: LONG }, ...badLength("Id", 1, 200) },
    { who: "nobody", at: OWN, ...NO_HEADER },
    { who: "stale", at: OWN, ...TOO_OLD },
  ],
  [`POST ${ONE_TOTP}/_verify`]: [
    {
      who: "setting up",
      at: OWN_TOTP,
      sends: "<code, quoted>",
      ...CHANGED,
      differs: {
        original: "Zitadel has no recovery codes.",
        reason:
          "The first TOTP brings a set of them, for which the answer has no room: a mail asks the owner to make one.",
      },
    },
    { who: "setting up", at: OWN_TOTP, sends: { code: "<code>" }, ...CHANGED },
    { who: "setting up", at: OWN_TOTP, sends: "<wrong code, quoted>", ...WRONG_CODE },
    { who: "setting up", at: OWN_TOTP, sends: '"1234567"', ...WRONG_CODE },
    { who: "setting up", at: OWN_TOTP, sends: '"12!456"', ...WRONG_CODE },
    { who: "setting up", at: OWN_TOTP, sends: "<code in two, quoted>", ...WRONG_CODE },
    { who: "setting up", at: OWN_TOTP, sends: '"12345"', ...badLength("Code", 6, 9) },
    { who: "setting up", at: OWN_TOTP, sends: '"1234567890"', ...badLength("Code", 6, 9) },
    { who: "setting up", at: OWN_TOTP, ...failed(400, 3, "The body is not valid") },
    { who: "protected", at: OWN_TOTP, sends: "<code, quoted>", ...VERIFIED },
    { who: "token", at: OWN_TOTP, sends: "<code, quoted>", ...VERIFIED },
    { who: "person", at: OWN_TOTP, sends: "<wrong code, quoted>", ...NOT_FOUND },
    { who: "protected", at: NOBODYS_TOTP, sends: "<code, quoted>", ...NOT_FOUND },
    { who: "token without scope", at: OWN_TOTP, sends: "<code, quoted>", ...FORBIDDEN },
    { who: "nobody", at: OWN_TOTP, sends: "<wrong code, quoted>", ...NO_HEADER },
    { who: "stale", at: OWN_TOTP, sends: "<code, quoted>", ...TOO_OLD },
    { who: "setting up", at: OWN_TOTP, sends: "<code, quoted>", ...waits },
  ],
  [`DELETE ${ONE_TOTP}`]: [
    {
      who: "protected",
      at: OWN_TOTP,
      ...CHANGED,
      next: { asks: `DELETE ${ONE_TOTP}`, ...NOT_FOUND },
    },
    { who: "setting up", at: OWN_TOTP, ...CHANGED },
    {
      who: "token",
      at: { id: "<user id>", totp_id: "<waiting id>" },
      status: 200,
      answers: { details: detailsOf("<waiting id>") },
    },
    {
      who: "administrator's token",
      at: { id: "<other id>", totp_id: "<other device id>" },
      status: 200,
      answers: { details: detailsOf("<other device id>") },
    },
    { who: "person", at: OWN_TOTP, ...NOT_FOUND },
    { who: "protected", at: NOBODYS_TOTP, ...NOT_FOUND },
    {
      who: "token",
      at: OWN_TOTP,
      ...FORBIDDEN,
      differs: {
        original: "A user's own token may remove their TOTP.",
        reason:
          "A token that leaked must not turn two-factor off. It may give up what waits for its first code.",
      },
    },
    { who: "protected", at: { id: "<user id>", totp_id: LONG }, ...badLength("TotpId", 1, 200) },
    { who: "nobody", at: OWN_TOTP, ...NO_HEADER },
    { who: "stale", at: OWN_TOTP, ...TOO_OLD, differs: BY_PROOF },
  ],
  [`POST ${TOTP_2}`]: [
    { who: "person", at: OWN, sends: {}, ...STARTED_2 },
    {
      who: "protected",
      at: OWN,
      sends: {},
      ...STARTED_2,
      differs: {
        original: "409: a user has one TOTP.",
        reason: "Here people have several. The one that waits counts beside those that are verified.",
      },
    },
    { who: "token", at: OWN, sends: {}, ...STARTED_2 },
    { who: "token", at: OWN, sends: {}, outOfTries: "account", ...LOCKED },
    { who: "token without scope", at: OWN, sends: {}, ...FORBIDDEN },
    { who: "protected", at: NOBODY, sends: {}, ...NOT_FOUND },
    { who: "nobody", at: OWN, sends: {}, ...NO_HEADER },
    { who: "stale", at: OWN, sends: {}, ...TOO_OLD },
  ],
  [`POST ${TOTP_2}/verify`]: [
    { who: "setting up", at: OWN, sends: { code: "<code>" }, ...CHANGED_2 },
    { who: "setting up", at: OWN, sends: { code: "<wrong code>" }, ...WRONG_CODE },
    { who: "setting up", at: OWN, sends: {}, ...failed(400, 3, "The value of code is not valid") },
    { who: "protected", at: OWN, sends: { code: "<code>" }, ...VERIFIED },
    { who: "person", at: OWN, sends: { code: "<wrong code>" }, ...NOT_FOUND },
    { who: "token without scope", at: OWN, sends: { code: "<code>" }, ...FORBIDDEN },
    { who: "protected", at: NOBODY, sends: { code: "<code>" }, ...NOT_FOUND },
    { who: "nobody", at: OWN, sends: { code: "<wrong code>" }, ...NO_HEADER },
    { who: "stale", at: OWN, sends: { code: "<code>" }, ...TOO_OLD },
    { who: "setting up", at: OWN, sends: { code: "<code>" }, ...waits },
  ],
  [`DELETE ${TOTP_2}`]: [
    { who: "protected", at: OWN, ...CHANGED_2, next: { asks: `DELETE ${TOTP_2}`, ...NOT_FOUND } },
    { who: "setting up", at: OWN, ...CHANGED_2 },
    { who: "person", at: OWN, ...NOT_FOUND },
    { who: "token", at: OWN, ...FORBIDDEN },
    { who: "protected", at: NOBODY, ...NOT_FOUND },
    { who: "nobody", at: OWN, ...NO_HEADER },
    { who: "stale", at: OWN, ...TOO_OLD, differs: BY_PROOF },
  ],
  "POST /v2/sessions": [
    { who: "person", sends: signIn(), ...sessionOf(201, "<id>", "<text>") },
    {
      who: "protected",
      sends: signIn(),
      ...sessionOf(201, "<id>", "<challenge token>"),
      differs: {
        original: "A session that has checked the password alone, and says so.",
        reason: "Before the second factor no token opens anything: it is only good to check the code with.",
      },
    },
    { who: "protected", sends: signIn("<code>"), ...sessionOf(201, "<id>", "<text>") },
    { who: "protected", sends: signIn("<wrong code>"), ...WRONG_CODE },
    {
      who: "person",
      sends: { checks: { user: { loginName: "<email>" }, password: { password: "wrong" } } },
      ...WRONG_PASSWORD,
    },
    {
      who: "nobody",
      sends: { checks: { user: { loginName: "nobody" }, password: { password: "wrong" } } },
      ...WRONG_PASSWORD,
      differs: {
        original: "404 for a name that nobody has.",
        reason: "Nobody learns from it who has an account.",
      },
    },
    {
      who: "person",
      sends: { checks: { user: { loginName: "<email>" } } },
      ...failed(400, 3, "The value of checks is not valid"),
      differs: {
        original: "A session that has checked the name alone.",
        reason: "It would prove nothing: name and password come together.",
      },
    },
    { who: "protected", sends: signIn(), ...waits },
  ],
  [`PATCH ${SESSION}`]: [
    {
      who: "owed",
      at: { id: "<session id>" },
      sends: checking("<code>"),
      ...sessionOf(200, "<session id>", "<text>"),
      next: { asks: `PATCH ${SESSION}`, sends: checking("<code>"), ...BAD_SESSION },
    },
    {
      who: "owed",
      at: { id: "<session id>" },
      sends: checking("<recovery code>"),
      ...sessionOf(200, "<session id>", "<text>"),
    },
    {
      who: "stale",
      at: { id: "<session id>" },
      sends: { checks: { totp: { code: "<code>" } } },
      ...sessionOf(200, "<session id>", "<text>"),
    },
    {
      who: "stale person",
      at: { id: "<session id>" },
      sends: { sessionToken: "<token>", checks: { password: { password: "<password>" } } },
      ...sessionOf(200, "<session id>", "<text>"),
    },
    { who: "owed", at: { id: "<session id>" }, sends: checking("<wrong code>"), ...WRONG_CODE },
    { who: "owed, code used", at: { id: "<session id>" }, sends: checking("<code>"), ...WRONG_CODE },
    {
      who: "protected",
      at: { id: "<session id>" },
      sends: { checks: {} },
      ...failed(400, 3, "there is nothing to check"),
    },
    { who: "owed", at: NOBODY, sends: checking("<code>"), ...BAD_SESSION },
    { who: "nobody", at: NOBODY, sends: { checks: { totp: { code: "123456" } } }, ...NO_HEADER },
    {
      who: "owed and failing",
      at: { id: "<session id>" },
      sends: checking("<code>"),
      ...LOCKED,
    },
    { who: "owed", at: { id: "<session id>" }, sends: checking("<code>"), ...waits },
  ],
  "PUT /v2/sessions": [{ who: "nobody", ...failed(405, 12, "Method Not Allowed") }],
  "GET /resources/v3alpha/nowhere": [{ who: "nobody", ...failed(404, 5, "Not Found") }],
};

/** What Zitadel answers whatever was asked for. */
export const troubles: Troubles = {
  too_large: failed(413, 8, "The message is larger than 65536 bytes"),
  // As its gateway does, it reads whatever comes as JSON.
  not_json: failed(400, 3, "The body is not JSON"),
  malformed: failed(400, 3, "The body is not JSON"),
  not_an_object: failed(400, 3, "The body is not valid"),
  // A token in a header is nothing that another site can make a browser send.
  foreign_origin: null,
  unavailable: failed(503, 14, "The service is not available now"),
  crashed: failed(500, 13, "An internal error occurred"),
};
