import { describe, expect, it } from "vitest";
import { completeSignIn } from "./challenges";
import type { Context } from "./context";
import { regenerateRecoveryCodes } from "./factors/recovery-codes";
import { LIMITS } from "./limits";
import { mailSignInCode } from "./mailed-code";
import { readChallenge } from "./read-challenge";
import { beginSignIn } from "./sign-in";
import {
  beginChallenge,
  contextOf,
  elsewhere,
  expectRefusal,
  later,
  makeProtectedPerson,
  newestCode,
  refusalOf,
  reread,
  testDatabase,
} from "./testing/fixtures";

const db = testDatabase();

/** An account whose address is confirmed, and a caller from an unknown browser half an hour later. */
async function confirmedPerson(options: { isAdmin?: boolean } = {}) {
  const start = contextOf(db);
  const person = await makeProtectedPerson(start, options);
  await db.user.update({ where: { id: person.user.id }, data: { emailVerifiedAt: start.now } });
  return { ...person, ctx: later(elsewhere(start), 1800) };
}

async function mailed(ctx: Context, email: string) {
  const challengeToken = await beginChallenge(ctx, email);
  await mailSignInCode(ctx, { challengeToken });
  return { challengeToken, code: await newestCode(ctx, email), factor: "email" } as const;
}

const mailsTo = (recipient: string) => db.mail.count({ where: { recipient, kind: "sign_in_code" } });
const spentBy = async (userId: string) =>
  (await db.factorBudget.findUniqueOrThrow({ where: { userId } })).failures.length;
const wrongFor = (code: string) => (code === "000000" ? "111111" : "000000");

describe("a mailed code", () => {
  it("signs in once, and proves nothing for what is sensitive", async () => {
    const { ctx, email, user } = await confirmedPerson();
    const typed = await mailed(ctx, email);
    const done = await completeSignIn(ctx, typed);
    expect(done).toMatchObject({ userId: user.id, factor: "email", browserToken: null, trust: null });
    const signedIn = await reread(ctx, done.token);
    expect(signedIn.isProofFresh).toBe(false);
    await expectRefusal(regenerateRecoveryCodes(ctx, signedIn), "step_up_required");
    await expectRefusal(completeSignIn(ctx, typed), "challenge_expired");
    const next = await beginChallenge(ctx, email);
    await expectRefusal(completeSignIn(ctx, { ...typed, challengeToken: next }), "invalid_code");
    expect(await spentBy(user.id)).toBe(1);
  });

  it("belongs to its sign-in, and only the newest counts", async () => {
    const { ctx, email } = await confirmedPerson();
    const first = await mailed(ctx, email);
    const other = await mailed(ctx, email);
    await expectRefusal(completeSignIn(ctx, { ...first, code: other.code }), "invalid_code");
    const soon = later(ctx, LIMITS.mailedCode.resendSeconds);
    await mailSignInCode(soon, first);
    const newest = await newestCode(ctx, email);
    await expectRefusal(completeSignIn(soon, first), "invalid_code");
    expect((await completeSignIn(soon, { ...first, code: newest })).factor).toBe("email");
  });

  it("is good for ten minutes, however long its sign-in lives", async () => {
    const { ctx, email, user } = await confirmedPerson();
    const typed = await mailed(ctx, email);
    await db.challenge.updateMany({ where: { userId: user.id }, data: { expiresAt: later(ctx, 9999).now } });
    const lapsed = later(ctx, LIMITS.mailedCode.ttlSeconds);
    await expectRefusal(completeSignIn(lapsed, typed), "invalid_code");
    expect((await completeSignIn(later(lapsed, -1), typed)).factor).toBe("email");
  });

  it("is judged only where a mailed code is asked for, and no other code there", async () => {
    const { ctx, email, phone, recoveryCodes } = await confirmedPerson();
    const { challengeToken, code } = await mailed(ctx, email);
    await expectRefusal(completeSignIn(ctx, { challengeToken, code }), "invalid_code");
    for (const other of [phone.codeAt(ctx.now, 0), recoveryCodes[0] ?? ""])
      await expectRefusal(
        completeSignIn(ctx, { challengeToken, code: other, factor: "email" }),
        "invalid_code",
      );
    expect(await db.recoveryCode.count({ where: { user: { email }, usedAt: null } })).toBe(10);
  });

  it("trusts no browser and makes none known", async () => {
    const { ctx, email, user } = await confirmedPerson();
    const done = await completeSignIn(ctx, { ...(await mailed(ctx, email)), trustBrowser: true });
    expect([done.trust, done.browserToken]).toEqual([null, null]);
    expect(await db.trustedBrowser.count({ where: { userId: user.id } })).toBe(0);
    expect(await db.knownBrowser.count({ where: { userId: user.id } })).toBe(0);
  });

  it("gives back what it cost, but no guess at the authenticator: the mailbox is no way to guess on", async () => {
    const { ctx, email, phone, user } = await confirmedPerson();
    const typed = await mailed(ctx, email);
    for (let n = 0; n < 3; n += 1)
      await expectRefusal(
        completeSignIn(ctx, { challengeToken: typed.challengeToken, code: phone.wrongCode(ctx.now) }),
        "invalid_code",
      );
    await completeSignIn(ctx, typed);
    expect(await spentBy(user.id)).toBe(3);
    await completeSignIn(ctx, await mailed(ctx, email));
    expect(await spentBy(user.id)).toBe(3);
  });

  it("guessed at costs what any guess costs, and is held back by a lock", async () => {
    const { ctx, email, user } = await confirmedPerson();
    const typed = await mailed(ctx, email);
    const wrong = { ...typed, code: wrongFor(typed.code) };
    expect(await refusalOf(completeSignIn(ctx, wrong))).toEqual({ code: "invalid_code", triesLeft: 4 });
    expect(await spentBy(user.id)).toBe(1);
    const failures = Array(LIMITS.account.units).fill(ctx.now);
    await db.factorBudget.update({ where: { userId: user.id }, data: { failures } });
    expect(await refusalOf(completeSignIn(ctx, typed))).toEqual({ code: "locked", retryAfterSeconds: null });
  });

  it("sent in fifty times at once opens one session", async () => {
    const { ctx, email, user } = await confirmedPerson();
    const settings = { ...ctx.settings, rateLimitAddress: false };
    const typed = await mailed(ctx, email);
    const before = await db.session.count({ where: { userId: user.id } });
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, () => completeSignIn({ ...ctx, settings }, typed)),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await db.session.count({ where: { userId: user.id } })).toBe(before + 1);
    // A double click is no guess, and alarms nobody.
    expect(await spentBy(user.id)).toBe(0);
    expect(await db.event.count({ where: { userId: user.id, kind: "sign_in.code_failed" } })).toBe(0);
    expect(await db.mail.count({ where: { recipient: email, kind: "sign_in_code_failed" } })).toBe(0);
  });

  it("is in no row of the database", async () => {
    const { ctx, email, user } = await confirmedPerson();
    const { code } = await mailed(ctx, email);
    const rows = [
      await db.challenge.findMany({ where: { userId: user.id } }),
      await db.mail.findMany({ where: { recipient: email } }),
      await db.event.findMany({ where: { userId: user.id } }),
    ];
    expect(JSON.stringify(rows)).not.toMatch(new RegExp(`"[^"]*\\b${code}\\b`));
  });
});

describe("a code is mailed", () => {
  it("again after a minute, three times in a quarter of an hour, ten times a day", async () => {
    const { ctx, email } = await confirmedPerson();
    const challengeToken = await beginChallenge(ctx, email);
    await mailSignInCode(ctx, { challengeToken });
    const soon = later(ctx, 15);
    expect(await refusalOf(mailSignInCode(soon, { challengeToken }))).toEqual({
      code: "too_many_requests",
      retryAfterSeconds: 45,
    });
    expect(await readChallenge(soon, challengeToken)).toMatchObject({
      isCodeMailed: true,
      mailAgainSeconds: 45,
    });
    for (const seconds of [60, 120]) await mailSignInCode(later(ctx, seconds), { challengeToken });
    const refused = await refusalOf(mailSignInCode(later(ctx, 180), { challengeToken }));
    expect(refused).toEqual({ code: "too_many_requests", retryAfterSeconds: 720 });
    expect(await mailsTo(email)).toBe(3);
    for (let n = 1; n <= 7; n += 1) {
      const at = { ...later(ctx, n * 3600), address: contextOf(db).address };
      await mailed(at, email);
    }
    const eleventh = { ...later(ctx, 8 * 3600), address: contextOf(db).address };
    await expectRefusal(mailed(eleventh, email), "too_many_requests");
    expect(await mailsTo(email)).toBe(10);
  });

  it("once, when it is asked for many times at once", async () => {
    const { ctx, email } = await confirmedPerson();
    const challengeToken = await beginChallenge(ctx, email);
    await Promise.allSettled(Array.from({ length: 8 }, () => mailSignInCode(ctx, { challengeToken })));
    expect(await mailsTo(email)).toBe(1);
  });

  it("never for an administrator", async () => {
    const { ctx, email } = await confirmedPerson({ isAdmin: true });
    const challengeToken = await beginChallenge(ctx, email);
    expect((await readChallenge(ctx, challengeToken))?.isMailOffered).toBe(false);
    await expectRefusal(mailSignInCode(ctx, { challengeToken }), "forbidden");
    expect(await mailsTo(email)).toBe(0);
  });

  it("not to who became an administrator in between: the code opens nothing", async () => {
    const { ctx, email, user } = await confirmedPerson();
    const typed = await mailed(ctx, email);
    await db.user.update({ where: { id: user.id }, data: { isAdmin: true } });
    await expectRefusal(completeSignIn(ctx, typed), "invalid_code");
  });

  it("only to an address that was confirmed", async () => {
    const { ctx, email, user } = await confirmedPerson();
    await db.user.update({ where: { id: user.id }, data: { emailVerifiedAt: null } });
    const challengeToken = await beginChallenge(ctx, email);
    expect((await readChallenge(ctx, challengeToken))?.isEmailConfirmed).toBe(false);
    expect(await refusalOf(mailSignInCode(ctx, { challengeToken }))).toEqual({
      code: "conflict",
      reason: "email_unconfirmed",
    });
    expect(await mailsTo(email)).toBe(0);
  });

  it("only where the operator offers it; turned off, a code that is out opens nothing", async () => {
    const { ctx, email } = await confirmedPerson();
    const off = { ...ctx, settings: { ...ctx.settings, emailCodes: false } };
    const typed = await mailed(ctx, email);
    await expectRefusal(completeSignIn(off, typed), "invalid_code");
    const challengeToken = await beginChallenge(off, email);
    await expectRefusal(mailSignInCode(off, { challengeToken }), "forbidden");
    expect((await readChallenge(off, challengeToken))?.isMailOffered).toBe(false);
  });

  it("not while it would be held back: neither in a wait nor in a lock", async () => {
    const { ctx, email, user } = await confirmedPerson();
    const challengeToken = await beginChallenge(ctx, email);
    const spend = (units: number, seconds: number) =>
      db.factorBudget.update({
        where: { userId: user.id },
        data: { failures: Array(units).fill(ctx.now), waitUntil: later(ctx, seconds).now },
      });
    await spend(5, 60);
    const waiting = { code: "locked", retryAfterSeconds: 60 };
    expect(await refusalOf(mailSignInCode(ctx, { challengeToken }))).toEqual(waiting);
    await spend(LIMITS.account.units, 0);
    const locked = { code: "locked", retryAfterSeconds: null };
    expect(await refusalOf(mailSignInCode(ctx, { challengeToken }))).toEqual(locked);
    expect(await mailsTo(email)).toBe(0);
  });

  it("for a sign-in whose password was right, and for nothing made up", async () => {
    const { ctx, email } = await confirmedPerson();
    for (const challengeToken of ["", "x", "A".repeat(43)])
      await expectRefusal(mailSignInCode(ctx, { challengeToken }), "challenge_expired");
    await expectRefusal(beginSignIn(ctx, { email, password: "not the password" }), "invalid_credentials");
    expect(await mailsTo(email)).toBe(0);
  });
});
