import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { startTotpSetup } from "@/lib/core/factors/totp";
import {
  contextOf,
  later,
  makePerson,
  makeProtectedPerson,
  PASSWORD,
  testDatabase,
} from "@/lib/core/testing/fixtures";
import { Phone } from "@/lib/core/testing/phone";
import { spendTries } from "../testing/askers";
import { type Seen, TestClient } from "../testing/client";
import { athena } from "./index";

// What Athena's answers carry beside their bodies, which cases.ts has: cookies, the header with the token, and where from a
// request may come.
const db = testDatabase();
const BASE = "/api/auth";
const ORIGIN = { origin: "http://localhost:3000" };
const password = { password: PASSWORD };
const SESSION = "better-auth.session_token";
const CHALLENGE = "better-auth.two_factor";
const TRUST = "better-auth.trust_device";
const FORGET = "better-auth.dont_remember";

type Owner = Awaited<ReturnType<typeof makeProtectedPerson>>;

/** Somebody's browser a minute after two-factor was turned on, with nothing in it. */
let client: TestClient;
let owner: Owner;
beforeEach(async () => {
  const start = contextOf(db);
  owner = await makeProtectedPerson(start);
  client = new TestClient(athena, later(start, 60));
});

const post = (path: string, body: object = {}, headers: Record<string, string> = ORIGIN) =>
  client.send("POST", `${BASE}${path}`, body, headers);
const signIn = (more: object = {}) => post("/sign-in/email", { email: owner.email, ...password, ...more });
const code = () => ({ code: owner.phone.code(client.ctx.now) });
const wait = (seconds: number) => {
  client.ctx = later(client.ctx, seconds);
};
/** Signs in to the end. */
const enter = async (more: object = {}) => {
  await signIn();
  const seen = await post("/two-factor/verify-totp", { ...code(), ...more });
  expect(seen.status).toBe(200);
  return seen;
};
const whoIs = async (headers: Record<string, string> = ORIGIN) =>
  (await client.send("GET", `${BASE}/get-session`, undefined, headers)).body;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** The Set-Cookie header for a name, or undefined. */
const cookieIn = ({ setCookies }: Seen, name: string) =>
  setCookies.find((line) => line.startsWith(`${name}=`));
const tokenIn = ({ body }: Seen) => z.object({ token: z.string() }).parse(body).token;

describe("cookies", () => {
  it("hold a session for a week, for the server alone", async () => {
    const line = cookieIn(await enter(), SESSION);
    for (const part of ["Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=604800"]) expect(line).toContain(part);
  });

  it("hold a pending sign-in for ten minutes, and no session with it", async () => {
    await enter();
    wait(60);
    const pending = await signIn();
    expect(cookieIn(pending, CHALLENGE)).toContain("Max-Age=600");
    expect(Object.keys(client.cookies())).not.toContain(SESSION);
    expect(pending.headers.get("set-auth-token")).toBeNull();
    expect(await whoIs()).toBeNull();
  });

  it("lose the challenge once the code was right, or tried too often", async () => {
    await enter();
    expect(client.cookies()[CHALLENGE]).toBeUndefined();
    wait(60);
    await signIn();
    const wrong = { code: owner.phone.wrongCode(client.ctx.now) };
    for (let tries = 0; tries < 5; tries += 1) {
      expect((await post("/two-factor/verify-totp", wrong)).status).toBe(401);
      // A wait is another matter.
      await db.factorBudget.updateMany({ where: { userId: owner.user.id }, data: { waitUntil: null } });
    }
    expect(client.cookies()[CHALLENGE]).toBeDefined();
    expect(
      (await post("/two-factor/verify-backup-code", { code: owner.recoveryCodes[0] })).body,
    ).toMatchObject({
      code: "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE",
    });
    expect(client.cookies()[CHALLENGE]).toBeUndefined();
  });

  it("go with the browser where it shall not remember, also after the code and a new password", async () => {
    await signIn({ rememberMe: false });
    const seen = await post("/two-factor/verify-totp", code());
    for (const name of [SESSION, FORGET]) expect(cookieIn(seen, name)).not.toMatch(/Max-Age|Expires/);
    const changed = await post("/change-password", {
      currentPassword: PASSWORD,
      newPassword: `${PASSWORD}!`,
    });
    expect(cookieIn(changed, SESSION)).not.toMatch(/Max-Age|Expires/);
    await post("/sign-out");
    expect(client.cookies()[FORGET]).toBeUndefined();
  });

  it("last again once a later sign-in says so", async () => {
    await signIn({ rememberMe: false });
    await signIn({ rememberMe: true });
    expect(client.cookies()[FORGET]).toBeUndefined();
    expect(cookieIn(await post("/two-factor/verify-totp", code()), SESSION)).toContain("Max-Age=604800");
  });

  it("of a session are dead when a new sign-in begins", async () => {
    const before = tokenIn(await enter());
    wait(60);
    await signIn();
    expect(await whoIs(bearer(before))).toBeNull();
  });

  it("are the pages' session too: signing out takes both away, and ends the session", async () => {
    const token = tokenIn(await enter());
    expect(client.cookies()["next-auth.session-token"]).toBeDefined();
    await post("/sign-out");
    expect(client.cookies()["next-auth.session-token"]).toBeUndefined();
    expect(client.cookies()[SESSION]).toBeUndefined();
    expect(await whoIs(bearer(token))).toBeNull();
  });
});

describe("a trusted browser", () => {
  it("is not asked again, by a token that is new each time, and stays so after signing out", async () => {
    expect(cookieIn(await enter({ trustDevice: true }), TRUST)).toContain("Max-Age=2592000");
    const first = client.cookies()[TRUST];
    await post("/sign-out");
    const seen = await signIn();
    expect(seen.body).toMatchObject({ redirect: false, user: { twoFactorEnabled: true } });
    expect(client.cookies()[TRUST]).toBeDefined();
    expect(client.cookies()[TRUST]).not.toBe(first);
  });

  it.each([
    ["two-factor is turned off", () => post("/two-factor/disable", password)],
    ["backup codes are made anew", () => post("/two-factor/generate-backup-codes", password)],
  ])("is none any more once %s", async (_, change) => {
    await enter({ trustDevice: true });
    const trusted = client.cookies()[TRUST];
    expect((await change()).status).toBe(200);
    expect(await db.trustedBrowser.count({ where: { userId: owner.user.id } })).toBe(0);
    await post("/sign-out");
    const seen = await signIn();
    expect(trusted).toBeDefined();
    expect(client.cookies()[TRUST]).toBeUndefined();
    expect(seen.status).toBe(200);
  });

  it("keeps its trust when two sign-ins bring the same token at once", async () => {
    await enter({ trustDevice: true });
    const token = client.cookies()[TRUST] ?? "";
    const headers = { ...ORIGIN, cookie: `${TRUST}=${token}` };
    const body = { email: owner.email, ...password };
    const seen = await Promise.all([
      post("/sign-in/email", body, headers),
      post("/sign-in/email", body, headers),
    ]);
    const given = seen.map((each) => cookieIn(each, TRUST)).filter((line) => line !== undefined);
    expect(given).toHaveLength(1);
    expect(given[0]).not.toContain("Max-Age=0");
  });

  it("is asked for the code with the token of another account, which is taken away", async () => {
    await enter({ trustDevice: true });
    const stranger = await makeProtectedPerson(contextOf(db));
    const seen = await signIn({ email: stranger.email });
    expect(seen.body).toMatchObject({ twoFactorRedirect: true });
    expect(client.cookies()[TRUST]).toBeUndefined();
  });
});

describe("set-auth-token", () => {
  it("goes with every answer that sets the session cookie, readable by scripts, and with no other", async () => {
    const email = `a${Math.random().toString(36).slice(2)}@example.org`;
    const answers = [
      await post("/sign-up/email", { email, ...password, name: "Ada" }),
      await signIn(),
      await post("/two-factor/verify-totp", code()),
      await post("/change-password", {
        currentPassword: PASSWORD,
        newPassword: `${PASSWORD}!`,
        revokeOtherSessions: true,
      }),
      await post("/two-factor/disable", { password: `${PASSWORD}!` }),
      await post("/sign-out"),
    ];
    for (const seen of answers) {
      expect(seen.status).toBe(200);
      const line = cookieIn(seen, SESSION);
      const isSet = line !== undefined && !line.startsWith(`${SESSION}=;`);
      const value = isSet ? line.split(";")[0]?.slice(SESSION.length + 1) : null;
      expect(seen.headers.get("set-auth-token")).toBe(value);
      expect(seen.headers.get("access-control-expose-headers")).toBe(isSet ? "set-auth-token" : null);
    }
    expect(answers.map((seen) => seen.headers.has("set-auth-token"))).toEqual([
      true,
      false,
      true,
      true,
      true,
      false,
    ]);
  });
});

describe("a bearer token", () => {
  it("is taken as it was given or percent-encoded, whatever the case of the scheme, without cookies", async () => {
    const token = tokenIn(await enter());
    const ways = [`Bearer ${token}`, `bearer ${token}`, `BEARER ${encodeURIComponent(`${token}`)}`];
    for (const authorization of ways) {
      const stranger = new TestClient(athena, client.ctx);
      const { body } = await stranger.send("GET", `${BASE}/get-session`, undefined, { authorization });
      expect(body).toMatchObject({ user: { email: owner.email } });
    }
  });

  it("that is dead is no session, whatever cookies come along, and takes none away", async () => {
    await enter();
    const dead = { ...ORIGIN, ...bearer("nothing") };
    expect(await whoIs(dead)).toBeNull();
    const seen = await post("/two-factor/generate-backup-codes", password, dead);
    expect([seen.status, seen.setCookies]).toEqual([401, []]);
  });

  it("that is dead does not hide the challenge's cookie: clients keep old ones around", async () => {
    const old = tokenIn(await enter());
    wait(60);
    await post("/sign-out");
    await signIn();
    const seen = await post("/two-factor/verify-totp", code(), { ...ORIGIN, ...bearer(old) });
    expect(seen.body).toMatchObject({ status: true, user: { email: owner.email } });
  });

  it("of a challenge finishes the sign-in and opens nothing else", async () => {
    const { twoFactorToken } = z.object({ twoFactorToken: z.string() }).parse((await signIn()).body);
    const alone = bearer(twoFactorToken);
    client = new TestClient(athena, client.ctx);
    for (const { method, path, needs } of athena.operations) {
      if (needs !== "session") continue;
      const body = { ...password, token: "x", currentPassword: PASSWORD, newPassword: "another one" };
      const seen = await client.send(method, path, method === "GET" ? undefined : body, alone);
      expect(seen.body, path).toMatchObject({ code: "UNAUTHORIZED" });
    }
    expect(await whoIs(alone)).toBeNull();
    const seen = await post("/two-factor/verify-totp", code(), alone);
    client = new TestClient(athena, client.ctx);
    expect(await whoIs(bearer(tokenIn(seen)))).toMatchObject({ user: { email: owner.email } });
    expect((await post("/two-factor/verify-totp", code(), alone)).status).toBe(401);
  });

  it("without the word of a challenge is none, and a challenge's cookie is no session", async () => {
    const { twoFactorToken } = z.object({ twoFactorToken: z.string() }).parse((await signIn()).body);
    const bare = twoFactorToken.replace("challenge.", "");
    client = new TestClient(athena, client.ctx);
    expect(await whoIs(bearer(bare))).toBeNull();
    expect(await whoIs({ ...ORIGIN, cookie: `${SESSION}=${bare}` })).toBeNull();
    expect((await post("/two-factor/verify-totp", code(), bearer(bare))).status).toBe(401);
  });
});

describe("where a request comes from", () => {
  const asked = (headers: Record<string, string>) =>
    post("/two-factor/generate-backup-codes", password, headers);

  it.each([
    [{}, "MISSING_OR_NULL_ORIGIN"],
    [{ origin: "null" }, "MISSING_OR_NULL_ORIGIN"],
    [{ origin: "https://elsewhere.example" }, "INVALID_ORIGIN"],
    [{ origin: "http://localhost:3000.elsewhere.example" }, "INVALID_ORIGIN"],
    [{ ...ORIGIN, "sec-fetch-site": "cross-site" }, "INVALID_ORIGIN"],
    [{ ...ORIGIN, "sec-fetch-site": "same-site" }, "INVALID_ORIGIN"],
  ])("with a cookie must be known: %j", async (headers, word) => {
    await enter();
    const before = await db.recoveryCode.findMany({ where: { userId: owner.user.id } });
    const seen = await asked(headers);
    expect([seen.status, seen.body]).toEqual([403, { message: expect.any(String), code: word }]);
    expect(await db.recoveryCode.findMany({ where: { userId: owner.user.id } })).toEqual(before);
  });

  it("need not be said by a client that is no browser, but is held against one that is", async () => {
    const token = tokenIn(await enter());
    client = new TestClient(athena, client.ctx);
    expect((await asked(bearer(token))).status).toBe(200);
    expect((await asked({ ...bearer(token), "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await asked({ ...bearer(token), origin: "https://elsewhere.example" })).status).toBe(403);
  });
});

describe("an authenticator that is set up", () => {
  const keyOf = (seen: Seen) => new Phone(z.object({ totpURI: z.string() }).parse(seen.body).totpURI);

  it("turns nothing on before its code, starts over when asked again, and then renews the session", async () => {
    const start = contextOf(db);
    const person = await makePerson(start);
    client = new TestClient(athena, start);
    const { token } = person;
    const first = keyOf(await post("/two-factor/enable", password, bearer(token)));
    const second = keyOf(await post("/two-factor/enable", password, bearer(token)));
    expect(await whoIs(bearer(token))).toMatchObject({ user: { twoFactorEnabled: false } });
    const verify = (phone: Phone) =>
      post("/two-factor/verify-totp", { code: phone.code(start.now) }, bearer(token));
    expect((await verify(first)).status).toBe(401);
    const seen = await verify(second);
    const renewed = tokenIn(seen);
    expect(renewed).not.toBe(token);
    expect(seen.headers.get("set-auth-token")).toBe(renewed);
    expect(client.cookies()[SESSION]).toBe(renewed);
    expect(seen.body).toMatchObject({ user: { twoFactorEnabled: true }, session: { token: renewed } });
    client = new TestClient(athena, start);
    expect(await whoIs(bearer(token))).toBeNull();
    expect(await whoIs(bearer(renewed))).toMatchObject({ user: { twoFactorEnabled: true } });
  });

  it("proves again within a browser's session, whose old token is dead then", async () => {
    const token = tokenIn(await enter());
    const { session } = z.object({ session: z.object({ id: z.string() }) }).parse(await whoIs());
    wait(660);
    expect((await post("/two-factor/disable", password)).status).toBe(403);
    const seen = await post("/two-factor/verify-totp", code());
    expect(seen.body).toMatchObject({ session: { id: session.id, token: client.cookies()[SESSION] } });
    const thief = new TestClient(athena, client.ctx);
    expect((await thief.send("GET", `${BASE}/get-session`, undefined, bearer(token))).body).toBeNull();
    expect((await post("/two-factor/disable", password)).status).toBe(200);
  });

  it("proves again by a bearer token, which stays as it is", async () => {
    const token = tokenIn(await enter());
    client = new TestClient(athena, later(client.ctx, 660));
    const seen = await post("/two-factor/verify-totp", code(), bearer(token));
    expect(tokenIn(seen)).toBe(token);
    expect([seen.setCookies, seen.headers.get("set-auth-token")]).toEqual([[], null]);
    expect((await post("/two-factor/generate-backup-codes", password, bearer(token))).status).toBe(200);
  });

  it.each(["cookies", "a bearer token"])(
    "is begun by the password alone, however old the session, by %s",
    async (way) => {
      const start = contextOf(db);
      const { token, user } = await makePerson(start);
      client = new TestClient(athena, later(start, 900));
      const proof = way === "cookies" ? { ...ORIGIN, cookie: `${SESSION}=${token}` } : bearer(token);
      const provenAt = () =>
        db.session.findFirst({ where: { userId: user.id }, select: { passwordProvenAt: true } });
      const before = await provenAt();
      // What is refused after the password was right leaves the session as it is.
      expect((await post("/two-factor/disable", password, proof)).status).toBe(400);
      expect((await post("/two-factor/enable", { ...password, issuer: "a:b" }, proof)).status).toBe(400);
      const enabled = await post("/two-factor/enable", password, proof);
      expect(enabled.status).toBe(200);
      // No copy of the token is any fresher for it.
      expect(await provenAt()).toEqual(before);
      const seen = await post(
        "/two-factor/verify-totp",
        { code: keyOf(enabled).code(client.ctx.now) },
        proof,
      );
      expect(seen.body).toMatchObject({ user: { twoFactorEnabled: true } });
    },
  );

  it("waits with the backup codes that enable showed: they count from the first code on", async () => {
    const start = contextOf(db);
    const { token, email } = await makePerson(start);
    client = new TestClient(athena, start);
    const enabled = await post("/two-factor/enable", password, bearer(token));
    const { backupCodes } = z.object({ backupCodes: z.array(z.string()) }).parse(enabled.body);
    expect(
      (await post("/two-factor/verify-backup-code", { code: backupCodes[0] }, bearer(token))).body,
    ).toMatchObject({
      code: "BACKUP_CODES_NOT_ENABLED",
    });
    await post("/two-factor/verify-totp", { code: keyOf(enabled).code(start.now) }, bearer(token));
    client = new TestClient(athena, later(start, 60));
    await post("/sign-in/email", { email, ...password });
    expect((await post("/two-factor/verify-backup-code", { code: backupCodes[0] })).status).toBe(200);
  });

  it("is one with that of the pages: its key is shown here, too", async () => {
    const start = contextOf(db);
    const { token, signedIn } = await makePerson(start);
    const pending = await startTotpSetup(start, signedIn);
    client = new TestClient(athena, start);
    const seen = await post("/two-factor/get-totp-uri", password, bearer(token));
    expect(seen.body).toEqual({ totpURI: pending.uri });
  });
});

it("a session is revoked by its name in the list, which opens nothing", async () => {
  const token = tokenIn(await enter());
  const list = (await client.send("GET", `${BASE}/list-sessions`, undefined, ORIGIN)).body;
  const names = z.array(z.object({ id: z.string(), token: z.string() })).parse(list);
  const other = names.find(({ id }) => id === owner.signedIn.session.id);
  expect(await whoIs(bearer(other?.token ?? ""))).toBeNull();
  expect(await whoIs(bearer(owner.token))).not.toBeNull();
  expect((await post("/revoke-session", { token: other?.token })).body).toEqual({ status: true });
  expect(await whoIs(bearer(owner.token))).toBeNull();
  expect(await whoIs(bearer(token))).not.toBeNull();
});

it("a new password leaves no copy of the token good", async () => {
  const token = tokenIn(await enter());
  const typed = { currentPassword: PASSWORD, newPassword: `${PASSWORD}!` };
  const renewed = tokenIn(await post("/change-password", typed));
  const stranger = new TestClient(athena, client.ctx);
  const asked = (copy: string) => stranger.send("GET", `${BASE}/get-session`, undefined, bearer(copy));
  expect([(await asked(token)).body, client.cookies()[SESSION]]).toEqual([null, renewed]);
  expect((await asked(renewed)).body).not.toBeNull();
});

it("says how long to wait by the original's header as well", async () => {
  await spendTries({ ctx: client.ctx, userId: owner.user.id }, "address");
  const { status, headers } = await signIn();
  expect([status, headers.get("x-retry-after")]).toEqual([429, headers.get("retry-after")]);
});

it("a backup code without a session signs nobody in, and is used up", async () => {
  await signIn();
  const backup = { code: owner.recoveryCodes[0] };
  const seen = await post("/two-factor/verify-backup-code", { ...backup, disableSession: true });
  expect(seen.body).toEqual({ user: expect.objectContaining({ email: owner.email }) });
  expect(client.cookies()).toEqual({});
  expect(seen.headers.get("set-auth-token")).toBeNull();
  await signIn();
  expect((await post("/two-factor/verify-backup-code", backup)).status).toBe(401);
});
