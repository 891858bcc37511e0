import { describe, expect, it } from "vitest";
import { parseOtpauthUri } from "@/lib/crypto/otpauth-uri";
import { completeSignIn } from "../challenges";
import type { Context } from "../context";
import { newId } from "../ids";
import { LIMITS } from "../limits";
import { readSession } from "../sessions";
import { beginSignIn } from "../sign-in";
import {
  beginChallenge,
  contextOf,
  expectRefusal,
  later,
  makePerson,
  makeProtectedPerson,
  PASSWORD,
  refusalOf,
  reread,
  testDatabase,
} from "../testing/fixtures";
import { Phone } from "../testing/phone";
import { confirmTotp } from "./confirm-totp";
import { proveRecoveryCode, readRevealedCodes, regenerateRecoveryCodes } from "./recovery-codes";
import { disableTwoFactor, removeTotpFactor } from "./remove-totp";
import { listTotpFactors, readPendingTotp, renameTotpFactor, startTotpSetup } from "./totp";

const db = testDatabase();

describe("setting an authenticator up", () => {
  it("shows the same secret as often as it is read, and gates nothing until a code proves it", async () => {
    const ctx = contextOf(db);
    const { email, signedIn } = await makePerson(ctx);
    const pending = await startTotpSetup(ctx, signedIn, { name: " My  phone " });
    expect(pending).toMatchObject({ name: "My phone", account: email, issuer: "Countersign" });
    expect(await readPendingTotp(ctx, signedIn)).toEqual(pending);
    expect(parseOtpauthUri(pending.uri)).toMatchObject({ account: email, issuer: "Countersign", digits: 6 });
    expect((await beginSignIn(ctx, { email, password: PASSWORD })).kind).toBe("session");
    const [row] = await db.totpFactor.findMany({ where: { userId: signedIn.user.id } });
    expect(row?.sealedSecret).not.toContain(pending.secret);
  });

  it("a right code turns two-factor on: ten codes, a new session token, every other session over", async () => {
    const ctx = contextOf(db);
    const { email, token, signedIn, user } = await makePerson(ctx);
    const other = await beginSignIn(ctx, { email, password: PASSWORD });
    const pending = await startTotpSetup(ctx, signedIn);
    const phone = new Phone(pending.uri);
    await expectRefusal(confirmTotp(ctx, signedIn, { code: phone.wrongCode(ctx.now) }), "invalid_code");
    expect((await reread(ctx, token)).twoFactor.isOn).toBe(false);
    const confirmed = await confirmTotp(ctx, signedIn, { code: phone.code(ctx.now) });
    expect(new Set(confirmed.recoveryCodes).size).toBe(LIMITS.recoveryCodes.count);
    for (const code of confirmed.recoveryCodes ?? []) expect(code).not.toMatch(/[01OIlL]/);
    expect(await readSession(ctx, token)).toBeNull();
    expect(await readSession(ctx, other.token)).toBeNull();
    expect((await reread(ctx, confirmed.token)).twoFactor).toEqual({ isOn: true, recoveryCodesLeft: 10 });
    // The wizard's failed try came back with its success.
    expect((await db.factorBudget.findUniqueOrThrow({ where: { userId: user.id } })).failures).toEqual([]);
    expect(await db.mail.count({ where: { recipient: email, kind: "two_factor_on" } })).toBe(1);
  });

  it("the code that confirmed it opens nothing afterwards", async () => {
    const ctx = contextOf(db);
    const { email, phone } = await makeProtectedPerson(ctx);
    const spent = completeSignIn(ctx, {
      challengeToken: await beginChallenge(ctx, email),
      code: phone.codeAt(ctx.now, 0),
    });
    await expectRefusal(spent, "invalid_code");
  });

  it("lapses after 15 minutes, and belongs to the session that began it", async () => {
    const ctx = contextOf(db);
    const { email, token, signedIn } = await makePerson(ctx);
    const pending = await startTotpSetup(ctx, signedIn);
    const begun = await beginSignIn(ctx, { email, password: PASSWORD });
    const elsewhere = await reread(ctx, begun.token);
    expect(await readPendingTotp(ctx, elsewhere)).toBeNull();
    const code = new Phone(pending.uri).code(ctx.now);
    await expectRefusal(confirmTotp(ctx, elsewhere, { code }), "conflict");
    const late = later(ctx, LIMITS.pendingSetup.ttlSeconds);
    const stillHere = { ...(await reread(late, token)), isProofFresh: true };
    expect(await readPendingTotp(late, stillHere)).toEqual({ isLapsed: true, replaces: null });
    expect(await readPendingTotp(late, { ...elsewhere, isProofFresh: true })).toBeNull();
    const lateCode = new Phone(pending.uri).code(late.now);
    expect(await refusalOf(confirmTotp(late, stillHere, { code: lateCode }))).toEqual({
      code: "conflict",
      reason: "nothing_pending",
    });
  });

  it("a new set-up never touches a live authenticator, and a second one brings no new codes", async () => {
    const ctx = contextOf(db);
    const { email, phone, signedIn } = await makeProtectedPerson(ctx);
    const pending = await startTotpSetup(ctx, signedIn, { name: "Second" });
    const done = await completeSignIn(ctx, {
      challengeToken: await beginChallenge(ctx, email),
      code: phone.code(ctx.now),
    });
    expect(done.factor).toBe("totp");
    const confirmed = await confirmTotp(ctx, signedIn, { code: new Phone(pending.uri).code(ctx.now) });
    expect(confirmed.recoveryCodes).toBeNull();
    const now = await reread(ctx, confirmed.token);
    expect((await listTotpFactors(ctx, now)).map(({ name }) => name)).toEqual([
      "Authenticator app",
      "Second",
    ]);
    expect(now.twoFactor.recoveryCodesLeft).toBe(10);
  });

  it("asks for a fresh proof", async () => {
    const ctx = contextOf(db);
    const { token } = await makeProtectedPerson(ctx);
    const stale = later(ctx, 601);
    await expectRefusal(startTotpSetup(stale, await reread(stale, token)), "step_up_required");
  });

  it("confirmed twice at once, it is confirmed once, with one set of codes", async () => {
    const ctx = contextOf(db);
    const { signedIn, user } = await makePerson(ctx);
    const phone = new Phone((await startTotpSetup(ctx, signedIn)).uri);
    const code = phone.code(ctx.now);
    const both = await Promise.allSettled([
      confirmTotp(ctx, signedIn, { code }),
      confirmTotp(ctx, signedIn, { code }),
    ]);
    expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await db.recoveryCode.count({ where: { userId: user.id } })).toBe(10);
  });
});

describe("replacing", () => {
  /** Somebody whose old phone is to be replaced, and the new one. */
  async function beginReplacing(ctx: Context) {
    const person = await makeProtectedPerson(ctx);
    const pending = await startTotpSetup(ctx, person.signedIn, { replaces: person.factorId });
    return { ...person, pending, newPhone: new Phone(pending.uri) };
  }
  const signInWith = async (ctx: Context, email: string, code: string) =>
    completeSignIn(ctx, { challengeToken: await beginChallenge(ctx, email), code });

  it("the old one signs in until the new one is proven, and never after; the recovery codes stay", async () => {
    const ctx = contextOf(db);
    const { email, factorId, phone, pending, newPhone, signedIn, user } = await beginReplacing(ctx);
    expect(pending).toMatchObject({
      name: "Authenticator app",
      replaces: { id: factorId, name: "Authenticator app" },
    });
    expect(await readPendingTotp(ctx, signedIn)).toEqual(pending);
    await expectRefusal(signInWith(ctx, email, newPhone.codeAt(ctx.now, 0)), "invalid_code");
    expect((await signInWith(ctx, email, phone.code(ctx.now))).factor).toBe("totp");
    const confirmed = await confirmTotp(ctx, signedIn, { code: newPhone.code(ctx.now) });
    expect(confirmed).toMatchObject({ hasReplaced: true, recoveryCodes: null });
    const then = later(ctx, 60);
    await expectRefusal(signInWith(then, email, phone.code(then.now)), "invalid_code");
    expect(
      (await signInWith(then, email, newPhone.code(then.now))).signedIn.twoFactor.recoveryCodesLeft,
    ).toBe(10);
    const left = await listTotpFactors(ctx, await reread(ctx, confirmed.token));
    expect(left.map(({ id }) => id)).toEqual([pending.id]);
    expect(await db.event.count({ where: { userId: user.id, kind: "totp.replaced" } })).toBe(1);
    expect(await db.mail.count({ where: { recipient: email, kind: "authenticator_replaced" } })).toBe(1);
  });

  it("a challenge that was open when it happened is over", async () => {
    const ctx = contextOf(db);
    const { email, phone, newPhone, signedIn } = await beginReplacing(ctx);
    const challengeToken = await beginChallenge(ctx, email);
    await confirmTotp(ctx, signedIn, { code: newPhone.code(ctx.now) });
    await expectRefusal(
      completeSignIn(ctx, { challengeToken, code: phone.code(ctx.now) }),
      "challenge_expired",
    );
  });

  it("is possible where there is no room for one more, and makes none", async () => {
    const ctx = contextOf(db);
    const { factorId, signedIn, user } = await makeProtectedPerson(ctx);
    const row = await db.totpFactor.findUniqueOrThrow({ where: { id: factorId } });
    const { number: _number, recoverySet: _none, ...copy } = row;
    const more = Array.from({ length: LIMITS.authenticators.perUser - 1 }, () => ({
      ...copy,
      id: newId(ctx.now),
    }));
    await db.totpFactor.createMany({ data: more });
    await expectRefusal(startTotpSetup(ctx, signedIn), "conflict");
    const pending = await startTotpSetup(ctx, signedIn, { replaces: factorId });
    await confirmTotp(ctx, signedIn, { code: new Phone(pending.uri).code(ctx.now) });
    expect(await db.totpFactor.count({ where: { userId: user.id } })).toBe(LIMITS.authenticators.perUser);
  });

  it("knows only one's own live authenticators", async () => {
    const ctx = contextOf(db);
    const mine = await makeProtectedPerson(ctx);
    const theirs = await makeProtectedPerson(ctx);
    const begun = await startTotpSetup(ctx, mine.signedIn);
    for (const replaces of [theirs.factorId, newId(ctx.now), begun.id])
      await expectRefusal(startTotpSetup(ctx, mine.signedIn, { replaces }), "not_found");
    expect(await readPendingTotp(ctx, mine.signedIn)).toEqual(begun);
  });

  it("and removing the old one at once: one of the two comes through, whole", async () => {
    const ctx = contextOf(db);
    const { factorId, newPhone, phone, recoveryCodes, signedIn, user } = await beginReplacing(ctx);
    const results = await Promise.allSettled([
      confirmTotp(ctx, signedIn, { code: newPhone.code(ctx.now) }),
      removeTotpFactor(ctx, signedIn, { id: factorId, code: phone.code(ctx.now) }),
    ]);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const live = await db.totpFactor.findMany({ where: { userId: user.id } });
    expect(live.every(({ id, replacesId }) => id !== factorId && replacesId === null)).toBe(true);
    const codes = await db.recoveryCode.count({ where: { userId: user.id } });
    expect(codes).toBe(live.length === 0 ? 0 : recoveryCodes.length);
  });
});

it("the last code's distance from the server's clock is kept", async () => {
  const ctx = contextOf(db);
  const { email, phone, token } = await makeProtectedPerson(ctx);
  for (const [seconds, steps] of [
    [120, -1],
    [240, 1],
    [360, 0],
  ] as const) {
    const then = later(ctx, seconds);
    const challengeToken = await beginChallenge(then, email);
    await completeSignIn(then, { challengeToken, code: phone.codeAt(then.now, steps) });
    const [one] = await listTotpFactors(then, await reread(then, token));
    expect(one?.driftSteps).toBe(steps);
  }
});

describe("removing", () => {
  it("the last authenticator turns two-factor off: codes, known browsers and challenges go", async () => {
    const ctx = contextOf(db);
    const { email, factorId, phone, signedIn, user } = await makeProtectedPerson(ctx);
    const challengeToken = await beginChallenge(ctx, email);
    await expectRefusal(
      removeTotpFactor(ctx, signedIn, { id: factorId, code: phone.wrongCode(ctx.now) }),
      "invalid_code",
    );
    expect(await db.totpFactor.count({ where: { userId: user.id } })).toBe(1);
    const renewed = await removeTotpFactor(ctx, signedIn, { id: factorId, code: phone.code(ctx.now) });
    expect((await reread(ctx, renewed.token)).twoFactor).toEqual({ isOn: false, recoveryCodesLeft: 0 });
    const then = later(ctx, 30);
    await expectRefusal(
      completeSignIn(then, { challengeToken, code: phone.code(then.now) }),
      "challenge_expired",
    );
    expect((await beginSignIn(ctx, { email, password: PASSWORD })).kind).toBe("session");
  });

  it("needs a fresh step-up as well as a code, and knows only one's own", async () => {
    const ctx = contextOf(db);
    const mine = await makeProtectedPerson(ctx);
    const theirs = await makeProtectedPerson(ctx);
    const code = mine.phone.code(ctx.now);
    await expectRefusal(removeTotpFactor(ctx, mine.signedIn, { id: theirs.factorId, code }), "not_found");
    await expectRefusal(
      renameTotpFactor(ctx, mine.signedIn, { id: theirs.factorId }, { name: "x" }),
      "not_found",
    );
    const stale = later(ctx, 601);
    const signedIn = await reread(stale, mine.token);
    const late = { id: mine.factorId, code: mine.phone.code(stale.now) };
    await expectRefusal(removeTotpFactor(stale, signedIn, late), "step_up_required");
    expect(await db.totpFactor.count({ where: { userId: theirs.user.id } })).toBe(1);
  });

  it("one of two leaves two-factor on", async () => {
    const ctx = contextOf(db);
    const { factorId, phone, signedIn } = await makeProtectedPerson(ctx);
    const pending = await startTotpSetup(ctx, signedIn);
    const second = new Phone(pending.uri);
    const confirmed = await confirmTotp(ctx, signedIn, { code: second.code(ctx.now) });
    const now = await reread(ctx, confirmed.token);
    const removed = await removeTotpFactor(ctx, now, { id: factorId, code: second.code(ctx.now) });
    expect((await reread(ctx, removed.token)).twoFactor).toEqual({ isOn: true, recoveryCodesLeft: 10 });
    const old = phone.code(ctx.now);
    await expectRefusal(
      disableTwoFactor(ctx, await reread(ctx, removed.token), { code: old }),
      "invalid_code",
    );
  });
});

describe("recovery codes", () => {
  it("are shown to the session that made them until one is typed back, and never again", async () => {
    const ctx = contextOf(db);
    const { signedIn, recoveryCodes } = await makeProtectedPerson(ctx);
    expect(await readRevealedCodes(ctx, signedIn)).toEqual(recoveryCodes);
    await expectRefusal(
      proveRecoveryCode(ctx, signedIn, { code: "AAAAA-AAAAA-AAAAA-AAAAA" }),
      "invalid_code",
    );
    expect(await readRevealedCodes(ctx, signedIn)).toEqual(recoveryCodes);
    await proveRecoveryCode(ctx, signedIn, { code: recoveryCodes[7]?.toLowerCase() ?? "" });
    expect(await readRevealedCodes(ctx, signedIn)).toBeNull();
    expect(await db.recoveryCode.count({ where: { userId: signedIn.user.id, usedAt: null } })).toBe(10);
  });

  it("are shown for 15 minutes at most, and to no other session", async () => {
    const ctx = contextOf(db);
    const { email, phone, signedIn } = await makeProtectedPerson(ctx);
    const other = await completeSignIn(ctx, {
      challengeToken: await beginChallenge(ctx, email),
      code: phone.code(ctx.now),
    });
    expect(await readRevealedCodes(ctx, await reread(ctx, other.token))).toBeNull();
    expect(await readRevealedCodes(later(ctx, LIMITS.recoveryCodes.revealSeconds), signedIn)).toBeNull();
  });

  it("a new set voids the old one", async () => {
    const ctx = contextOf(db);
    const { email, signedIn, recoveryCodes } = await makeProtectedPerson(ctx);
    const fresh = await regenerateRecoveryCodes(ctx, signedIn);
    const challengeToken = await beginChallenge(ctx, email);
    await expectRefusal(
      completeSignIn(ctx, { challengeToken, code: recoveryCodes[0] ?? "" }),
      "invalid_code",
    );
    expect((await completeSignIn(ctx, { challengeToken, code: fresh[0] ?? "" })).factor).toBe("recovery");
  });

  it("are made anew five times an hour and no more", async () => {
    const ctx = contextOf(db);
    const { signedIn } = await makeProtectedPerson(ctx);
    for (let n = 0; n < 5; n += 1) await regenerateRecoveryCodes(ctx, signedIn);
    const refused = await refusalOf(regenerateRecoveryCodes(ctx, signedIn));
    expect(refused).toEqual({ code: "too_many_requests", retryAfterSeconds: 3600 });
  });

  it("there are none to make without an authenticator", async () => {
    const ctx = contextOf(db);
    const { signedIn } = await makePerson(ctx);
    expect(await refusalOf(regenerateRecoveryCodes(ctx, signedIn))).toEqual({
      code: "conflict",
      reason: "two_factor_off",
    });
  });
});
