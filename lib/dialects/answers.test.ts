import Ajv from "ajv";
import { describe, expect, it } from "vitest";
import type { Context } from "@/lib/core/context";
import { startTotpSetup } from "@/lib/core/factors/totp";
import { mailSignInCode } from "@/lib/core/mailed-code";
import { readSession } from "@/lib/core/sessions";
import {
  beginChallenge,
  contextOf,
  later,
  makePerson,
  makeProtectedPerson,
  newestCode,
  PASSWORD,
  testDatabase,
} from "@/lib/core/testing/fixtures";
import { Phone } from "@/lib/core/testing/phone";
import { sealSessionCookie } from "@/lib/http/session-cookie";
import { athena } from "./athena";
import type { Dialect } from "./dialect";
import { omnitron } from "./omnitron";
import published from "./omnitron/omnitron.openapi.json" with { type: "json" };
import { thogits } from "./thogits";

// What each dialect answers, whole, to whom, and with which status.
const db = testDatabase();

/** Who asks: nobody, somebody with a password alone, with a set-up begun, with two-factor on, or with the code still owed. */
type Who = "nobody" | "person" | "setting up" | "protected" | "stale" | "owed" | "owed and mailed";
type Asker = {
  ctx: Context;
  email: string;
  session: string;
  challenge: string;
  code: string;
  wrongCode: string;
  recoveryCode: string;
  mailedCode: string;
};

async function become(who: Who): Promise<Asker> {
  const start = contextOf(db);
  const nobody = {
    email: "",
    session: "",
    challenge: "",
    code: "",
    wrongCode: "000000",
    recoveryCode: "",
    mailedCode: "",
  };
  if (who === "nobody") return { ...nobody, ctx: start };
  if (who === "person" || who === "setting up") {
    const { email, token, signedIn } = await makePerson(start);
    if (who === "person") return { ...nobody, ctx: start, email, session: token };
    const phone = new Phone((await startTotpSetup(start, signedIn)).uri);
    const codes = { code: phone.code(start.now), wrongCode: phone.wrongCode(start.now) };
    return { ...nobody, ...codes, ctx: start, email, session: token };
  }
  const person = await makeProtectedPerson(start);
  const ctx = later(start, who === "stale" ? 660 : 60);
  const { email, token: session, phone } = person;
  const codes = { code: phone.code(ctx.now), wrongCode: phone.wrongCode(ctx.now) };
  const challenge = who.startsWith("owed") ? await beginChallenge(ctx, email) : "";
  if (who === "owed and mailed" || who === "protected")
    await db.user.update({ where: { email }, data: { emailVerifiedAt: start.now } });
  if (who === "owed and mailed") await mailSignInCode(ctx, { challengeToken: challenge });
  const mailedCode = who === "owed and mailed" ? await newestCode(ctx, email) : "";
  return {
    ...codes,
    ctx,
    email,
    session,
    challenge,
    mailedCode,
    recoveryCode: person.recoveryCodes[0] ?? "",
  };
}

/** How a dialect's client proves who it is. */
function proof(dialect: Dialect, who: Who, { session, challenge }: Asker): Record<string, string> {
  if (who === "nobody") return {};
  const isOwed = who.startsWith("owed");
  switch (dialect.name) {
    case "thogits":
      return { cookie: isOwed ? `thogits.challenge=${challenge}` : `thogits.session=${session}` };
    case "athena":
      return { authorization: `Bearer ${isOwed ? `challenge.${challenge}` : session}` };
    default:
      return isOwed ? {} : { authorization: `Token ${session}` };
  }
}

async function ask(
  dialect: Dialect,
  who: Who,
  asker: Asker,
  request: { to: string; body?: unknown; headers?: Record<string, string> },
) {
  const [method = "", path = ""] = request.to.split(" ");
  const { body } = request;
  const headers = {
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...proof(dialect, who, asker),
    ...request.headers,
  };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const init = body === undefined ? { method, headers } : { method, headers, body: text };
  const answer = await dialect.answer(new Request(`http://localhost:3000${path}`, init), (_, brought) => ({
    ...asker.ctx,
    ...brought,
  }));
  const said = await answer.text();
  return { status: answer.status, headers: answer.headers, body: said === "" ? undefined : JSON.parse(said) };
}

type Case = [
  who: Who,
  to: string,
  body: (asker: Asker) => unknown,
  status: number,
  answer: (a: Asker) => unknown,
];

const any = { text: expect.any(String), moment: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) };
const ulid = expect.stringMatching(/^[0-9A-Z]{26}$/);
const TEN_CODES = expect.toSatisfy((codes) => Array.isArray(codes) && codes.length === 10);
const none = () => undefined;
const same = (answer: unknown) => () => answer;

const userInfo = (a: Asker, hasTotp: boolean) => ({
  user_id: ulid,
  email: a.email,
  display_name: null,
  created_at: any.moment,
  oauth_providers: [],
  has_password: true,
  has_totp: hasTotp,
  has_passkey: false,
  linked_google: false,
  linked_apple: false,
});
const error = (code: string, message: string, more = {}) => same({ error: code, message, ...more });
const invalidCode = error("BadRequest", "Invalid code");
const logIn = error("Unauthorized", "Log in first");
const T = "/api/auth/2fa/totp";
const withCode = (a: Asker) => ({ code: a.code });
const withWrongCode = (a: Asker) => ({ code: a.wrongCode });
const credentials = (a: Asker) => ({ email: a.email, password: PASSWORD });
const fresh = () => `${Math.random().toString(36).slice(2)}@example.org`;

const THOGITS: Case[] = [
  [
    "nobody",
    "POST /api/auth/register",
    () => ({ email: fresh(), password: PASSWORD, display_name: "Me" }),
    200,
    (a) => ({ ...userInfo(a, false), email: any.text, display_name: "Me" }),
  ],
  [
    "person",
    "POST /api/auth/register",
    credentials,
    400,
    error("Conflict", "There is an account with this e-mail address"),
  ],
  [
    "nobody",
    "POST /api/auth/register",
    () => ({ email: fresh(), password: "short" }),
    400,
    error("ValidationErrors", "The field password is too short", { path: "password" }),
  ],
  [
    "nobody",
    "POST /api/auth/register",
    () => ({ password: PASSWORD }),
    400,
    error("MissingField", "The field email is missing", { path: "email" }),
  ],
  ["person", "POST /api/auth/login", credentials, 200, (a) => userInfo(a, false)],
  ["protected", "POST /api/auth/login", credentials, 200, same({ needs_2fa: true })],
  [
    "person",
    "POST /api/auth/login",
    (a) => ({ email: a.email, password: "wrong" }),
    401,
    error("Unauthorized", "Wrong e-mail address or password"),
  ],
  [
    "nobody",
    "POST /api/auth/login",
    () => ({ email: fresh(), password: "wrong" }),
    401,
    error("Unauthorized", "Wrong e-mail address or password"),
  ],
  ["protected", "POST /api/auth/logout", none, 200, none],
  ["nobody", "POST /api/auth/logout", none, 200, none],
  ["protected", "GET /api/auth/me", none, 200, (a) => userInfo(a, true)],
  ["nobody", "GET /api/auth/me", none, 401, logIn],
  ["owed", "GET /api/auth/me", none, 401, error("Unauthorized", "The second factor is still owed")],
  [
    "person",
    `POST ${T}/setup`,
    none,
    200,
    same({ secret: any.text, qr_code: expect.stringMatching(/^data:image\/png;base64,/) }),
  ],
  ["protected", `POST ${T}/setup`, none, 400, error("BadRequest", "TOTP is already active")],
  ["nobody", `POST ${T}/setup`, none, 401, logIn],
  ["owed", `POST ${T}/setup`, none, 401, error("Unauthorized", "The second factor is still owed")],
  [
    "setting up",
    `POST ${T}/confirm`,
    withCode,
    200,
    same({ message: "TOTP confirmed", recovery_codes: TEN_CODES }),
  ],
  ["setting up", `POST ${T}/confirm`, withWrongCode, 400, invalidCode],
  ["person", `POST ${T}/confirm`, withWrongCode, 400, error("BadRequest", "No pending TOTP setup")],
  ["nobody", `POST ${T}/confirm`, withWrongCode, 401, logIn],
  ["owed", `POST ${T}/verify`, withCode, 200, (a) => userInfo(a, true)],
  ["owed", `POST ${T}/verify`, (a) => ({ code: a.recoveryCode }), 200, (a) => userInfo(a, true)],
  ["owed", `POST ${T}/verify`, withWrongCode, 400, invalidCode],
  ["protected", `POST ${T}/verify`, withCode, 401, error("Unauthorized", "No partial session: log in first")],
  ["protected", `POST ${T}/disable`, withCode, 200, same({ message: "TOTP disabled" })],
  ["setting up", `POST ${T}/disable`, none, 200, same({ message: "TOTP disabled" })],
  ["protected", `POST ${T}/disable`, withWrongCode, 400, invalidCode],
  [
    "protected",
    `POST ${T}/disable`,
    none,
    400,
    error("MissingField", "The field code is missing", { path: "code" }),
  ],
  ["person", `POST ${T}/disable`, none, 400, error("BadRequest", "TOTP is not set up")],
  ["stale", `POST ${T}/setup`, none, 403, error("Forbidden", any.text, { suggestion: any.text })],
  ["stale", `POST ${T}/confirm`, withCode, 403, error("Forbidden", any.text, { suggestion: any.text })],
  ["stale", `POST ${T}/disable`, withCode, 403, error("Forbidden", any.text, { suggestion: any.text })],
  ["owed", `POST ${T}/disable`, withCode, 401, error("Unauthorized", "The second factor is still owed")],
  ["nobody", `GET ${T}/setup`, none, 405, error("MethodNotAllowed", "GET is not allowed here")],
  ["nobody", "POST /api/auth/login", () => "{", 400, error("BadRequest", "The body is not valid JSON")],
  ["nobody", "POST /api/auth/login", () => [], 400, error("BadRequest", "The body must be a JSON object")],
  [
    "nobody",
    "POST /api/auth/login",
    () => ({ email: "x".repeat(70_000) }),
    413,
    error("BadRequest", "The body is too large"),
  ],
  ["nobody", `GET ${T}/nowhere`, none, 404, error("NotFound", "There is nothing here")],
];

const O = "/api/v1/auth/totp";
const notAuthenticated = same({ detail: any.text, code: "not_authenticated" });
const input = (code: string) => same({ non_field_errors: [any.text], code });
const wrongToken = same({ token: ["Invalid token."], code: "invalid_token" });
const withToken = (a: Asker) => ({ token: a.code });
const required = (field: string) => same({ [field]: ["This field is required."], code: "required" });

const OMNITRON: Case[] = [
  ["person", "POST /api/v1/auth/login/", credentials, 200, same({ key: any.text })],
  [
    "person",
    "POST /api/v1/auth/login",
    (a) => ({ username: a.email, password: PASSWORD }),
    200,
    same({ key: any.text }),
  ],
  ["protected", "POST /api/v1/auth/login/", credentials, 200, same({ temp_token: any.text })],
  [
    "person",
    "POST /api/v1/auth/login/",
    (a) => ({ email: a.email, password: "wrong" }),
    400,
    input("authentication_failed"),
  ],
  ["nobody", "POST /api/v1/auth/login/", () => ({ email: fresh() }), 400, required("password")],
  ["protected", "POST /api/v1/auth/logout/", none, 200, same({ detail: "Successfully logged out." })],
  [
    "person",
    `POST ${O}/setup/`,
    none,
    201,
    same({
      secret_key: any.text,
      provisioning_uri: expect.stringMatching(/^otpauth:\/\/totp\/Countersign%3A/),
    }),
  ],
  ["protected", `POST ${O}/setup/`, none, 400, input("totp_already_active")],
  ["nobody", `POST ${O}/setup/`, none, 403, notAuthenticated],
  ["setting up", `POST ${O}/activate/`, withToken, 200, same({ recovery_codes: TEN_CODES })],
  ["setting up", `POST ${O}/activate/`, (a) => ({ token: a.wrongCode }), 400, wrongToken],
  ["person", `POST ${O}/activate/`, () => ({ token: "000000" }), 400, input("totp_not_set_up")],
  ["protected", `POST ${O}/activate/`, withToken, 400, input("totp_already_active")],
  ["nobody", `POST ${O}/activate/`, withToken, 403, notAuthenticated],
  [
    "owed",
    `POST ${O}/verify/`,
    (a) => ({ temp_token: a.challenge, token: a.code }),
    200,
    same({ key: any.text }),
  ],
  [
    "owed",
    `POST ${O}/verify`,
    (a) => ({ temp_token: a.challenge, token: a.recoveryCode }),
    200,
    same({ key: any.text }),
  ],
  ["owed", `POST ${O}/verify/`, (a) => ({ temp_token: a.challenge, token: a.wrongCode }), 400, wrongToken],
  ["owed", `POST ${O}/verify/`, withToken, 400, required("temp_token")],
  [
    "owed",
    `POST ${O}/verify/`,
    (a) => ({ temp_token: "nothing", token: a.code }),
    401,
    same({ detail: any.text, code: "authentication_failed" }),
  ],
  ["protected", `POST ${O}/deactivate/`, none, 200, none],
  ["person", `POST ${O}/deactivate/`, none, 400, input("totp_not_active")],
  ["stale", `POST ${O}/deactivate/`, none, 403, same({ detail: any.text, code: "step_up_required" })],
  ["nobody", `POST ${O}/deactivate/`, none, 403, notAuthenticated],
  [
    "nobody",
    `GET ${O}/setup/`,
    none,
    405,
    same({ detail: 'Method "GET" not allowed.', code: "method_not_allowed" }),
  ],
  [
    "nobody",
    "POST /api/v1/auth/login/",
    () => "{",
    400,
    same({ detail: "JSON parse error.", code: "parse_error" }),
  ],
  ["nobody", "GET /api/v1/nowhere/", none, 404, same({ detail: "Not found." })],
];

const A = "/api/auth/two-factor";
const no = (code: string) => same({ message: any.text, code });
const user = (a: Asker, isOn: boolean) => ({
  id: ulid,
  name: "",
  email: a.email,
  emailVerified: expect.any(Boolean),
  image: null,
  createdAt: any.moment,
  updatedAt: any.moment,
  twoFactorEnabled: isOn,
});
const session = {
  id: ulid,
  token: any.text,
  userId: ulid,
  expiresAt: any.moment,
  createdAt: any.moment,
  updatedAt: any.moment,
  ipAddress: any.text,
  userAgent: "Test",
};
const password = () => ({ password: PASSWORD });
const wrongPassword = () => ({ password: "not the password" });
const verified = (a: Asker) => ({ status: true, token: any.text, user: user(a, true), session });

const ATHENA: Case[] = [
  ["protected", "POST /api/auth/revoke-session", () => ({}), 400, no("VALIDATION_ERROR")],
  ["owed", "POST /api/auth/revoke-session", () => ({ token: "x" }), 401, no("UNAUTHORIZED")],
  ["stale", "POST /api/auth/revoke-sessions", () => ({}), 403, no("SESSION_NOT_FRESH")],
  ["owed", "POST /api/auth/revoke-other-sessions", () => ({}), 401, no("UNAUTHORIZED")],
  [
    "owed",
    "POST /api/auth/change-password",
    () => ({ currentPassword: PASSWORD, newPassword: "another one" }),
    401,
    no("UNAUTHORIZED"),
  ],
  ["owed", `POST ${A}/get-totp-uri`, password, 401, no("UNAUTHORIZED")],
  ["owed", `POST ${A}/generate-backup-codes`, password, 401, no("UNAUTHORIZED")],
  ["owed", `POST ${A}/disable`, password, 401, no("UNAUTHORIZED")],
  ["protected", `POST ${A}/send-otp`, none, 200, same({ status: true })],
  ["owed and mailed", `POST ${A}/verify-otp`, (a) => ({ code: a.mailedCode }), 200, verified],
  ["owed and mailed", `POST ${A}/verify-otp`, withWrongCode, 401, no("INVALID_CODE")],
  [
    "nobody",
    "POST /api/auth/sign-up/email",
    () => ({ email: fresh(), password: PASSWORD, name: "Me" }),
    200,
    (a) => ({ token: any.text, user: { ...user(a, false), email: any.text, name: "Me" } }),
  ],
  [
    "nobody",
    "POST /api/auth/sign-up/email",
    () => ({ email: fresh(), password: "short", name: "Me" }),
    400,
    no("PASSWORD_TOO_SHORT"),
  ],
  [
    "nobody",
    "POST /api/auth/sign-up/email",
    () => ({ email: fresh(), password: "x".repeat(129), name: "Me" }),
    400,
    no("PASSWORD_TOO_LONG"),
  ],
  ["nobody", "POST /api/auth/sign-up/email", () => ({ email: fresh() }), 400, no("VALIDATION_ERROR")],
  [
    "person",
    "POST /api/auth/sign-up/email",
    (a) => ({ ...credentials(a), name: "Me" }),
    422,
    no("USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"),
  ],
  [
    "person",
    "POST /api/auth/sign-in/email",
    credentials,
    200,
    (a) => ({ redirect: false, token: any.text, user: user(a, false) }),
  ],
  [
    "protected",
    "POST /api/auth/sign-in/email",
    credentials,
    200,
    same({ twoFactorRedirect: true, twoFactorMethods: ["totp", "otp"], twoFactorToken: any.text }),
  ],
  [
    "nobody",
    "POST /api/auth/sign-in/email",
    () => ({ email: fresh(), password: PASSWORD }),
    401,
    no("INVALID_EMAIL_OR_PASSWORD"),
  ],
  ["nobody", "POST /api/auth/sign-in/email", () => ({}), 400, no("VALIDATION_ERROR")],
  ["nobody", "POST /api/auth/sign-out", () => ({}), 200, same({ success: true })],
  ["protected", "GET /api/auth/get-session", none, 200, (a) => ({ session, user: user(a, true) })],
  ["owed", "GET /api/auth/get-session", none, 200, same(null)],
  ["protected", "GET /api/auth/list-sessions", none, 200, same([session])],
  ["owed", "GET /api/auth/list-sessions", none, 401, no("UNAUTHORIZED")],
  [
    "protected",
    "POST /api/auth/revoke-session",
    () => ({ token: "none of mine" }),
    200,
    same({ status: true }),
  ],
  ["stale", "POST /api/auth/revoke-session", (a) => ({ token: a.session }), 403, no("SESSION_NOT_FRESH")],
  ["protected", "POST /api/auth/revoke-sessions", () => ({}), 200, same({ status: true })],
  ["nobody", "POST /api/auth/revoke-sessions", () => ({}), 401, no("UNAUTHORIZED")],
  ["protected", "POST /api/auth/revoke-other-sessions", () => ({}), 200, same({ status: true })],
  ["stale", "POST /api/auth/revoke-other-sessions", () => ({}), 403, no("SESSION_NOT_FRESH")],
  [
    "protected",
    "POST /api/auth/change-password",
    () => ({ currentPassword: PASSWORD, newPassword: `${PASSWORD}!` }),
    200,
    (a) => ({ token: null, user: user(a, true) }),
  ],
  [
    "protected",
    "POST /api/auth/change-password",
    () => ({ currentPassword: "wrong one", newPassword: `${PASSWORD}!` }),
    400,
    no("INVALID_PASSWORD"),
  ],
  [
    "stale",
    "POST /api/auth/change-password",
    () => ({ currentPassword: PASSWORD, newPassword: `${PASSWORD}!` }),
    403,
    no("SESSION_NOT_FRESH"),
  ],
  [
    "person",
    `POST ${A}/enable`,
    password,
    200,
    same({ method: "totp", totpURI: any.text, backupCodes: TEN_CODES }),
  ],
  ["person", `POST ${A}/enable`, () => ({ ...password(), method: "otp" }), 200, same({ method: "otp" })],
  ["person", `POST ${A}/enable`, wrongPassword, 400, no("INVALID_PASSWORD")],
  ["protected", `POST ${A}/enable`, password, 400, no("TOTP_ALREADY_ENABLED")],
  ["nobody", `POST ${A}/enable`, password, 401, no("UNAUTHORIZED")],
  ["nobody", `POST ${A}/enable`, () => ({}), 400, no("VALIDATION_ERROR")],
  ["stale", `POST ${A}/enable`, password, 403, no("SESSION_NOT_FRESH")],
  ["setting up", `POST ${A}/get-totp-uri`, password, 200, same({ totpURI: any.text })],
  ["protected", `POST ${A}/get-totp-uri`, password, 200, same({ totpURI: any.text })],
  ["person", `POST ${A}/get-totp-uri`, password, 400, no("TOTP_NOT_ENABLED")],
  ["stale", `POST ${A}/get-totp-uri`, password, 403, no("SESSION_NOT_FRESH")],
  ["setting up", `POST ${A}/verify-totp`, withCode, 200, verified],
  ["owed", `POST ${A}/verify-totp`, withCode, 200, verified],
  ["owed", `POST ${A}/verify-totp`, withWrongCode, 401, no("INVALID_CODE")],
  ["owed", `POST ${A}/verify-totp`, (a) => ({ code: a.recoveryCode }), 401, no("INVALID_CODE")],
  ["person", `POST ${A}/verify-totp`, withWrongCode, 400, no("TOTP_NOT_ENABLED")],
  ["nobody", `POST ${A}/verify-totp`, withWrongCode, 401, no("INVALID_TWO_FACTOR_COOKIE")],
  ["owed", `POST ${A}/verify-otp`, withWrongCode, 400, no("OTP_HAS_EXPIRED")],
  ["person", `POST ${A}/send-otp`, none, 400, no("TWO_FACTOR_NOT_ENABLED")],
  ["owed", `POST ${A}/send-otp`, none, 400, no("OTP_NOT_ENABLED")],
  ["nobody", `POST ${A}/send-otp`, none, 401, no("INVALID_TWO_FACTOR_COOKIE")],
  ["owed", `POST ${A}/verify-backup-code`, (a) => ({ code: a.recoveryCode }), 200, verified],
  [
    "owed",
    `POST ${A}/verify-backup-code`,
    (a) => ({ code: a.recoveryCode, disableSession: "true" }),
    200,
    (a) => ({ user: user(a, true) }),
  ],
  ["owed", `POST ${A}/verify-backup-code`, withCode, 401, no("INVALID_BACKUP_CODE")],
  ["person", `POST ${A}/verify-backup-code`, withWrongCode, 400, no("BACKUP_CODES_NOT_ENABLED")],
  [
    "protected",
    `POST ${A}/generate-backup-codes`,
    password,
    200,
    same({ status: true, backupCodes: TEN_CODES }),
  ],
  ["person", `POST ${A}/generate-backup-codes`, password, 400, no("TWO_FACTOR_NOT_ENABLED")],
  ["stale", `POST ${A}/generate-backup-codes`, password, 403, no("SESSION_NOT_FRESH")],
  ["protected", `POST ${A}/disable`, password, 200, same({ status: true })],
  ["protected", `POST ${A}/disable`, wrongPassword, 400, no("INVALID_PASSWORD")],
  ["person", `POST ${A}/disable`, password, 400, no("TWO_FACTOR_NOT_ENABLED")],
  ["stale", `POST ${A}/disable`, password, 403, no("SESSION_NOT_FRESH")],
  ["nobody", `POST ${A}/enable`, () => "{", 400, no("BAD_REQUEST")],
  ["nobody", `GET ${A}/enable`, none, 404, none],
  ["nobody", `POST ${A}/nowhere`, none, 404, none],
];

describe.each([
  [thogits, THOGITS],
  [omnitron, OMNITRON],
  [athena, ATHENA],
] as const)("$title", (dialect, cases) => {
  it.each(cases)("%s: %s", async (who, to, bodyOf, status, answerOf) => {
    const asker = await become(who);
    const { body, status: got } = await ask(dialect, who, asker, { to, body: bodyOf(asker) });
    expect({ status: got, body }).toEqual({ status, body: answerOf(asker) });
    expect(dialect.find(to.split(" ")[1] ?? "")).not.toBeNull();
  });

  it("has each status that it documents among these", () => {
    const asked = new Set(cases.map(([, to, , status]) => `${to.replace(/\/$/, "")} ${status}`));
    const documented = dialect.operations.flatMap(({ method, path, answers }) =>
      Object.keys(answers).map((status) => `${method} ${path} ${status}`),
    );
    // A wait takes several requests, and another test.
    const missing = documented.filter((each) => !each.endsWith(" 429") && !asked.has(each));
    expect(missing).toEqual([]);
  });

  it("refuses what is not JSON, in its own words, and marks what it does in the audit trail", async () => {
    const [operation] = dialect.operations;
    const to = `POST ${operation?.path}`;
    const nobody = await become("nobody");
    const request = { to, body: "email=x", headers: { "content-type": "text/plain" } };
    const { status, body } = await ask(dialect, "nobody", nobody, request);
    expect(status).toBe(415);
    expect(body).toBeTypeOf("object");
    expect(await db.event.count({ where: { via: dialect.name } })).toBeGreaterThan(0);
  });
});

describe("the document that Omnitron published", () => {
  const ajv = new Ajv({ strict: false });
  // Its oneOf cannot be satisfied by any honest body: each matches all three.
  ajv.addSchema(JSON.parse(JSON.stringify(published).replaceAll('"oneOf"', '"anyOf"')), "omnitron");
  const paths: Record<string, { post: { responses: Record<string, object> } }> = published.paths;
  const documented = OMNITRON.filter(([, to]) => to.includes(O) && to.startsWith("POST"));

  it.each(documented)("holds for the answer: %s: %s", async (who, to, bodyOf, status) => {
    const asker = await become(who);
    const { body } = await ask(omnitron, who, asker, { to, body: bodyOf(asker) });
    const path = `${(to.split(" ")[1] ?? "").replace(/\/$/, "")}/`;
    const response = paths[path]?.post.responses[status];
    expect(response).toBeDefined();
    if (status === 403 || body === undefined) return;
    const at =
      response && "$ref" in response
        ? response.$ref
        : `#/paths/${path.replaceAll("/", "~1")}/post/responses/${status}`;
    expect(ajv.validate({ $ref: `omnitron${at}/content/application~1json/schema` }, body)).toBe(true);
  });
});

it.each([
  [thogits, "/api/auth/logout", `${T}/verify`],
  [athena, "/api/auth/sign-out", `${A}/verify-totp`],
] as const)(
  "signing out through $title gives up a sign-in whose code is still owed",
  async (dialect, out, verify) => {
    const asker = await become("owed");
    await ask(dialect, "owed", asker, { to: `POST ${out}`, body: {} });
    const { status } = await ask(dialect, "owed", asker, {
      to: `POST ${verify}`,
      body: { code: asker.code },
    });
    expect(status).toBe(401);
  },
);

it("signing out ends each session that a browser brought, also one of another account", async () => {
  const [one, other] = [await become("person"), await become("person")];
  const page = sealSessionCookie(other.ctx.keys, other.session, 600, other.ctx.now);
  const cookie = `thogits.session=${one.session}; next-auth.session-token=${page}`;
  await ask(thogits, "nobody", one, { to: "POST /api/auth/logout", headers: { cookie } });
  for (const { ctx, session: token } of [one, other]) expect(await readSession(ctx, token)).toBeNull();
});

it("a session and a challenge together are no partial session for Thogits", async () => {
  const asker = await become("owed");
  const cookie = `thogits.session=${asker.session}; thogits.challenge=${asker.challenge}`;
  const request = { to: `POST ${T}/verify`, body: { code: asker.code }, headers: { cookie } };
  expect((await ask(thogits, "nobody", asker, request)).status).toBe(401);
});
