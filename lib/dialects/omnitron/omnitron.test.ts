import { describe, expect, it } from "vitest";
import type { Context } from "@/lib/core/context";
import { LIMITS } from "@/lib/core/limits";
import {
  contextOf,
  elsewhere,
  later,
  makePerson,
  makeProtectedPerson,
  PASSWORD,
  testDatabase,
} from "@/lib/core/testing/fixtures";
import { Phone } from "@/lib/core/testing/phone";
import { spendAddressTry } from "@/lib/core/try-budget";
import { parseOtpauthUri } from "@/lib/crypto/otpauth-uri";
import { newToken } from "@/lib/crypto/tokens";
import { toBase32 } from "@/lib/crypto/totp";
import { athena } from "../athena";
import { LONGEST_BODY } from "../body";
import { expectPublished } from "../testing/published";
import { omnitron } from ".";

// Requests as a client of the published description sends them, and whole answers. Every answer of the four operations that
// it describes is held against it, wherever a test asks for one.

const db = testDatabase();

const AUTH = "/api/v1/auth";
const TOTP = `${AUTH}/totp`;
const LOGIN = `${AUTH}/login/`;
const LOGOUT = `${AUTH}/logout/`;
const SETUP = `${TOTP}/setup/`;
const ACTIVATE = `${TOTP}/activate/`;
const VERIFY = `${TOTP}/verify/`;
const DEACTIVATE = `${TOTP}/deactivate/`;

const NOT_AUTHENTICATED = {
  status: 403,
  body: {
    detail: "Authentication credentials were not provided or are no longer valid.",
    code: "not_authenticated",
  },
};
const STEP_UP = {
  status: 403,
  body: { detail: "Log in again first: the last proof of who you are is too old.", code: "step_up_required" },
};
const WRONG_CODE = { status: 400, body: { token: ["Invalid token."], code: "invalid_token" } };
const NO_TEMP_TOKEN = {
  status: 401,
  body: { detail: "Invalid or expired temp token.", code: "authentication_failed" },
};
const ACTIVE = {
  status: 400,
  body: { non_field_errors: ["TOTP is already active."], code: "totp_already_active" },
};
const NOT_ACTIVE = {
  status: 400,
  body: { non_field_errors: ["TOTP is not active."], code: "totp_not_active" },
};
const NOT_SET_UP = {
  status: 400,
  body: { non_field_errors: ["TOTP is not set up."], code: "totp_not_set_up" },
};
const LOGGED_OUT = { status: 200, body: { detail: "Successfully logged out." } };
const MALFORMED = { status: 400, body: { detail: "JSON parse error.", code: "parse_error" } };
const NOT_JSON = { status: 415, body: { detail: "Unsupported media type in request." } };
const TOO_LARGE = { status: 413, body: { detail: "Request body is too large." } };
const throttled = (seconds: number) => ({
  status: 429,
  body: { detail: `Request was throttled. Expected available in ${seconds} seconds.`, code: "throttled" },
});

/** What is at a place within JSON, or undefined. */
function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((inner, name) => Object(inner)[name], value);
}

/** A text of an answer, which must be there. */
function textOf({ body }: { body: unknown }, name: string): string {
  const value = at(body, name);
  if (typeof value !== "string") throw new Error(`there should be a ${name} in ${JSON.stringify(body)}`);
  return value;
}

type Sent = { method?: string; json?: unknown; raw?: string; key?: string; headers?: Record<string, string> };

/** Sends one request; the whole answer, with what every answer has checked already. */
async function ask(
  ctx: Context,
  path: string,
  { method = "POST", json, raw, key, headers: extra }: Sent = {},
) {
  const headers = new Headers(extra);
  if (key !== undefined) headers.set("authorization", `Token ${key}`);
  if ((json !== undefined || raw !== undefined) && !headers.has("content-type"))
    headers.set("content-type", "application/json");
  const sentBody = raw ?? (json === undefined ? null : JSON.stringify(json));
  const request = new Request(`http://localhost:3000${path}`, { method, headers, body: sentBody });
  const response = await omnitron.answer(request, (_headers, brought) => ({ ...ctx, ...brought }));
  const text = await response.text();
  const body: unknown = text === "" ? undefined : JSON.parse(text);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.headers.getSetCookie()).toEqual([]);
  expectPublished(path, response.status, body);
  return { status: response.status, body, headers: response.headers };
}

/** Status and body alone, for a comparison with a whole answer. */
async function send(ctx: Context, path: string, sent: Sent = {}) {
  const { status, body } = await ask(ctx, path, sent);
  return { status, body };
}

async function logIn(ctx: Context, email: string): Promise<string> {
  return textOf(await ask(ctx, LOGIN, { json: { username: email, password: PASSWORD } }), "key");
}

/** Logs in as far as the temp token. */
async function beginLogIn(ctx: Context, email: string): Promise<string> {
  return textOf(await ask(ctx, LOGIN, { json: { username: email, password: PASSWORD } }), "temp_token");
}

const verify = (ctx: Context, tempToken: string, code: string) =>
  send(ctx, VERIFY, { json: { temp_token: tempToken, token: code } });

/** An account with TOTP active, at a time when its phone has fresh codes and its old proof is none any more. */
async function makeActive() {
  const start = contextOf(db);
  const person = await makeProtectedPerson(start);
  return { ...person, start, ctx: later(start, 1800) };
}

/** Logs in to the end, so that the second factor is proven now. */
async function logInFully(ctx: Context, { email, phone }: { email: string; phone: Phone }): Promise<string> {
  return textOf(await verify(ctx, await beginLogIn(ctx, email), phone.code(ctx.now)), "key");
}

/** A key counts: what needs one gets to say that there is nothing to turn off, or turn on. */
const isGood = async (ctx: Context, key: string) =>
  (await send(ctx, ACTIVATE, { key, json: { token: "000000" } })).status === 400;

/** Everything of an account that a refused request must leave alone. */
async function stateOf(userId: string, email: string): Promise<unknown> {
  const where = { userId };
  const orderBy = { id: "asc" } as const;
  return {
    user: await db.user.findUnique({ where: { id: userId } }),
    factors: await db.totpFactor.findMany({ where, orderBy }),
    codes: await db.recoveryCode.findMany({ where, orderBy }),
    sessions: await db.session.findMany({ where, omit: { lastSeenAt: true }, orderBy }),
    challenges: await db.challenge.findMany({ where, orderBy }),
    mails: await db.mail.count({ where: { recipient: email } }),
  };
}

describe("a key", () => {
  it("that activated stays good, and every other session is dead", async () => {
    const ctx = contextOf(db);
    const { email, token, user } = await makePerson(ctx);
    const [key, other] = [await logIn(ctx, email), await logIn(ctx, email)];
    const phone = new Phone(textOf(await ask(ctx, SETUP, { key }), "provisioning_uri"));
    await ask(ctx, ACTIVATE, { key, json: { token: phone.code(ctx.now) } });
    expect(await send(ctx, SETUP, { key })).toEqual(ACTIVE);
    for (const dead of [token, other])
      expect(await send(ctx, SETUP, { key: dead })).toEqual(NOT_AUTHENTICATED);
    expect(await db.session.count({ where: { userId: user.id } })).toBe(1);
  });

  it("is dead at once after logout, and no other one is", async () => {
    const ctx = contextOf(db);
    const { email, user } = await makePerson(ctx);
    const [key, other] = [await logIn(ctx, email), await logIn(ctx, email)];
    expect(await isGood(ctx, key)).toBe(true);
    expect(await send(ctx, LOGOUT, { key })).toEqual(LOGGED_OUT);
    expect(await send(ctx, SETUP, { key })).toEqual(NOT_AUTHENTICATED);
    expect(await isGood(ctx, other)).toBe(true);
    // A second time changes nothing and is no event.
    expect(await send(ctx, LOGOUT, { key })).toEqual(LOGGED_OUT);
    expect(await db.event.count({ where: { userId: user.id, kind: "sign_out" } })).toBe(1);
  });

  it("that is missing, made up or revoked, or comes in another scheme, is no key", async () => {
    const ctx = contextOf(db);
    const { email, user, token } = await makePerson(ctx);
    const revoked = await logIn(ctx, email);
    await db.session.deleteMany({ where: { userId: user.id } });
    const live = await logIn(ctx, email);
    const proofs: Sent[] = [
      {},
      { key: newToken() },
      { key: "" },
      { key: revoked },
      { key: token },
      { headers: { authorization: live } },
      { headers: { authorization: `Bearer ${live}` } },
      { headers: { cookie: `sessionid=${live}` } },
    ];
    for (const proof of proofs) {
      for (const path of [SETUP, DEACTIVATE]) expect(await send(ctx, path, proof)).toEqual(NOT_AUTHENTICATED);
      expect(await send(ctx, ACTIVATE, { ...proof, json: { token: "000000" } })).toEqual(NOT_AUTHENTICATED);
    }
    expect(await isGood(ctx, live)).toBe(true);
  });

  it("is not needed at verify, and one that is dead does no harm there", async () => {
    const { ctx, email, phone } = await makeActive();
    const json = { temp_token: await beginLogIn(ctx, email), token: phone.code(ctx.now) };
    const dead = newToken();
    const key = textOf(await ask(ctx, VERIFY, { key: dead, json }), "key");
    // The key that came along must not become the new one.
    expect(key).not.toBe(dead);
    expect(await send(ctx, SETUP, { key: dead })).toEqual(NOT_AUTHENTICATED);
  });
});

describe("a temp token", () => {
  it("is worthless as Authorization", async () => {
    const { ctx, email } = await makeActive();
    const key = await beginLogIn(ctx, email);
    for (const path of [SETUP, DEACTIVATE]) expect(await send(ctx, path, { key })).toEqual(NOT_AUTHENTICATED);
    expect(await send(ctx, ACTIVATE, { key, json: { token: "000000" } })).toEqual(NOT_AUTHENTICATED);
  });

  it("is good once: with the next right code it is spent", async () => {
    const { ctx, email, phone } = await makeActive();
    const temp = await beginLogIn(ctx, email);
    expect((await verify(ctx, temp, phone.code(ctx.now))).status).toBe(200);
    const after = later(ctx, 60);
    expect(await verify(after, temp, phone.code(after.now))).toEqual(NO_TEMP_TOKEN);
  });

  it("lapses", async () => {
    const { ctx, email, phone } = await makeActive();
    const [temp, other] = [await beginLogIn(ctx, email), await beginLogIn(ctx, email)];
    const last = later(ctx, LIMITS.challenge.ttlSeconds - 1);
    const lapsed = later(ctx, LIMITS.challenge.ttlSeconds);
    expect((await verify(last, temp, phone.code(last.now))).status).toBe(200);
    expect(await verify(lapsed, other, phone.code(later(lapsed, 30).now))).toEqual(NO_TEMP_TOKEN);
  });

  it("takes five wrong codes, each a wrong code, and then it is none any more", async () => {
    const { ctx, email, phone } = await makeActive();
    const temp = await beginLogIn(ctx, email);
    for (let n = 1; n <= 5; n += 1)
      expect(await verify(ctx, temp, phone.wrongCode(ctx.now))).toEqual(WRONG_CODE);
    expect(await verify(ctx, temp, phone.wrongCode(ctx.now))).toEqual(NO_TEMP_TOKEN);
    // Not even for the right one, once the wait is over.
    const after = later(ctx, 90);
    expect(await verify(after, temp, phone.code(after.now))).toEqual(NO_TEMP_TOKEN);
  });

  it("opens nothing after two-factor sign-in was turned off", async () => {
    const { ctx, email, phone } = await makeActive();
    const key = await logInFully(ctx, { email, phone });
    const temp = await beginLogIn(ctx, email);
    expect((await send(ctx, DEACTIVATE, { key })).status).toBe(200);
    expect(await verify(ctx, temp, phone.code(ctx.now))).toEqual(NO_TEMP_TOKEN);
  });
});

describe("a code", () => {
  it("that was used answers exactly as a wrong one", async () => {
    const { ctx, email, phone } = await makeActive();
    const used = phone.code(ctx.now);
    expect((await verify(ctx, await beginLogIn(ctx, email), used)).status).toBe(200);
    const replayed = await verify(ctx, await beginLogIn(ctx, email), used);
    const wrong = await verify(ctx, await beginLogIn(ctx, email), phone.wrongCode(ctx.now));
    expect(replayed).toEqual(WRONG_CODE);
    expect(replayed).toEqual(wrong);
  });

  it("that activated does not log in", async () => {
    const ctx = contextOf(db);
    const { email, token } = await makePerson(ctx);
    const phone = new Phone(textOf(await ask(ctx, SETUP, { key: token }), "provisioning_uri"));
    const code = phone.code(ctx.now);
    await ask(ctx, ACTIVATE, { key: token, json: { token: code } });
    expect(await verify(ctx, await beginLogIn(ctx, email), code)).toEqual(WRONG_CODE);
  });

  it("of recovery works at verify, once; as it is used it is counted and told", async () => {
    const { ctx, email, user, recoveryCodes } = await makeActive();
    const [code = ""] = recoveryCodes;
    const first = await verify(ctx, await beginLogIn(ctx, email), code);
    expect(first).toEqual({ status: 200, body: { key: expect.any(String) } });
    expect(await verify(ctx, await beginLogIn(ctx, email), code)).toEqual(WRONG_CODE);
    expect(await db.recoveryCode.count({ where: { userId: user.id, usedAt: null } })).toBe(9);
    expect(await db.mail.count({ where: { recipient: email, kind: "recovery_code_used" } })).toBe(1);
  });

  it("of recovery that activate showed works at verify", async () => {
    const ctx = contextOf(db);
    const { email, token } = await makePerson(ctx);
    const phone = new Phone(textOf(await ask(ctx, SETUP, { key: token }), "provisioning_uri"));
    const { body } = await ask(ctx, ACTIVATE, { key: token, json: { token: phone.code(ctx.now) } });
    const code = at(body, "recovery_codes", "0");
    const answer = await verify(ctx, await beginLogIn(ctx, email), String(code));
    expect(answer).toEqual({ status: 200, body: { key: expect.any(String) } });
  });

  it("that is wrong costs the account, over whichever temp tokens: after five, 429 says when to come back", async () => {
    const { ctx, email, phone } = await makeActive();
    for (let n = 1; n <= 5; n += 1) {
      const temp = await beginLogIn(ctx, email);
      expect(await verify(ctx, temp, phone.wrongCode(ctx.now))).toEqual(WRONG_CODE);
    }
    // Another address makes no difference, and neither does the right code.
    const other = elsewhere(ctx);
    const temp = await beginLogIn(other, email);
    const json = { temp_token: temp, token: phone.code(ctx.now) };
    const { status, body, headers } = await ask(other, VERIFY, { json });
    expect({ status, body }).toEqual(throttled(60));
    expect(headers.get("retry-after")).toBe("60");
    const after = later(other, 60);
    expect((await verify(after, temp, phone.code(after.now))).status).toBe(200);
  });

  it("that is wrong costs the account at activate as well", async () => {
    const ctx = contextOf(db);
    const { token: key } = await makePerson(ctx);
    const phone = new Phone(textOf(await ask(ctx, SETUP, { key }), "provisioning_uri"));
    const activate = (token: string) => ask(ctx, ACTIVATE, { key, json: { token } });
    for (let n = 1; n <= 5; n += 1) expect((await activate(phone.wrongCode(ctx.now))).status).toBe(400);
    const { status, body, headers } = await activate(phone.code(ctx.now));
    expect({ status, body }).toEqual(throttled(60));
    expect(headers.get("retry-after")).toBe("60");
  });
});

describe("setup", () => {
  it("gives a fresh secret while one is pending, and the one before is void", async () => {
    const ctx = contextOf(db);
    const { token } = await makePerson(ctx);
    const first = await ask(ctx, SETUP, { key: token });
    const second = await ask(ctx, SETUP, { key: token });
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(textOf(second, "secret_key")).not.toBe(textOf(first, "secret_key"));
    const [before, after] = [first, second].map((each) => new Phone(textOf(each, "provisioning_uri")));
    const activate = (code = "") => send(ctx, ACTIVATE, { key: token, json: { token: code } });
    expect(await activate(before?.code(ctx.now))).toEqual(WRONG_CODE);
    expect((await activate(after?.code(ctx.now))).status).toBe(200);
  });

  it("has %3A between issuer and account, and the secret of secret_key", async () => {
    const ctx = contextOf(db);
    const { email, token } = await makePerson(ctx);
    const answer = await ask(ctx, SETUP, { key: token });
    const uri = textOf(answer, "provisioning_uri");
    const secret = textOf(answer, "secret_key");
    const [label, query] = uri.split("?");
    expect(label).toBe(`otpauth://totp/Countersign%3A${encodeURIComponent(email)}`);
    expect(Object.fromEntries(new URLSearchParams(query))).toEqual({
      secret,
      algorithm: "SHA1",
      digits: "6",
      period: "30",
      issuer: "Countersign",
    });
    expect(toBase32(parseOtpauthUri(uri).secret)).toBe(secret);
  });

  it("has %3A there for an issuer with blanks and marks, too", async () => {
    const start = contextOf(db);
    const ctx = { ...start, settings: { ...start.settings, issuer: "Sign & Co. Ltd" } };
    const { email, token } = await makePerson(ctx);
    const uri = textOf(await ask(ctx, SETUP, { key: token }), "provisioning_uri");
    expect(uri.split("?")[0]).toBe(
      `otpauth://totp/${encodeURIComponent("Sign & Co. Ltd")}%3A${encodeURIComponent(email)}`,
    );
    expect(parseOtpauthUri(uri)).toMatchObject({ issuer: "Sign & Co. Ltd", account: email });
  });

  it("turns nothing on: until a code proves it, login gives a key", async () => {
    const ctx = contextOf(db);
    const { email, token } = await makePerson(ctx);
    await ask(ctx, SETUP, { key: token });
    expect(await isGood(ctx, await logIn(ctx, email))).toBe(true);
  });

  it("and activate while active are 400 and change nothing", async () => {
    const ctx = contextOf(db);
    const { email, user, token, phone } = await makeProtectedPerson(ctx);
    const before = await stateOf(user.id, email);
    expect(await send(ctx, SETUP, { key: token })).toEqual(ACTIVE);
    expect(await send(ctx, ACTIVATE, { key: token, json: { token: phone.code(ctx.now) } })).toEqual(ACTIVE);
    expect(await stateOf(user.id, email)).toEqual(before);
  });

  it("lapses: to activate it then is as if nothing was pending", async () => {
    const ctx = contextOf(db);
    const { email } = await makePerson(ctx);
    const key = await logIn(ctx, email);
    const phone = new Phone(textOf(await ask(ctx, SETUP, { key }), "provisioning_uri"));
    const lapsed = later(ctx, LIMITS.pendingSetup.ttlSeconds);
    // A proof of now, so that the guard lets it come so far.
    await db.session.updateMany({ where: { user: { email } }, data: { passwordProvenAt: lapsed.now } });
    const json = { token: phone.code(lapsed.now) };
    expect(await send(lapsed, ACTIVATE, { key, json })).toEqual(NOT_SET_UP);
  });
});

describe("deactivate", () => {
  it("with a proof older than ten minutes is 403, and nothing changes but what tells of it", async () => {
    const ctx = contextOf(db);
    const { email, user, token } = await makeProtectedPerson(ctx);
    const stale = later(ctx, 660);
    const before = await stateOf(user.id, email);
    expect(await send(stale, DEACTIVATE, { key: token })).toEqual(STEP_UP);
    expect(await stateOf(user.id, email)).toEqual(before);
    const [event] = await db.event.findMany({ where: { userId: user.id, kind: "access.refused" } });
    expect(event).toMatchObject({ via: "omnitron", details: { refusal: "step_up_required" } });
    expect(await beginLogIn(stale, email)).toEqual(expect.any(String));
  });

  it("with a fresh proof turns it off, the key stays good, and the owner is told", async () => {
    const { ctx, email, user, phone } = await makeActive();
    const key = await logInFully(ctx, { email, phone });
    // The last moment in which the proof is fresh.
    const last = later(ctx, LIMITS.stepUp.freshSeconds);
    expect(await send(last, DEACTIVATE, { key })).toEqual({ status: 200, body: undefined });
    expect(await send(last, DEACTIVATE, { key })).toEqual(NOT_ACTIVE);
    const mails = await db.mail.findMany({ where: { recipient: email, kind: "two_factor_off" } });
    expect(mails).toHaveLength(1);
    const where = { userId: user.id };
    expect([await db.totpFactor.count({ where }), await db.recoveryCode.count({ where })]).toEqual([0, 0]);
    expect(await db.event.count({ where: { ...where, kind: "two_factor.off", via: "omnitron" } })).toBe(1);
    expect(await isGood(last, await logIn(last, email))).toBe(true);
  });

  it("is refused with a key that was given long before its owner proved the second factor again elsewhere", async () => {
    const { ctx, email, phone } = await makeActive();
    const key = await logInFully(ctx, { email, phone });
    const then = later(ctx, 660);
    const athenas = (path: string, body: object) =>
      athena.answer(
        new Request(`http://localhost:3000/api/auth${path}`, {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
          body: JSON.stringify(body),
        }),
        (_headers, brought) => ({ ...then, ...brought }),
      );
    expect((await athenas("/two-factor/verify-totp", { code: phone.code(then.now) })).status).toBe(200);
    expect(await send(then, DEACTIVATE, { key })).toEqual(STEP_UP);
    expect(await beginLogIn(then, email)).toEqual(expect.any(String));
  });

  it("does for a proof by a recovery code, too", async () => {
    const { ctx, email, recoveryCodes } = await makeActive();
    const proven = await verify(ctx, await beginLogIn(ctx, email), recoveryCodes[0] ?? "");
    const answer = await send(ctx, DEACTIVATE, { key: textOf(proven, "key") });
    expect(answer).toEqual({ status: 200, body: undefined });
  });

  it("leaves the way open to set it up again", async () => {
    const ctx = contextOf(db);
    const { token, email } = await makeProtectedPerson(ctx);
    await ask(ctx, DEACTIVATE, { key: token });
    const phone = new Phone(textOf(await ask(ctx, SETUP, { key: token }), "provisioning_uri"));
    const answer = await send(ctx, ACTIVATE, { key: token, json: { token: phone.code(ctx.now) } });
    expect(answer.status).toBe(200);
    expect(await beginLogIn(ctx, email)).toEqual(expect.any(String));
  });
});

it("the published description tells a right answer from a wrong one, so that holding answers against it means something", () => {
  expectPublished(VERIFY, 200, { key: "text" });
  expect(() => expectPublished(VERIFY, 200, { key: 1 })).toThrow();
  expect(() => expectPublished(VERIFY, 401, { detail: ["text"] })).toThrow();
  expect(() => expectPublished(ACTIVATE, 200, { recovery_codes: [1] })).toThrow();
  expect(() => expectPublished(SETUP, 400, ["text"])).toThrow();
  expect(() => expectPublished(DEACTIVATE, 200, {})).toThrow();
  // No status that the description does not have, but those of any request.
  expect(() => expectPublished(SETUP, 200, {})).toThrow();
  expect(() => expectPublished(SETUP, 500, { detail: "text" })).toThrow();
});

it("setup and activate need a proof of the last ten minutes, where it was the password alone", async () => {
  const ctx = contextOf(db);
  const { email, user, token: key } = await makePerson(ctx);
  const phone = new Phone(textOf(await ask(ctx, SETUP, { key }), "provisioning_uri"));
  const stale = later(ctx, 660);
  const before = await stateOf(user.id, email);
  expect(await send(stale, SETUP, { key })).toMatchObject({
    status: 403,
    body: { code: "step_up_required" },
  });
  const json = { token: phone.code(stale.now) };
  expect(await send(stale, ACTIVATE, { key, json })).toMatchObject({
    status: 403,
    body: { code: "step_up_required" },
  });
  expect(await stateOf(user.id, email)).toEqual(before);
});

describe("a request that is none", () => {
  const TAKE_BODIES = [LOGIN, ACTIVATE, VERIFY];
  const ALL = [...TAKE_BODIES, LOGOUT, SETUP, DEACTIVATE];

  /** A key with which a body is looked at, where one is needed. */
  async function withKey() {
    const ctx = contextOf(db);
    return { ctx, key: (await makePerson(ctx)).token };
  }

  it("has malformed JSON: 400 parse_error", async () => {
    const { ctx, key } = await withKey();
    for (const path of TAKE_BODIES)
      for (const raw of ["{", "{'token':1}", '{"token":"1"} 2'])
        expect(await send(ctx, path, { key, raw })).toEqual(MALFORMED);
  });

  it("has no JSON: 415", async () => {
    const { ctx, key } = await withKey();
    for (const path of TAKE_BODIES)
      for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"]) {
        const headers = { "content-type": type };
        expect(await send(ctx, path, { key, headers, raw: '{"token":"000000"}' })).toEqual(NOT_JSON);
      }
  });

  it("has too long a body: 413", async () => {
    const { ctx, key } = await withKey();
    const raw = JSON.stringify({ token: "0".repeat(LONGEST_BODY) });
    for (const path of TAKE_BODIES) expect(await send(ctx, path, { key, raw })).toEqual(TOO_LARGE);
  });

  it("has an array, or another value, where an object belongs: 400", async () => {
    const { ctx, key } = await withKey();
    const body = { non_field_errors: ["Invalid data. Expected a dictionary."], code: "invalid" };
    for (const path of TAKE_BODIES)
      for (const raw of ["[]", "null", '"text"', "7"])
        expect(await send(ctx, path, { key, raw })).toEqual({ status: 400, body });
  });

  it("has a field that is no text: 400 names it", async () => {
    const { ctx, key } = await withKey();
    const body = { token: ["Not a valid string."], code: "invalid" };
    for (const token of [123456, null, ["000000"], "\0", "\ud800"])
      for (const path of [ACTIVATE, VERIFY])
        expect(await send(ctx, path, { key, json: { temp_token: newToken(), token } })).toEqual({
          status: 400,
          body,
        });
  });

  it("has another method: 405 with Allow", async () => {
    const { ctx, key } = await withKey();
    for (const path of ALL)
      for (const method of ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
        const { status, body, headers } = await ask(ctx, path, { key, method });
        const detail = `Method "${method}" not allowed.`;
        expect({ status, body, allow: headers.get("allow") }).toEqual({
          status: 405,
          body: { detail, code: "method_not_allowed" },
          allow: "POST",
        });
      }
    expect(await isGood(ctx, key)).toBe(true);
  });

  it("has an address of nothing: 404, whatever the method", async () => {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const) {
      const request = new Request("http://localhost:3000/api/v1/auth/totp/reset/", { method });
      const response = await omnitron.elsewhere[method](request);
      expect({ status: response.status, body: await response.json() }).toEqual({
        status: 404,
        body: { detail: "Not found." },
      });
    }
    const answer = await send(contextOf(db), `${TOTP}/reset/`);
    expect(answer).toEqual({ status: 404, body: { detail: "Not found." } });
  });
});

it("login past an address's limit is 429 with Retry-After", async () => {
  const ctx = contextOf(db);
  const { email } = await makePerson(ctx);
  const { tries, windowSeconds } = LIMITS.address.passwords;
  // One was taken by the account's own first sign-in.
  for (let n = 1; n < tries; n += 1) await spendAddressTry(ctx, "password");
  const json = { username: email, password: PASSWORD };
  const { status, body, headers } = await ask(ctx, LOGIN, { json });
  expect({ status, body }).toEqual(throttled(windowSeconds));
  expect(headers.get("retry-after")).toBe(String(windowSeconds));
});

it("what is done by this API is written down as done by it", async () => {
  const start = contextOf(db);
  const { email, user } = await makePerson(start);
  const before = await db.event.findMany({ where: { userId: user.id }, select: { id: true } });
  const key = await logIn(start, email);
  const phone = new Phone(textOf(await ask(start, SETUP, { key }), "provisioning_uri"));
  await ask(start, ACTIVATE, { key, json: { token: phone.wrongCode(start.now) } });
  await ask(start, ACTIVATE, { key, json: { token: phone.code(start.now) } });
  await ask(start, LOGIN, { json: { username: email, password: "not that" } });
  const ctx = later(start, 60);
  const temp = await beginLogIn(ctx, email);
  await verify(ctx, temp, phone.wrongCode(ctx.now));
  const fresh = textOf(await verify(ctx, temp, phone.code(ctx.now)), "key");
  await ask(ctx, DEACTIVATE, { key: fresh });
  await ask(ctx, LOGOUT, { key: fresh });
  const where = { userId: user.id, id: { notIn: before.map(({ id }) => id) } };
  const events = await db.event.findMany({ where, select: { kind: true, via: true } });
  expect(events.filter(({ via }) => via !== "omnitron")).toEqual([]);
  expect(new Set(events.map(({ kind }) => kind))).toEqual(
    new Set([
      "sign_in.succeeded",
      "totp.started",
      "totp.confirm_failed",
      "totp.confirmed",
      "two_factor.on",
      "recovery_codes.made",
      "sign_in.password_failed",
      "sign_in.challenged",
      "sign_in.code_failed",
      "totp.removed",
      "two_factor.off",
      "sign_out",
    ]),
  );
});

it("a sign-in by this API makes no browser known, with a second factor or without", async () => {
  const { ctx, email, user, phone } = await makeActive();
  const where = { userId: user.id };
  const before = await db.knownBrowser.count({ where });
  await logInFully(ctx, { email, phone });
  expect(await db.knownBrowser.count({ where })).toBe(before);
  const other = await makePerson(ctx);
  const known = await db.knownBrowser.count({ where: { userId: other.user.id } });
  await logIn(ctx, other.email);
  expect(await db.knownBrowser.count({ where: { userId: other.user.id } })).toBe(known);
});
