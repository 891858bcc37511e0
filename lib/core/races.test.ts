import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, inject, it } from "vitest";
import { hashToken, newToken } from "@/lib/crypto/tokens";
import { completeSignIn } from "./challenges";
import type { Context } from "./context";
import { confirmTotp } from "./factors/confirm-totp";
import { regenerateRecoveryCodes } from "./factors/recovery-codes";
import { startTotpSetup } from "./factors/totp";
import { newId } from "./ids";
import { LIMITS } from "./limits";
import { mailedCode } from "./mail-secrets";
import { Refused } from "./refusals";
import { readSession } from "./sessions";
import { beginSignIn } from "./sign-in";
import {
  beginChallenge,
  contextOf,
  elsewhere,
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

/** How often a hundred submits are sent. */
const RUNS = 50;

/**
 * So many sign-ins whose code is owed, as beginSignIn leaves them, each from an address of its own: a hundred passwords take
 * longer than all that is looked at here. A code is mailed for each.
 */
async function openMany(ctx: Context, userId: string, count: number): Promise<string[]> {
  const tokens = times(count, newToken);
  const expiresAt = later(ctx, LIMITS.challenge.ttlSeconds).now;
  const mail = { mailedCodeId: newId(ctx.now), mailedAt: ctx.now };
  const data = tokens.flatMap((token, n) => {
    const tokenHash = hashToken(token);
    const row = { id: newId(ctx.now), userId, createdAt: ctx.now, expiresAt, addressKey: `198.51.100.${n}` };
    return tokenHash ? [{ ...row, ...mail, tokenHash }] : [];
  });
  await db.challenge.createMany({ data });
  return tokens;
}

type Person = Awaited<ReturnType<typeof protectedPersonLater>>;

/** One code a hundred times at once, in as many sign-ins as are open, again and again: each time one session. */
async function race(person: Person, open: (ctx: Context) => Promise<string[]>, codeOf: CodeOf, runs = RUNS) {
  const { user } = person;
  for (let run = 0; run < runs; run += 1) {
    const ctx = later(person.ctx, run * 60);
    // What the right codes that came late cost is another test's; and there are ten recovery codes for all runs.
    await db.factorBudget.update({ where: { userId: user.id }, data: { failures: [], waitUntil: null } });
    await db.recoveryCode.updateMany({ where: { userId: user.id }, data: { usedAt: null } });
    await db.session.deleteMany({ where: { userId: user.id } });
    const tokens = await open(ctx);
    const code = codeOf(ctx, run);
    const outcome = await tally(
      times(100, (n) => completeSignIn(ctx, { challengeToken: tokens[n % tokens.length] ?? "", code })),
    );
    expect(outcome.success).toBe(1);
    expect(await sessionsOf(user.id)).toBe(1);
    const succeeded = {
      userId: user.id,
      kind: "sign_in.succeeded",
      details: { path: ["factor"], not: "none" },
    };
    expect(await db.event.count({ where: succeeded })).toBe(run + 1);
    await db.challenge.deleteMany({ where: { userId: user.id } });
  }
}

type CodeOf = (ctx: Context, run: number) => string;

async function protectedPersonLater() {
  const start = unlimited(contextOf(db));
  const person = await makeProtectedPerson(start);
  await db.session.deleteMany({ where: { userId: person.user.id } });
  return { ...person, ctx: later(start, 1800) };
}

describe("100 parallel submits of one code", () => {
  it(`in one challenge give exactly one session, each of ${RUNS} times`, async () => {
    const person = await protectedPersonLater();
    const open = (ctx: Context) => openMany(ctx, person.user.id, 1);
    await race(person, open, (ctx) => person.phone.code(ctx.now));
  });

  it(`in 100 challenges give exactly one session, each of ${RUNS} times`, async () => {
    const person = await protectedPersonLater();
    const open = (ctx: Context) => openMany(ctx, person.user.id, 100);
    await race(person, open, (ctx) => person.phone.code(ctx.now));
  });

  it.each([
    [1, RUNS],
    // Each of the hundred has its own tries, and each try is a slow hash.
    [100, RUNS / 5],
  ])(
    "of a recovery code, in %i challenges, give exactly one session, each of %i times",
    async (count, runs) => {
      const person = await protectedPersonLater();
      const open = (ctx: Context) => openMany(ctx, person.user.id, count);
      await race(person, open, (_ctx, run) => person.recoveryCodes[run % 10] ?? "", runs);
    },
  );

  it("from two processes give exactly one session", async () => {
    const { ctx, user, phone } = await protectedPersonLater();
    const tokens = await openMany(ctx, user.id, 5);
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
  const { user, phone } = await makeProtectedPerson(start);
  for (let round = 1; round <= 4; round += 1) {
    const ctx = later(start, 3600 * round);
    const tokens = await openMany(ctx, user.id, 5);
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
    const { ctx, user, phone } = await protectedPersonLater();
    const tokens = await openMany(ctx, user.id, 20);
    const code = phone.wrongCode(ctx.now);
    const guesses = times(1000, (n) => completeSignIn(ctx, { challengeToken: tokens[n % 20] ?? "", code }));
    await tally(guesses);
    expect(await db.event.count({ where: { userId: user.id, kind: "sign_in.code_failed" } })).toBe(5);
  });

  it("10,000 patient guesses over a year, at every factor and by every way in, reach the verifier at most 20 times", async () => {
    const { ctx, user, phone } = await protectedPersonLater();
    const ways = ["pages", "thogits", "omnitron", "athena", "zitadel"];
    for (let round = 0; round < 250; round += 1) {
      const now = later(ctx, round * 34 * 3600);
      const tokens = await openMany(now, user.id, 2);
      const { mailedCodeId } = await db.challenge.findFirstOrThrow({ where: { userId: user.id } });
      const isMailed = mailedCode(now.keys, mailedCodeId ?? "") === "000000";
      const typed = [
        { code: phone.wrongCode(now.now) },
        { code: isMailed ? "111111" : "000000", factor: "email" },
      ] as const;
      const guesses = times(40, (n) => {
        const from = { ...now, address: elsewhere(now).address, via: ways[(round + n) % ways.length] ?? "" };
        const guess = typed[Math.floor(n / 2) % 2] ?? typed[0];
        return completeSignIn(from, { challengeToken: tokens[n % 2] ?? "", ...guess });
      });
      expect((await tally(guesses)).success).toBeUndefined();
      await db.challenge.deleteMany({ where: { userId: user.id } });
    }
    const { failures } = await db.factorBudget.findUniqueOrThrow({ where: { userId: user.id } });
    expect(failures).toHaveLength(20);
    expect(await db.event.count({ where: { userId: user.id, kind: "sign_in.code_failed" } })).toBe(20);
  }, 400_000);

  it("wrong recovery codes use up what is left of the year's tries, too", async () => {
    const { ctx, user, phone } = await protectedPersonLater();
    for (let round = 0; round < 6; round += 1) {
      const now = later(ctx, round * 86_400);
      const [challengeToken = ""] = await openMany(now, user.id, 1);
      const code = round % 2 === 0 ? "AAAAA-AAAAA-AAAAA-AAAAA" : phone.wrongCode(now.now);
      await tally(times(100, () => completeSignIn(now, { challengeToken, code })));
    }
    const { failures } = await db.factorBudget.findUniqueOrThrow({ where: { userId: user.id } });
    expect(failures).toHaveLength(20);
    // The fifth of them was at recovery codes, which no lock holds; the sixth was not looked at.
    expect(await db.event.count({ where: { userId: user.id, kind: "sign_in.code_failed" } })).toBe(25);
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
