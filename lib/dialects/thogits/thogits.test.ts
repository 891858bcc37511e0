import { PNG } from "pngjs";
import decodeQr from "qr/decode.js";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { LIMITS } from "@/lib/core/limits";
import { contextOf, later, PASSWORD, testDatabase } from "@/lib/core/testing/fixtures";
import { Phone } from "@/lib/core/testing/phone";
import { parseOtpauthUri } from "@/lib/crypto/otpauth-uri";
import { toBase32 } from "@/lib/crypto/totp";
import { LONGEST_BODY } from "../body";
import { type Seen, TestClient } from "../testing/client";
import { thogits } from ".";
import * as responses from "./responses";

// Requests as a browser's cookie jar sends them, and whole answers: a field too many would be as wrong as one that is missing.

const db = testDatabase();

const REGISTER = "/api/auth/register";
const LOGIN = "/api/auth/login";
const LOGOUT = "/api/auth/logout";
const ME = "/api/auth/me";
const SETUP = "/api/auth/2fa/totp/setup";
const CONFIRM = "/api/auth/2fa/totp/confirm";
const VERIFY = "/api/auth/2fa/totp/verify";
const DISABLE = "/api/auth/2fa/totp/disable";
const EVIL = { origin: "https://evil.example" };

const NO_SESSION = { status: 401, body: { error: "Unauthorized", message: "Log in first" } };
const STILL_OWED = {
  status: 401,
  body: { error: "Unauthorized", message: "The second factor is still owed" },
};
const NO_CHALLENGE = {
  status: 401,
  body: { error: "Unauthorized", message: "No partial session: log in first" },
};
const WRONG_PAIR = {
  status: 401,
  body: { error: "Unauthorized", message: "Wrong e-mail address or password" },
};
const WRONG_CODE = { status: 400, body: { error: "BadRequest", message: "Invalid code" } };
const NOT_FOUND = { status: 404, body: { error: "NotFound", message: "There is nothing here" } };
const FOREIGN = { status: 403, body: { error: "Forbidden", message: "This came from another site" } };
const MALFORMED = { status: 400, body: { error: "BadRequest", message: "The body is not valid JSON" } };
const NO_OBJECT = { status: 400, body: { error: "BadRequest", message: "The body must be a JSON object" } };
const TOO_LARGE = { status: 413, body: { error: "BadRequest", message: "The body is too large" } };
const missing = (path: string) => ({
  status: 400,
  body: { error: "MissingField", message: `The field ${path} is missing`, path },
});
const notRight = (path: string, how: string) => ({
  status: 400,
  body: { error: "ValidationErrors", message: `The field ${path} is ${how}`, path },
});
const DISABLED = { status: 200, body: { message: "TOTP disabled" } };

let people = 0;
const newEmail = () => {
  people += 1;
  return `thogits${people}-${Math.random().toString(36).slice(2)}@example.org`;
};

/** What of an answer a client acts on. */
const said = ({ status, body }: Seen) => ({ status, body });

/** The whole of UserInfo. */
function userInfo(email: string, change: Partial<z.infer<typeof responses.userInfo>> = {}) {
  return {
    user_id: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
    email,
    display_name: null,
    created_at: "2030-06-01T12:00:00.000Z",
    oauth_providers: [],
    has_password: true,
    has_totp: false,
    has_passkey: false,
    linked_google: false,
    linked_apple: false,
    ...change,
  };
}

/** A client that has just registered. */
async function registered() {
  const client = new TestClient(thogits, contextOf(db));
  const email = newEmail();
  const answer = await client.send("POST", REGISTER, { email, password: PASSWORD });
  const { user_id: userId } = responses.userInfo.parse(answer.body);
  return { client, email, userId };
}

/** A client whose two-factor authentication is on, half an hour later and logged out. */
async function withTwoFactor() {
  const person = await enrolled();
  await person.client.send("POST", LOGOUT);
  person.client.ctx = later(person.client.ctx, 1800);
  return person;
}

/** A client that has just turned two-factor authentication on. */
async function enrolled() {
  const person = await registered();
  const { client } = person;
  const phone = phoneOf(await client.send("POST", SETUP));
  const confirmed = await client.send("POST", CONFIRM, { code: phone.code(client.ctx.now) });
  const recoveryCodes = responses.confirmed.parse(confirmed.body).recovery_codes ?? [];
  return { ...person, phone, recoveryCodes };
}

/** The text in a QR code that was answered. */
function scanned({ body }: Seen): string {
  const [, png = ""] = responses.setup.parse(body).qr_code.split("base64,");
  const { width, height, data } = PNG.sync.read(Buffer.from(png, "base64"));
  return decodeQr({ width, height, data });
}

const phoneOf = (setup: Seen) => new Phone(scanned(setup));
const logIn = (client: TestClient, email: string) =>
  client.send("POST", LOGIN, { email, password: PASSWORD });
const me = (client: TestClient) => client.send("GET", ME).then(said);

/** Logs in with a code and all. */
async function signIn({ client, email, phone }: Awaited<ReturnType<typeof withTwoFactor>>) {
  await logIn(client, email);
  return client.send("POST", VERIFY, { code: phone.code(client.ctx.now) });
}

describe("register", () => {
  it("makes an account and logs it in", async () => {
    const client = new TestClient(thogits, contextOf(db));
    const email = newEmail();
    const sent = { email, password: PASSWORD, display_name: "A name" };
    const expected = { status: 200, body: userInfo(email, { display_name: "A name" }) };
    expect(said(await client.send("POST", REGISTER, sent))).toEqual(expected);
    expect(await me(client)).toEqual(expected);
  });

  it("needs no display name, and takes null for none", async () => {
    for (const more of [{}, { display_name: null }]) {
      const client = new TestClient(thogits, contextOf(db));
      const email = newEmail();
      const answer = await client.send("POST", REGISTER, { email, password: PASSWORD, ...more });
      expect(said(answer)).toEqual({ status: 200, body: userInfo(email) });
    }
  });

  it("names the field that is missing or not right, and opens nothing", async () => {
    const client = new TestClient(thogits, contextOf(db));
    const email = newEmail();
    const register = async (body: object) => said(await client.send("POST", REGISTER, body));
    expect(await register({ password: PASSWORD })).toEqual(missing("email"));
    expect(await register({ email })).toEqual(missing("password"));
    expect(await register({ email: "", password: PASSWORD })).toEqual(missing("email"));
    expect(await register({ email: "no address", password: PASSWORD })).toEqual(
      notRight("email", "malformed"),
    );
    expect(await register({ email, password: "1234567" })).toEqual(notRight("password", "too short"));
    const long = { email, password: PASSWORD, display_name: "x".repeat(LIMITS.input.nameLength + 1) };
    expect(await register(long)).toEqual(notRight("display_name", "too long"));
    const wrongType = await client.send("POST", REGISTER, { email, password: 12345678 });
    expect(said(wrongType)).toEqual({
      status: 400,
      body: {
        error: "ValidationErrors",
        message: expect.stringMatching(/^The field password is not right: /),
        path: "password",
      },
    });
    expect(client.cookies()).toEqual({});
    expect(await db.user.count({ where: { email } })).toBe(0);
  });
});

describe("login", () => {
  it("with two-factor authentication on says so, and gives a challenge and no session", async () => {
    const { client, email } = await withTwoFactor();
    expect(said(await logIn(client, email))).toEqual({ status: 200, body: { needs_2fa: true } });
    expect(Object.keys(client.cookies())).toEqual(["thogits.challenge"]);
  });

  it("ends the session that was there before, be it with a challenge or a session", async () => {
    const before = await registered();
    const { email } = await withTwoFactor();
    const old = new TestClient(thogits, before.client.ctx);
    const cookie = `thogits.session=${before.client.cookies()["thogits.session"]}`;
    expect((await old.send("GET", ME, undefined, { cookie })).status).toBe(200);
    await logIn(before.client, email);
    expect(said(await old.send("GET", ME, undefined, { cookie }))).toEqual(NO_SESSION);
  });

  it("answers the same for a wrong password and for an e-mail address nobody has", async () => {
    const { client, email } = await registered();
    await client.send("POST", LOGOUT);
    const wrong = await client.send("POST", LOGIN, { email, password: "not the password" });
    expect(said(wrong)).toEqual(WRONG_PAIR);
    const nobody = await client.send("POST", LOGIN, { email: newEmail(), password: PASSWORD });
    expect([said(nobody), nobody.setCookies]).toEqual([said(wrong), wrong.setCookies]);
    expect(await me(client)).toEqual(NO_SESSION);
  });
});

describe("logout", () => {
  it("has an empty body, takes the cookies away, and ends the session for whoever kept them", async () => {
    const { client } = await registered();
    const kept = Object.entries(client.cookies());
    const answer = await client.send("POST", LOGOUT);
    expect(said(answer)).toEqual({ status: 200, body: null });
    expect(client.cookies()).toEqual({});
    const cookie = kept.map(([name, value]) => `${name}=${value}`).join("; ");
    expect(said(await client.send("GET", ME, undefined, { cookie }))).toEqual(NO_SESSION);
  });
});

describe("me", () => {
  it("tells nobody anything without a session", async () => {
    const client = new TestClient(thogits, contextOf(db));
    expect(await me(client)).toEqual(NO_SESSION);
    const cookie = "thogits.session=made-up; next-auth.session-token=made-up";
    expect(said(await client.send("GET", ME, undefined, { cookie }))).toEqual(NO_SESSION);
  });

  it("moves the cookie's end by a week, while the server's own limit rules", async () => {
    const { client } = await registered();
    client.ctx = later(client.ctx, 1800);
    const { setCookies } = await client.send("GET", ME);
    expect(setCookies).toEqual([
      expect.stringMatching(
        /^thogits\.session=[\w-]{43}; Max-Age=604800; Path=\/; Expires=Sat, 08 Jun 2030 12:30:00 GMT; HttpOnly; SameSite=Lax$/,
      ),
    ]);
    client.ctx = later(client.ctx, 3601);
    expect(Object.keys(client.cookies())).toContain("thogits.session");
    expect(await me(client)).toEqual(NO_SESSION);
  });

  it("makes nothing last of a session that is to end with the browser, also after a set-up", async () => {
    const { client } = await registered();
    client.forget("thogits.session");
    const { secret } = responses.setup.parse((await client.send("POST", SETUP)).body);
    const phone = new Phone(`otpauth://totp/Thogits:you?secret=${secret}&issuer=Thogits`);
    const confirmed = await client.send("POST", CONFIRM, { code: phone.code(client.ctx.now) });
    expect(confirmed.status).toBe(200);
    const seen = await client.send("GET", ME);
    expect(seen.status).toBe(200);
    const given = [...confirmed.setCookies, ...seen.setCookies].filter((line) => !/^[^=]+=;/.test(line));
    expect(given.length).toBeGreaterThan(0);
    for (const line of given.filter((each) => /session/.test(each)))
      expect(line).not.toMatch(/Max-Age|Expires/);
  });

  it("knows somebody by the pages' cookie alone, and makes none of its own of it, which would last longer", async () => {
    const { client, email } = await registered();
    client.forget("thogits.session");
    expect(await me(client)).toEqual({ status: 200, body: userInfo(email) });
    expect(client.cookies()["thogits.session"]).toBeUndefined();
  });
});

describe("setup", () => {
  it("answers a secret and its QR code, and what the code holds is that secret", async () => {
    const { client, email } = await registered();
    const answer = await client.send("POST", SETUP);
    expect(said(answer)).toEqual({
      status: 200,
      body: {
        secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
        qr_code: expect.stringMatching(/^data:image\/png;base64,[A-Za-z0-9+/]+=*$/),
      },
    });
    const { secret, ...account } = parseOtpauthUri(scanned(answer));
    expect(toBase32(secret)).toBe(responses.setup.parse(answer.body).secret);
    expect(account).toEqual({
      issuer: "Countersign",
      account: email,
      algorithm: "SHA1",
      digits: 6,
      periodSeconds: 30,
    });
  });

  it("turns nothing on before its first code", async () => {
    const { client, email } = await registered();
    await client.send("POST", SETUP);
    expect(await me(client)).toEqual({ status: 200, body: userInfo(email) });
    await client.send("POST", LOGOUT);
    expect(said(await logIn(client, email))).toEqual({ status: 200, body: userInfo(email) });
  });

  it("makes a fresh secret while one is pending, and the first is void", async () => {
    const { client } = await registered();
    const first = await client.send("POST", SETUP);
    const second = await client.send("POST", SETUP);
    expect(responses.setup.parse(second.body).secret).not.toBe(responses.setup.parse(first.body).secret);
    const { now } = client.ctx;
    expect(said(await client.send("POST", CONFIRM, { code: phoneOf(first).code(now) }))).toEqual(WRONG_CODE);
    expect((await client.send("POST", CONFIRM, { code: phoneOf(second).code(now) })).status).toBe(200);
  });

  it("asks for a new login when the last one is long ago", async () => {
    const { client, userId } = await registered();
    client.ctx = later(client.ctx, 660);
    expect(said(await client.send("POST", SETUP))).toEqual({
      status: 403,
      body: {
        error: "Forbidden",
        message: "The last proof of who you are is too old for this",
        suggestion: "Log in again, then try again",
      },
    });
    expect(await db.totpFactor.count({ where: { userId } })).toBe(0);
  });
});

describe("confirm", () => {
  it("turns two-factor authentication on, shows the recovery codes, and gives the session a new cookie", async () => {
    const { client, email } = await registered();
    const phone = phoneOf(await client.send("POST", SETUP));
    const before = client.cookies()["thogits.session"];
    const answer = await client.send("POST", CONFIRM, { code: phone.code(client.ctx.now) });
    const recoveryCodes = Array.from({ length: LIMITS.recoveryCodes.count }, () => expect.any(String));
    expect(said(answer)).toEqual({
      status: 200,
      body: { message: "TOTP confirmed", recovery_codes: recoveryCodes },
    });
    const after = client.cookies()["thogits.session"];
    expect(after).toBeDefined();
    expect(after).not.toBe(before);
    expect(await me(client)).toEqual({ status: 200, body: userInfo(email, { has_totp: true }) });
    const old = await client.send("GET", ME, undefined, { cookie: `thogits.session=${before}` });
    expect(said(old)).toEqual(NO_SESSION);
  });

  it("refuses a wrong code, and the set-up goes on", async () => {
    const { client } = await registered();
    const phone = phoneOf(await client.send("POST", SETUP));
    const { now } = client.ctx;
    expect(said(await client.send("POST", CONFIRM, { code: phone.wrongCode(now) }))).toEqual(WRONG_CODE);
    expect((await client.send("POST", CONFIRM, { code: phone.code(now) })).status).toBe(200);
  });

  it("refuses a missing code", async () => {
    const { client } = await registered();
    await client.send("POST", SETUP);
    expect(said(await client.send("POST", CONFIRM, {}))).toEqual(missing("code"));
    expect(said(await client.send("POST", CONFIRM))).toEqual(missing("code"));
    expect(said(await client.send("POST", CONFIRM, { code: "" }))).toEqual(missing("code"));
  });

  it("refuses where nothing is pending, or no longer", async () => {
    const { client } = await registered();
    const nothing = { status: 400, body: { error: "BadRequest", message: "No pending TOTP setup" } };
    expect(said(await client.send("POST", CONFIRM, { code: "123456" }))).toEqual(nothing);
    const phone = phoneOf(await client.send("POST", SETUP));
    await client.send("POST", DISABLE);
    const code = phone.code(client.ctx.now);
    expect(said(await client.send("POST", CONFIRM, { code }))).toEqual(nothing);
  });
});

describe("verify", () => {
  it("completes the login, with a session cookie of a new value in place of the challenge", async () => {
    const person = await enrolled();
    const { client, email } = person;
    const before = client.cookies()["thogits.session"];
    await client.send("POST", LOGOUT);
    client.ctx = later(client.ctx, 1800);
    const answer = await signIn(person);
    expect(said(answer)).toEqual({ status: 200, body: userInfo(email, { has_totp: true }) });
    expect(answer.setCookies).toEqual([
      expect.stringMatching(
        /^thogits\.session=[\w-]{43}; Max-Age=604800; Path=\/; Expires=Sat, 08 Jun 2030 12:30:00 GMT; HttpOnly; SameSite=Lax$/,
      ),
      expect.stringMatching(
        /^next-auth\.session-token=[\w.-]+; Path=\/; Expires=.+; HttpOnly; SameSite=Lax$/,
      ),
      expect.stringMatching(/^countersign\.challenge=; Max-Age=0; /),
      expect.stringMatching(/^thogits\.challenge=; Max-Age=0; /),
      expect.stringMatching(/^countersign\.browser=[\w-]{43}; Path=\/; Expires=.+; HttpOnly; SameSite=Lax$/),
    ]);
    expect(client.cookies()["thogits.session"]).not.toBe(before);
    expect(Object.keys(client.cookies()).sort()).toEqual([
      "countersign.browser",
      "next-auth.session-token",
      "thogits.session",
    ]);
    expect(await me(client)).toEqual({ status: 200, body: userInfo(email, { has_totp: true }) });
  });

  it("takes a recovery code, once", async () => {
    const { client, email, recoveryCodes } = await withTwoFactor();
    const [code = ""] = recoveryCodes;
    await logIn(client, email);
    expect(said(await client.send("POST", VERIFY, { code }))).toEqual({
      status: 200,
      body: userInfo(email, { has_totp: true }),
    });
    await logIn(client, email);
    expect(said(await client.send("POST", VERIFY, { code }))).toEqual(WRONG_CODE);
  });

  it("answers a code that was used before exactly as a wrong one", async () => {
    const person = await withTwoFactor();
    const { client, email, phone } = person;
    await signIn(person);
    await logIn(client, email);
    const used = await client.send("POST", VERIFY, { code: phone.codeAt(client.ctx.now, 0) });
    const wrong = await client.send("POST", VERIFY, { code: phone.wrongCode(client.ctx.now) });
    expect(said(used)).toEqual(WRONG_CODE);
    const whole = (seen: Seen) => ({ ...seen, headers: [...seen.headers] });
    expect(whole(used)).toEqual(whole(wrong));
  });

  it("refuses a missing code, and one that is no text", async () => {
    const { client, email } = await withTwoFactor();
    await logIn(client, email);
    expect(said(await client.send("POST", VERIFY, {}))).toEqual(missing("code"));
    expect(said(await client.send("POST", VERIFY, { code: 123456 }))).toEqual({
      status: 400,
      body: {
        error: "ValidationErrors",
        message: expect.stringMatching(/^The field code is not right: /),
        path: "code",
      },
    });
  });

  it("has five tries: the fifth wrong code is one like the others, after it there is no partial session", async () => {
    const { client, email, phone } = await withTwoFactor();
    await logIn(client, email);
    const { now } = client.ctx;
    for (let tried = 0; tried < LIMITS.challenge.tries; tried += 1) {
      expect(said(await client.send("POST", VERIFY, { code: phone.wrongCode(now) }))).toEqual(WRONG_CODE);
    }
    expect(said(await client.send("POST", VERIFY, { code: phone.code(now) }))).toEqual(NO_CHALLENGE);
  });

  it("is refused without a partial session, also with a full one, and once it has lapsed", async () => {
    const nobody = new TestClient(thogits, contextOf(db));
    expect(said(await nobody.send("POST", VERIFY, { code: "123456" }))).toEqual(NO_CHALLENGE);
    const person = await withTwoFactor();
    const { client, email, phone } = person;
    await signIn(person);
    client.ctx = later(client.ctx, 60);
    const full = await client.send("POST", VERIFY, { code: phone.code(client.ctx.now) });
    expect(said(full)).toEqual(NO_CHALLENGE);
    await logIn(client, email);
    const cookie = `thogits.challenge=${client.cookies()["thogits.challenge"]}`;
    client.ctx = later(client.ctx, LIMITS.challenge.ttlSeconds + 1);
    expect(client.cookies()).not.toHaveProperty("thogits.challenge");
    const late = await client.send("POST", VERIFY, { code: phone.code(client.ctx.now) }, { cookie });
    expect(said(late)).toEqual(NO_CHALLENGE);
  });

  it("holds a challenge good for one login", async () => {
    const person = await withTwoFactor();
    const { client, email, phone } = person;
    await logIn(client, email);
    const cookie = `thogits.challenge=${client.cookies()["thogits.challenge"]}`;
    await client.send("POST", VERIFY, { code: phone.code(client.ctx.now) });
    client.ctx = later(client.ctx, 60);
    const again = await client.send("POST", VERIFY, { code: phone.code(client.ctx.now) }, { cookie });
    expect(said(again)).toEqual(NO_CHALLENGE);
  });

  it("says how long to wait once an account had too many wrong codes", async () => {
    const { client, email, phone } = await withTwoFactor();
    await logIn(client, email);
    for (let tried = 0; tried < LIMITS.challenge.tries; tried += 1)
      await client.send("POST", VERIFY, { code: phone.wrongCode(client.ctx.now) });
    await logIn(client, email);
    const held = await client.send("POST", VERIFY, { code: phone.code(client.ctx.now) });
    expect(said(held)).toEqual({
      status: 429,
      body: { error: "TooManyRequests", message: "Too many tries: wait before the next one" },
    });
    expect(held.headers.get("retry-after")).toBe("60");
  });
});

describe("disable", () => {
  it("turns two-factor authentication off with a code, and the session goes on by a new cookie", async () => {
    const { client, email, phone } = await enrolled();
    client.ctx = later(client.ctx, 60);
    const before = client.cookies()["thogits.session"];
    expect(said(await client.send("POST", DISABLE, { code: phone.code(client.ctx.now) }))).toEqual(DISABLED);
    expect(client.cookies()["thogits.session"]).not.toBe(before);
    expect(await me(client)).toEqual({ status: 200, body: userInfo(email) });
    await client.send("POST", LOGOUT);
    expect(said(await logIn(client, email))).toEqual({ status: 200, body: userInfo(email) });
  });

  it("gives up a set-up that was only begun, without a code, with null for it, or without a body", async () => {
    const { client, userId } = await registered();
    for (const body of [{}, { code: null }, undefined]) {
      await client.send("POST", SETUP);
      expect(said(await client.send("POST", DISABLE, body))).toEqual(DISABLED);
      expect(await db.totpFactor.count({ where: { userId } })).toBe(0);
    }
  });

  it("refuses a wrong, used or missing code, and two-factor authentication stays on", async () => {
    const { client, email, phone } = await enrolled();
    const { now } = client.ctx;
    expect(said(await client.send("POST", DISABLE, { code: phone.wrongCode(now) }))).toEqual(WRONG_CODE);
    expect(said(await client.send("POST", DISABLE, { code: phone.codeAt(now, 0) }))).toEqual(WRONG_CODE);
    for (const body of [{}, { code: null }, { code: "" }, undefined])
      expect(said(await client.send("POST", DISABLE, body))).toEqual(missing("code"));
    expect(await me(client)).toEqual({ status: 200, body: userInfo(email, { has_totp: true }) });
  });
});

describe("a partial session", () => {
  it("opens nothing but verify", async () => {
    const { client, email, phone } = await withTwoFactor();
    await logIn(client, email);
    const code = phone.codeAt(client.ctx.now, 0);
    expect(await me(client)).toEqual(STILL_OWED);
    for (const path of [SETUP, CONFIRM, DISABLE])
      expect(said(await client.send("POST", path, { code }))).toEqual(STILL_OWED);
    expect((await client.send("POST", VERIFY, { code })).status).toBe(200);
  });

  it("is no session under that cookie's name, and a session is none of it", async () => {
    const person = await withTwoFactor();
    const { client, email, phone } = person;
    await logIn(client, email);
    const asSession = `thogits.session=${client.cookies()["thogits.challenge"]}`;
    expect(said(await client.send("GET", ME, undefined, { cookie: asSession }))).toEqual(NO_SESSION);
    await client.send("POST", VERIFY, { code: phone.code(client.ctx.now) });
    const asChallenge = `thogits.challenge=${client.cookies()["thogits.session"]}`;
    client.ctx = later(client.ctx, 60);
    const code = phone.code(client.ctx.now);
    expect(said(await client.send("POST", VERIFY, { code }, { cookie: asChallenge }))).toEqual(NO_CHALLENGE);
  });

  it("goes out of the browser by logging out", async () => {
    const { client, email, phone } = await withTwoFactor();
    await logIn(client, email);
    await client.send("POST", LOGOUT);
    expect(client.cookies()).toEqual({});
    const code = phone.code(client.ctx.now);
    expect(said(await client.send("POST", VERIFY, { code }))).toEqual(NO_CHALLENGE);
  });
});

describe("whatever is asked", () => {
  it("answers in its own form where there is nothing", async () => {
    const url = "http://localhost:3000/api/auth/2fa/nothing";
    for (const route of [thogits.elsewhere.GET, thogits.find("/api/auth/2fa/nothing")]) {
      const answer = await route?.(new Request(url));
      expect({ status: answer?.status, body: await answer?.json() }).toEqual(NOT_FOUND);
      expect(answer?.headers.get("content-type")).toBe("application/json");
    }
    expect(thogits.find("/api/auth/session")).toBeNull();
  });

  it("names the method that is allowed", async () => {
    const client = new TestClient(thogits, contextOf(db));
    for (const [method, path, allowed] of [
      ["GET", LOGIN, "POST"],
      ["POST", ME, "GET"],
      ["DELETE", SETUP, "POST"],
      ["PUT", VERIFY, "POST"],
    ] as const) {
      const answer = await client.send(method, path);
      expect(said(answer)).toEqual({
        status: 405,
        body: { error: "MethodNotAllowed", message: `${method} is not allowed here` },
      });
      expect(answer.headers.get("allow")).toBe(allowed);
    }
  });

  it("takes addresses with a slash at the end", async () => {
    const { client, email } = await registered();
    const answer = await client.send("GET", `${ME}/`);
    expect(said(answer)).toEqual({ status: 200, body: userInfo(email) });
    expect((await client.send("POST", `${SETUP}/`)).status).toBe(200);
    expect(said(await client.send("POST", `${DISABLE}/`))).toEqual(DISABLED);
  });

  it("takes JSON alone", async () => {
    const { email } = await registered();
    const client = new TestClient(thogits, contextOf(db));
    const body = { email, password: PASSWORD };
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""]) {
      expect(said(await client.send("POST", LOGIN, body, { "content-type": type }))).toEqual({
        status: 415,
        body: {
          error: "BadRequest",
          message: "The body must be JSON",
          suggestion: "Send Content-Type: application/json",
        },
      });
    }
    const type = { "content-type": "Application/JSON; charset=utf-8" };
    expect((await client.send("POST", LOGIN, body, type)).status).toBe(200);
  });

  it("refuses what is no JSON, no UTF-8, or no object", async () => {
    const client = new TestClient(thogits, contextOf(db));
    const login = async (body: string | Uint8Array) => said(await client.send("POST", LOGIN, body));
    for (const body of ["{", "{'email':1}", " ", "[".repeat(60_000)])
      expect(await login(body)).toEqual(MALFORMED);
    // Half of a surrogate pair as bytes, which is no UTF-8 (RFC 3629, section 3).
    const half = Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]);
    expect(await login(half)).toEqual(MALFORMED);
    for (const body of [
      "[]",
      `${"[".repeat(30_000)}${"]".repeat(30_000)}`,
      "null",
      '"text"',
      "1",
      '[{"email":"you@example.org"}]',
    ])
      expect(await login(body)).toEqual(NO_OBJECT);
  });

  it("refuses these where no body is asked for, too", async () => {
    const { client, userId } = await registered();
    expect(said(await client.send("POST", SETUP, "["))).toEqual(MALFORMED);
    expect(said(await client.send("POST", SETUP, []))).toEqual(NO_OBJECT);
    expect((await client.send("POST", SETUP, {}, { "content-type": "text/plain" })).status).toBe(415);
    expect(await db.totpFactor.count({ where: { userId } })).toBe(0);
  });

  it("refuses a body over 64 KiB, whether it says so or not, and reads one of that length", async () => {
    const client = new TestClient(thogits, contextOf(db));
    // Blanks around a JSON text mean nothing (RFC 8259, section 2).
    const padded = (bytes: number) =>
      JSON.stringify({ email: newEmail(), password: PASSWORD }).padEnd(bytes, " ");
    expect(said(await client.send("POST", LOGIN, padded(LONGEST_BODY)))).toEqual(WRONG_PAIR);
    expect(said(await client.send("POST", LOGIN, padded(LONGEST_BODY + 1)))).toEqual(TOO_LARGE);
    const declared = { "content-length": String(LONGEST_BODY + 1) };
    expect(said(await client.send("POST", LOGIN, "{}", declared))).toEqual(TOO_LARGE);
  });

  it("refuses a NUL byte and half of a surrogate pair in any field", async () => {
    const { client, email } = await registered();
    const strange = (path: string) => notRight(path, "not right: must be text");
    for (const bad of ["\0", "\ud800"]) {
      const at = (path: string, body: object) => client.send("POST", path, body).then(said);
      expect(await at(LOGIN, { email, password: `${PASSWORD}${bad}` })).toEqual(strange("password"));
      expect(await at(LOGIN, { email: `${bad}${email}`, password: PASSWORD })).toEqual(strange("email"));
      const named = { email: newEmail(), password: PASSWORD, display_name: bad };
      expect(await at(REGISTER, named)).toEqual(strange("display_name"));
      expect(await at(CONFIRM, { code: bad })).toEqual(strange("code"));
      expect(await at(DISABLE, { code: bad })).toEqual(strange("code"));
      const header = { cookie: "thogits.challenge=made-up" };
      expect(said(await client.send("POST", VERIFY, { code: bad }, header))).toEqual(strange("code"));
    }
    expect(await me(client)).toEqual({ status: 200, body: userInfo(email) });
  });

  it("refuses what other sites make a browser send, and nothing changes", async () => {
    const { client, email, phone } = await enrolled();
    client.ctx = later(client.ctx, 60);
    const code = phone.codeAt(client.ctx.now, 0);
    for (const headers of [
      EVIL,
      { origin: "null" },
      { origin: "https://localhost:3000" },
      { origin: "http://localhost:3000.evil.example" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ]) {
      for (const [path, body] of [
        [DISABLE, { code }],
        [LOGOUT, undefined],
        [LOGIN, { email, password: PASSWORD }],
        [REGISTER, { email: newEmail(), password: PASSWORD }],
        [SETUP, undefined],
        [CONFIRM, { code }],
        [VERIFY, { code }],
      ] as const) {
        const answer = await client.send("POST", path, body, headers);
        expect([said(answer), answer.setCookies]).toEqual([FOREIGN, []]);
      }
    }
    expect(await me(client)).toEqual({ status: 200, body: userInfo(email, { has_totp: true }) });
    const own = { origin: "http://localhost:3000", "sec-fetch-site": "same-origin" };
    expect(said(await client.send("POST", DISABLE, { code }, own))).toEqual(DISABLED);
  });

  it("is written into the audit trail as having come by this way", async () => {
    const person = await withTwoFactor();
    const { client, email, phone, userId } = person;
    await logIn(client, email);
    await client.send("POST", VERIFY, { code: phone.wrongCode(client.ctx.now) });
    await client.send("POST", VERIFY, { code: phone.code(client.ctx.now) });
    client.ctx = later(client.ctx, 60);
    await client.send("POST", DISABLE, { code: phone.wrongCode(client.ctx.now) });
    await client.send("POST", DISABLE, { code: phone.code(client.ctx.now) });
    await client.send("POST", LOGOUT);
    await client.send("POST", LOGIN, { email, password: "not the password" });
    const events = await db.event.findMany({ where: { userId } });
    expect(new Set(events.map(({ via }) => via))).toEqual(new Set(["thogits"]));
    expect(events.map(({ kind }) => kind).sort()).toEqual([
      "account.created",
      "email.confirmation_asked",
      "recovery_codes.made",
      "sign_in.challenged",
      "sign_in.code_failed",
      "sign_in.password_failed",
      "sign_in.succeeded",
      "sign_in.succeeded",
      "sign_out",
      "sign_out",
      "totp.confirmed",
      "totp.remove_failed",
      "totp.removed",
      "totp.started",
      "two_factor.off",
      "two_factor.on",
    ]);
  });
});
