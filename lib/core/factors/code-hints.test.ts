import { describe, expect, it } from "vitest";
import { completeSignIn } from "../challenges";
import type { Context } from "../context";
import { LIMITS } from "../limits";
import { stepUp } from "../step-up";
import {
  beginChallenge,
  contextOf,
  expectRefusal,
  later,
  makePerson,
  makeProtectedPerson,
  refusalOf,
  reread,
  testDatabase,
} from "../testing/fixtures";
import { Phone } from "../testing/phone";
import { checkTotpFactor } from "./check-totp";
import { confirmTotp } from "./confirm-totp";
import { startTotpSetup } from "./totp";

const db = testDatabase();
const { steps: REACH } = LIMITS.clockDiagnosis;
const SLOW = { kind: "clock", secondsOff: -150 };
const FAST = { kind: "clock", secondsOff: 150 };

/** Somebody half an hour after their set-up, in an unknown browser and in one that the account knows. */
async function somebody() {
  const ctx = later(contextOf(db), 1800);
  const person = await makeProtectedPerson({ ...ctx, now: new Date(ctx.now.getTime() - 1_800_000) });
  const code = person.phone.codeAt(ctx.now, 0);
  const done = await signIn(ctx, person.email, code);
  const known = { ...later(ctx, 120), browserToken: done.browserToken };
  return { ...person, known, unknown: later(ctx, 120), usedCode: code };
}

async function signIn(ctx: Context, email: string, code: string) {
  return completeSignIn(ctx, { challengeToken: await beginChallenge(ctx, email), code });
}

/** What a refused code was said to be. */
async function hintOf(result: Promise<unknown>) {
  const refusal = await refusalOf(result);
  if (refusal.code !== "invalid_code") throw new Error(`refused as ${refusal.code}`);
  return refusal.hint;
}

describe("at sign-in, a known browser", () => {
  it("is told how far the clock is off, and nothing is accepted", async () => {
    const { email, phone, known, user } = await somebody();
    const before = await db.totpFactor.findMany({ where: { userId: user.id } });
    const off = (steps: number) => hintOf(signIn(known, email, phone.codeAt(known.now, steps)));
    expect(await off(-5)).toEqual(SLOW);
    expect(await off(5)).toEqual(FAST);
    expect(await off(-2)).toEqual({ kind: "clock", secondsOff: -60 });
    expect(await off(REACH)).toEqual({ kind: "clock", secondsOff: REACH * 30 });
    expect(await off(REACH + 1)).toBeUndefined();
    expect(await db.totpFactor.findMany({ where: { userId: user.id } })).toEqual(before);
  });

  it("is told of a code that was used, and nothing of one that is just wrong", async () => {
    const { email, phone, known } = await somebody();
    const code = phone.codeAt(known.now, 0);
    await signIn(known, email, code);
    expect(await hintOf(signIn(known, email, code))).toEqual({ kind: "used" });
    expect(await hintOf(signIn(known, email, phone.wrongCode(known.now)))).toBeUndefined();
  });

  it("whose own budget is spent is told nothing more", async () => {
    const { email, phone, known, user } = await somebody();
    await db.knownBrowser.updateMany({
      where: { userId: user.id },
      data: { spent: LIMITS.knownBrowser.units },
    });
    expect(await hintOf(signIn(known, email, phone.codeAt(known.now, -5)))).toBeUndefined();
  });
});

it("an unknown browser reads the same refusal for every wrong code", async () => {
  const { email, phone, unknown, usedCode } = await somebody();
  const codes = [phone.codeAt(unknown.now, -5), phone.codeAt(unknown.now, 5), phone.wrongCode(unknown.now)];
  const refusals = [];
  for (const code of [...codes, usedCode]) refusals.push(await refusalOf(signIn(unknown, email, code)));
  expect(refusals).toEqual(Array(4).fill({ code: "invalid_code", triesLeft: 4 }));
});

it("a step-up is told in a known browser alone", async () => {
  const { phone, known, unknown, token } = await somebody();
  const late = async (ctx: Context) =>
    hintOf(stepUp(ctx, await reread(ctx, token), { code: phone.codeAt(ctx.now, -5) }));
  expect(await late(known)).toEqual(SLOW);
  expect(await late(unknown)).toBeUndefined();
});

it("the set-up is told how far the clock is off, and what is told of proves nothing", async () => {
  const ctx = contextOf(db);
  const { signedIn, user } = await makePerson(ctx);
  const phone = new Phone((await startTotpSetup(ctx, signedIn)).uri);
  expect(await hintOf(confirmTotp(ctx, signedIn, { code: phone.codeAt(ctx.now, -5) }))).toEqual(SLOW);
  expect(await hintOf(confirmTotp(ctx, signedIn, { code: phone.codeAt(ctx.now, 5) }))).toEqual(FAST);
  expect(await hintOf(confirmTotp(ctx, signedIn, { code: phone.wrongCode(ctx.now) }))).toBeUndefined();
  expect(await db.totpFactor.count({ where: { userId: user.id, confirmedAt: { not: null } } })).toBe(0);
});

describe("the test of an authenticator", () => {
  it("says that a code is right, uses it up, and costs nothing", async () => {
    const { email, factorId, phone, unknown, token, user } = await somebody();
    const signedIn = await reread(unknown, token);
    const code = phone.codeAt(unknown.now, -1);
    expect(await checkTotpFactor(unknown, signedIn, { id: factorId, code })).toBe(-1);
    expect((await db.factorBudget.findUniqueOrThrow({ where: { userId: user.id } })).failures).toEqual([]);
    await expectRefusal(signIn(unknown, email, code), "invalid_code");
  });

  it("says in any browser why a code is wrong, at the price of a guess", async () => {
    const { factorId, phone, unknown, token, usedCode, user } = await somebody();
    const signedIn = await reread(unknown, token);
    const check = (code: string) => hintOf(checkTotpFactor(unknown, signedIn, { id: factorId, code }));
    expect(await check(phone.codeAt(unknown.now, -5))).toEqual(SLOW);
    expect(await check(usedCode)).toEqual({ kind: "clock", secondsOff: -120 });
    const right = phone.codeAt(unknown.now, 0);
    await checkTotpFactor(unknown, signedIn, { id: factorId, code: right });
    expect(await check(right)).toEqual({ kind: "used" });
    const { failures } = await db.factorBudget.findUniqueOrThrow({ where: { userId: user.id } });
    expect(failures).toHaveLength(3);
  });

  it("is of that one alone: another's code and a recovery code are wrong and stay good", async () => {
    const { factorId, phone, recoveryCodes, unknown, token, user } = await somebody();
    const stale = await reread(unknown, token);
    const pending = await startTotpSetup(unknown, { ...stale, isProofFresh: true });
    const other = new Phone(pending.uri);
    const confirmed = await confirmTotp(
      unknown,
      { ...stale, isProofFresh: true },
      { code: other.code(unknown.now) },
    );
    const signedIn = await reread(unknown, confirmed.token);
    for (const code of [other.code(unknown.now), recoveryCodes[0] ?? ""])
      await expectRefusal(checkTotpFactor(unknown, signedIn, { id: factorId, code }), "invalid_code");
    expect(await db.recoveryCode.count({ where: { userId: user.id, usedAt: null } })).toBe(10);
    const { failures } = await db.factorBudget.findUniqueOrThrow({ where: { userId: user.id } });
    expect(failures).toHaveLength(2);
    const right = { id: factorId, code: phone.code(unknown.now) };
    expect(await checkTotpFactor(unknown, signedIn, right)).toBe(0);
  });

  it("knows only one's own, and takes nothing for anybody else's", async () => {
    const { known, token, user } = await somebody();
    const theirs = await somebody();
    const guess = { id: theirs.factorId, code: theirs.phone.codeAt(known.now, 0) };
    await expectRefusal(checkTotpFactor(known, await reread(known, token), guess), "not_found");
    const spent = await db.factorBudget.findMany({
      where: { userId: { in: [user.id, theirs.user.id] }, failures: { isEmpty: false } },
    });
    expect(spent).toEqual([]);
  });
});
