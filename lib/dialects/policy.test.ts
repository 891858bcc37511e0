import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { contextOf, later, makePerson, NOON, PASSWORD, setPolicy } from "@/lib/core/testing/fixtures";
import { Phone } from "@/lib/core/testing/phone";
import type { Database } from "@/lib/db/client";
import { startOwnTestDatabase } from "@/lib/db/testing/test-database";
import { athena } from "./athena";
import { omnitron } from "./omnitron";
import { ask, type Someone } from "./testing/askers";
import { thogits } from "./thogits";

// What policy means to whoever comes by an API: the same as on the pages.

let db: Database;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ db, stop } = await startOwnTestDatabase());
});
afterAll(() => stop());
beforeEach(() => setPolicy(db, NOON, 7));

const DAY = 86_400;
const WAYS = [
  {
    dialect: thogits,
    signIn: "POST /api/auth/login",
    start: "POST /api/auth/2fa/totp/setup",
    confirm: "POST /api/auth/2fa/totp/confirm",
    codeField: "code",
    signOut: "POST /api/auth/logout",
    closed: ["GET /api/auth/me"],
  },
  {
    dialect: omnitron,
    signIn: "POST /api/v1/auth/login/",
    start: "POST /api/v1/auth/totp/setup/",
    confirm: "POST /api/v1/auth/totp/activate/",
    codeField: "token",
    signOut: "POST /api/v1/auth/logout/",
    closed: ["POST /api/v1/auth/totp/deactivate/"],
  },
  {
    dialect: athena,
    signIn: "POST /api/auth/sign-in/email",
    start: "POST /api/auth/two-factor/enable",
    confirm: "POST /api/auth/two-factor/verify-totp",
    codeField: "code",
    signOut: "POST /api/auth/sign-out",
    closed: [
      "GET /api/auth/list-sessions",
      "POST /api/auth/revoke-session",
      "POST /api/auth/revoke-sessions",
      "POST /api/auth/revoke-other-sessions",
      "POST /api/auth/change-password",
      "POST /api/auth/two-factor/disable",
      "POST /api/auth/two-factor/generate-backup-codes",
      "POST /api/auth/two-factor/get-totp-uri",
    ],
  },
];

/** Whoever signed in by an API, by what its answer gave. */
function holding(
  ctx: Someone["ctx"],
  userId: string,
  { body, headers }: Awaited<ReturnType<typeof ask>>,
): Someone {
  const cookie = headers
    .getSetCookie()
    .join("\n")
    .match(/^thogits\.session=([^;]+)/m)?.[1];
  // As each dialect's own tests have it.
  const { key, token } = body as { key?: string; token?: string };
  return {
    ctx,
    userId,
    session: cookie ?? key ?? token ?? "",
    challenge: "",
    trust: "",
    apiToken: "",
    values: {},
  };
}

async function signInBy(way: (typeof WAYS)[number], email: string, userId: string, seconds: number) {
  const ctx = later(contextOf(db), seconds);
  const nobody = { ctx, userId, session: "", challenge: "", trust: "", apiToken: "", values: {} };
  const answer = await ask(way.dialect, nobody, { asks: way.signIn, sends: { email, password: PASSWORD } });
  expect(answer.status).toBe(200);
  return holding(ctx, userId, answer);
}

/** The key URI of a set-up, from its answer in any dialect's form. */
function phoneOf(body: unknown): Phone {
  // As each dialect's own tests have it.
  const { secret, provisioning_uri, totpURI } = body as Record<string, string | undefined>;
  const made = `otpauth://totp/Countersign:x?issuer=Countersign&secret=${secret}&algorithm=SHA1&digits=6&period=30`;
  return new Phone(totpURI ?? provisioning_uri?.replace("%3A", ":") ?? made);
}

describe.each(WAYS)("policy through $dialect.title", (way) => {
  it("begins the grace of whoever signs in by it", async () => {
    await setPolicy(db, null);
    const { email, user } = await makePerson(contextOf(db));
    await setPolicy(db, NOON);
    await signInBy(way, email, user.id, 2 * DAY);
    const { startedAt } = await db.gracePeriod.findUniqueOrThrow({ where: { userId: user.id } });
    expect(startedAt).toEqual(new Date(NOON.getTime() + 2 * DAY * 1000));
  });

  it("opens nothing but the set-up and the way out to somebody whose grace is over", async () => {
    const { email, user } = await makePerson(contextOf(db));
    const late = await signInBy(way, email, user.id, 8 * DAY);
    const before = await db.user.findUniqueOrThrow({ where: { id: user.id } });
    for (const asks of way.closed) {
      const sends = {
        password: PASSWORD,
        currentPassword: PASSWORD,
        newPassword: `${PASSWORD}!`,
        token: "x",
        revokeOtherSessions: true,
      };
      const { status } = await ask(way.dialect, late, asks.startsWith("GET") ? { asks } : { asks, sends });
      expect({ asks, isRefused: status >= 400 && status < 500 }).toEqual({ asks, isRefused: true });
    }
    expect(await db.user.findUniqueOrThrow({ where: { id: user.id } })).toEqual(before);
    const out = await ask(way.dialect, late, { asks: way.signOut, sends: {} });
    expect(out.status).toBe(200);
    expect(await db.session.count({ where: { createdAt: late.ctx.now, userId: user.id } })).toBe(0);
  });

  it("lets them set it up and confirm it, and owe nothing then", async () => {
    const { email, user } = await makePerson(contextOf(db));
    const late = await signInBy(way, email, user.id, 8 * DAY);
    const started = await ask(way.dialect, late, { asks: way.start, sends: { password: PASSWORD } });
    expect([200, 201]).toContain(started.status);
    const renewed = { ...late, session: started.headers.get("set-auth-token") ?? late.session };
    const sends = { [way.codeField]: phoneOf(started.body).code(late.ctx.now) };
    const confirmed = await ask(way.dialect, renewed, { asks: way.confirm, sends });
    expect(confirmed.status).toBe(200);
    expect(await db.totpFactor.count({ where: { userId: user.id, confirmedAt: { not: null } } })).toBe(1);
  });
});

describe("what applications are told of somebody whose grace is over", () => {
  it("is that nobody is signed in, through Athena, until it is set up", async () => {
    const way = WAYS[2];
    if (!way) throw new Error("Athena is the third");
    const { email, user } = await makePerson(contextOf(db));
    const asks = "GET /api/auth/get-session";
    const inGrace = await signInBy(way, email, user.id, DAY);
    expect((await ask(athena, inGrace, { asks })).body).toMatchObject({ user: { email } });
    const late = await signInBy(way, email, user.id, 8 * DAY);
    expect((await ask(athena, late, { asks })).body).toBeNull();
  });
});
