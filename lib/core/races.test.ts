import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, inject, it } from "vitest";
import { completeSignIn } from "./challenges";
import type { Context } from "./context";
import { confirmTotp } from "./factors/confirm-totp";
import { regenerateRecoveryCodes } from "./factors/recovery-codes";
import { startTotpSetup } from "./factors/totp";
import { Refused } from "./refusals";
import { readSession } from "./sessions";
import { beginSignIn } from "./sign-in";
import {
  beginChallenge,
  contextOf,
  later,
  makePerson,
  makeProtectedPerson,
  PASSWORD,
  testDatabase,
} from "./testing/fixtures";
import { Phone } from "./testing/phone";
import { changePassword } from "./users";

const db = testDatabase();

/** How often each outcome came: "success", or a refusal's code. Any other error fails the test. */
async function tally(results: Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const result of await Promise.allSettled(results)) {
    if (result.status === "rejected" && !(result.reason instanceof Refused)) throw result.reason;
    const outcome = result.status === "fulfilled" ? "success" : result.reason.refusal.code;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

/** The address's own limit must not be what saves the account here. */
const unlimited = (ctx: Context): Context => ({
  ...ctx,
  settings: { ...ctx.settings, rateLimitAddress: false },
});
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));
const sessionsOf = (userId: string) => db.session.count({ where: { userId } });

/** One after the other: many right passwords at once would look like guessing. */
async function openMany(ctx: Context, email: string, count: number): Promise<string[]> {
  const tokens: string[] = [];
  for (let n = 0; n < count; n += 1) tokens.push(await beginChallenge(ctx, email));
  return tokens;
}

async function protectedPersonLater() {
  const start = unlimited(contextOf(db));
  const person = await makeProtectedPerson(start);
  await db.session.deleteMany({ where: { userId: person.user.id } });
  return { ...person, ctx: later(start, 1800) };
}

describe("100 parallel submits of one code", () => {
  it("in one challenge give exactly one session", async () => {
    const { ctx, email, user, phone } = await protectedPersonLater();
    const challengeToken = await beginChallenge(ctx, email);
    const code = phone.code(ctx.now);
    const outcome = await tally(times(100, () => completeSignIn(ctx, { challengeToken, code })));
    expect(outcome.success).toBe(1);
    expect(await sessionsOf(user.id)).toBe(1);
  });

  it("in 100 challenges give exactly one session", async () => {
    const { ctx, email, user, phone } = await protectedPersonLater();
    const tokens = await openMany(ctx, email, 100);
    const code = phone.code(ctx.now);
    const outcome = await tally(
      tokens.map((challengeToken) => completeSignIn(ctx, { challengeToken, code })),
    );
    expect(outcome.success).toBe(1);
    expect(await sessionsOf(user.id)).toBe(1);
  });

  it("of a recovery code, in one challenge and in many, give exactly one session each", async () => {
    const { ctx, email, user, recoveryCodes } = await protectedPersonLater();
    const [first = "", second = ""] = recoveryCodes;
    const challengeToken = await beginChallenge(ctx, email);
    const inOne = await tally(times(100, () => completeSignIn(ctx, { challengeToken, code: first })));
    expect(inOne.success).toBe(1);
    const tokens = await openMany(ctx, email, 100);
    const inMany = await tally(
      tokens.map((token) => completeSignIn(ctx, { challengeToken: token, code: second })),
    );
    expect(inMany.success).toBe(1);
    expect(await sessionsOf(user.id)).toBe(2);
  });

  it("from two processes give exactly one session", async () => {
    const { ctx, email, user, phone } = await protectedPersonLater();
    const tokens = await openMany(ctx, email, 5);
    const code = phone.code(ctx.now);
    const job = {
      connection: { ...inject("connections")[inject("form")] },
      // The keys live in this process's fixtures; the other ones open the same secrets with them.
      keys: {
        seal: [...ctx.keys.ring.keys].map(([name, key]) => `${name}:${key.toString("base64url")}`).join(","),
        pepper: ctx.keys.pepper.toString("base64url"),
        cookies: ctx.keys.cookieSecret.toString("base64url"),
      },
      now: ctx.now.toISOString(),
      tokens: times(50, (n) => tokens[n % 5]),
      code,
    };
    const program = await bundleContender();
    const successes = await Promise.all([contend(program, job), contend(program, job)]);
    expect(successes[0] + successes[1]).toBe(1);
    expect(await sessionsOf(user.id)).toBe(1);
  });
});

it("right and wrong codes of one person from one address, all at once, never wait for each other in a ring", async () => {
  const start = contextOf(db);
  const { email, user, phone } = await makeProtectedPerson(start);
  for (let round = 1; round <= 4; round += 1) {
    const ctx = later(start, 3600 * round);
    const tokens = await openMany(ctx, email, 5);
    const codes = [phone.code(ctx.now), phone.wrongCode(ctx.now)];
    const tries = tokens.flatMap((challengeToken) =>
      codes.map((code) => completeSignIn(ctx, { challengeToken, code })),
    );
    // Anything but a refusal, such as a deadlock that PostgreSQL ended, fails in here.
    const outcome = await tally(tries);
    expect(outcome.success ?? 0).toBeLessThanOrEqual(1);
  }
  expect(await sessionsOf(user.id)).toBeLessThanOrEqual(5);
});

describe("guessing in parallel", () => {
  it("1,000 wrong codes in one challenge are judged exactly five times", async () => {
    const { ctx, email, user, phone } = await protectedPersonLater();
    const challengeToken = await beginChallenge(ctx, email);
    const code = phone.wrongCode(ctx.now);
    await tally(times(1000, () => completeSignIn(ctx, { challengeToken, code })));
    const budget = await db.factorBudget.findUniqueOrThrow({ where: { userId: user.id } });
    expect(budget.failures).toHaveLength(5);
    expect(await db.event.count({ where: { userId: user.id, kind: "sign_in.code_failed" } })).toBe(5);
  });

  it("100 wrong recovery codes in one challenge are judged exactly five times, though no wait holds them", async () => {
    const { ctx, email, user } = await protectedPersonLater();
    const challengeToken = await beginChallenge(ctx, email);
    const code = "AAAAA-AAAAA-AAAAA-AAAAA";
    await tally(times(100, () => completeSignIn(ctx, { challengeToken, code })));
    expect(await db.event.count({ where: { userId: user.id, kind: "sign_in.code_failed" } })).toBe(5);
  });

  it("1,000 wrong codes over many challenges are judged exactly until the first wait", async () => {
    const { ctx, email, user, phone } = await protectedPersonLater();
    const tokens = await openMany(ctx, email, 20);
    const code = phone.wrongCode(ctx.now);
    const guesses = times(1000, (n) => completeSignIn(ctx, { challengeToken: tokens[n % 20] ?? "", code }));
    await tally(guesses);
    expect(await db.event.count({ where: { userId: user.id, kind: "sign_in.code_failed" } })).toBe(5);
  });

  it("a year of patient guessing reaches the verifier at most 20 times", async () => {
    const { ctx, email, user, phone } = await protectedPersonLater();
    for (let hour = 0; hour < 60; hour += 1) {
      const now = later(ctx, hour * 3700);
      const challengeToken = await beginChallenge(now, email);
      const code = phone.wrongCode(now.now);
      await tally(times(10, () => completeSignIn(now, { challengeToken, code })));
    }
    expect(await db.event.count({ where: { userId: user.id, kind: "sign_in.code_failed" } })).toBe(20);
  });
});

describe("signing in while the account changes", () => {
  it("no session that a password alone opened outlives two-factor being turned on", async () => {
    for (let round = 0; round < 8; round += 1) {
      const ctx = unlimited(contextOf(db));
      const { email, signedIn, user } = await makePerson(ctx);
      const phone = new Phone((await startTotpSetup(ctx, signedIn)).uri);
      const signIns = times(6, () => beginSignIn(ctx, { email, password: PASSWORD }));
      const [confirmed, ...begun] = await Promise.allSettled([
        confirmTotp(ctx, signedIn, { code: phone.code(ctx.now) }),
        ...signIns,
      ]);
      expect(confirmed.status).toBe("fulfilled");
      const tokens = begun.flatMap((one) =>
        one.status === "fulfilled" && one.value.kind === "session" ? [one.value.token] : [],
      );
      for (const token of tokens) expect(await readSession(ctx, token)).toBeNull();
      expect(user.id).toBe(signedIn.user.id);
    }
  });

  it("nothing that the old password opened outlives its change", async () => {
    for (let round = 0; round < 8; round += 1) {
      const ctx = unlimited(contextOf(db));
      const { email, signedIn } = await makePerson(ctx);
      const newPassword = "another long password";
      const signIns = times(6, () => beginSignIn(ctx, { email, password: PASSWORD }));
      const [changed, ...begun] = await Promise.allSettled([
        changePassword(ctx, signedIn, { password: PASSWORD, newPassword }),
        ...signIns,
      ]);
      expect(changed.status).toBe("fulfilled");
      for (const one of begun) {
        if (one.status === "fulfilled") expect(await readSession(ctx, one.value.token)).toBeNull();
      }
    }
  });
});

it("using an old recovery code and making a new set at once never does both", async () => {
  const ctx = unlimited(contextOf(db));
  const person = await makeProtectedPerson(ctx);
  const challengeToken = await beginChallenge(ctx, person.email);
  const code = person.recoveryCodes[0] ?? "";
  const [used] = await Promise.allSettled([
    completeSignIn(ctx, { challengeToken, code }),
    regenerateRecoveryCodes(ctx, person.signedIn),
  ]);
  const left = await db.recoveryCode.count({ where: { userId: person.user.id, usedAt: null } });
  expect(left).toBe(10);
  // Used before the old set was void, or not at all: either way the new set is whole.
  expect(["fulfilled", "rejected"]).toContain(used.status);
  const again = await tally([
    completeSignIn(ctx, { challengeToken: await beginChallenge(ctx, person.email), code }),
  ]);
  expect(again.success).toBeUndefined();
});

/** The other process of the two-process test, bundled, since Node runs no TypeScript by itself. */
async function bundleContender(): Promise<string> {
  const source = fileURLToPath(new URL("./testing/contender.ts", import.meta.url));
  const outfile = fileURLToPath(new URL(`../../dist/test/contender-${process.pid}.mjs`, import.meta.url));
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
  });
  return outfile;
}

function contend(program: string, job: unknown): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = fork(program);
    child.once("error", reject);
    child.once("message", (successes) => resolve(Number(successes)));
    child.once("exit", (code) => code !== 0 && reject(new Error(`the other process ended with ${code}`)));
    child.send(JSON.stringify(job));
  });
}
