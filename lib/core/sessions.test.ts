import { describe, expect, it } from "vitest";
import { resetTwoFactor } from "./admin/reset-two-factor";
import { completeSignIn } from "./challenges";
import { confirmTotp } from "./factors/confirm-totp";
import { startTotpSetup } from "./factors/totp";
import { LIMITS } from "./limits";
import { endSession, listSessions, readSession, revokeOtherSessions, revokeSession } from "./sessions";
import { beginSignIn } from "./sign-in";
import { stepUp } from "./step-up";
import {
  beginChallenge,
  contextOf,
  expectRefusal,
  later,
  makePerson,
  makeProtectedPerson,
  PASSWORD,
  reread,
  testDatabase,
} from "./testing/fixtures";
import { Phone } from "./testing/phone";

const db = testDatabase();
const open = async (ctx: Parameters<typeof beginSignIn>[0], email: string) => {
  const begun = await beginSignIn(ctx, { email, password: PASSWORD });
  if (begun.kind !== "session") throw new Error("a session was expected");
  return begun.token;
};

describe("a session", () => {
  it("ends after an idle hour, and lives on while it is used", async () => {
    const ctx = contextOf(db);
    const { token } = await makePerson(ctx);
    expect(await readSession(later(ctx, 3599), token)).not.toBeNull();
    expect(await readSession(later(ctx, 3599 + 3599), token)).not.toBeNull();
    expect(await readSession(later(ctx, 3599 + 3599 + 3600), token)).toBeNull();
  });

  it("ends after a day however much it is used, an administrator's after half a day and 15 idle minutes", async () => {
    const ctx = contextOf(db);
    const person = await makePerson(ctx);
    for (let hour = 0.5; hour < 24; hour += 0.5) await readSession(later(ctx, hour * 3600), person.token);
    expect(await readSession(later(ctx, 24 * 3600 - 1), person.token)).not.toBeNull();
    expect(await readSession(later(ctx, 24 * 3600), person.token)).toBeNull();
    const admin = await makePerson(ctx, { isAdmin: true });
    expect(await readSession(later(ctx, 899), admin.token)).not.toBeNull();
    expect(await readSession(later(ctx, 899 + 900), admin.token)).toBeNull();
    expect(admin.signedIn.session.expiresAt).toEqual(later(ctx, 12 * 3600).now);
  });

  it("is unknown to made-up, malformed and ended tokens", async () => {
    const ctx = contextOf(db);
    const { token } = await makePerson(ctx);
    for (const made of ["", "x", "A".repeat(43), `${token}A`, "\u0000", "'; DROP TABLE session; --"]) {
      expect(await readSession(ctx, made)).toBeNull();
    }
    await endSession(ctx, token);
    await endSession(ctx, token);
    expect(await readSession(ctx, token)).toBeNull();
  });

  it("that a password alone opened is dead and unlisted while two-factor is on, however it came to be", async () => {
    const ctx = contextOf(db);
    const { token, signedIn } = await makeProtectedPerson(ctx);
    await db.session.update({ where: { id: signedIn.session.id }, data: { factorProvenAt: null } });
    expect(await readSession(ctx, token)).toBeNull();
    expect(await listSessions(ctx, signedIn)).toEqual([]);
  });

  it("dies with its account", async () => {
    const ctx = contextOf(db);
    const { token, user } = await makePerson(ctx);
    await db.user.update({ where: { id: user.id }, data: { disabledAt: ctx.now } });
    expect(await readSession(ctx, token)).toBeNull();
  });

  it("there are at most 20 of one account; the oldest goes", async () => {
    const ctx = contextOf(db);
    const { email, token, user } = await makePerson(ctx);
    for (let n = 1; n <= LIMITS.session.perUser; n += 1)
      await open({ ...later(ctx, n), address: contextOf(db).address }, email);
    expect(await readSession(later(ctx, 60), token)).toBeNull();
    expect(await db.session.count({ where: { userId: user.id } })).toBe(LIMITS.session.perUser);
  });
});

describe("one's own sessions", () => {
  it("are listed without tokens, this one marked, and end at once when revoked", async () => {
    const ctx = contextOf(db);
    const { email, signedIn } = await makePerson(ctx);
    const other = await open(ctx, email);
    const rows = await listSessions(ctx, signedIn);
    expect(rows.map((row) => row.isCurrent).toSorted()).toEqual([false, true]);
    expect(JSON.stringify(rows)).not.toContain("token");
    await revokeSession(ctx, signedIn, { id: rows.find((row) => !row.isCurrent)?.id ?? "" });
    expect(await readSession(ctx, other)).toBeNull();
  });

  it("another person's session and a made-up one are the same not_found", async () => {
    const ctx = contextOf(db);
    const { signedIn } = await makePerson(ctx);
    const stranger = await makePerson(ctx);
    await expectRefusal(revokeSession(ctx, signedIn, { id: stranger.signedIn.session.id }), "not_found");
    await expectRefusal(revokeSession(ctx, signedIn, { id: "01J00000000000000000000000" }), "not_found");
    expect(await readSession(ctx, stranger.token)).not.toBeNull();
  });

  it("all others end together, for a fresh proof only", async () => {
    const ctx = contextOf(db);
    const { email, signedIn, token } = await makePerson(ctx);
    const others = [await open(ctx, email), await open(ctx, email)];
    const stale = later(ctx, 601);
    await expectRefusal(revokeOtherSessions(stale, await reread(stale, token)), "step_up_required");
    expect(await revokeOtherSessions(ctx, signedIn)).toBe(2);
    for (const other of others) expect(await readSession(ctx, other)).toBeNull();
    expect(await readSession(ctx, token)).not.toBeNull();
  });
});

describe("step-up", () => {
  it("by code: gives the session a new token and ten fresh minutes; the old token is dead", async () => {
    const ctx = contextOf(db);
    const { token, phone } = await makeProtectedPerson(ctx);
    const stale = later(ctx, 1200);
    const before = await reread(stale, token);
    expect(before.isProofFresh).toBe(false);
    const renewed = await stepUp(stale, before, { code: phone.code(stale.now) });
    expect(await readSession(stale, token)).toBeNull();
    expect((await reread(later(stale, 600), renewed.token)).isProofFresh).toBe(true);
    expect((await reread(later(stale, 601), renewed.token)).isProofFresh).toBe(false);
  });

  it("a password does not step up where two-factor is on, and a spent code neither", async () => {
    const ctx = contextOf(db);
    const { token, phone } = await makeProtectedPerson(ctx);
    const signedIn = await reread(ctx, token);
    await expectRefusal(stepUp(ctx, signedIn, { password: PASSWORD }), "invalid_input");
    const spent = phone.codeAt(ctx.now, 0);
    await expectRefusal(stepUp(ctx, signedIn, { code: spent }), "invalid_code");
  });

  it("is owed once another session changed the factors, however fresh the proof is", async () => {
    const ctx = contextOf(db);
    const { email, token, phone } = await makeProtectedPerson(ctx);
    const other = later(ctx, 60);
    const { token: elsewhere } = await completeSignIn(other, {
      challengeToken: await beginChallenge(other, email),
      code: phone.code(other.now),
    });
    const changing = later(ctx, 120);
    const pending = await startTotpSetup(changing, await reread(changing, token), { name: "Second" });
    const code = new Phone(pending.uri).code(changing.now);
    await confirmTotp(changing, await reread(changing, token), { code });
    expect((await reread(changing, elsewhere)).isProofFresh).toBe(false);
  });

  it("by password where there is no second factor", async () => {
    const ctx = contextOf(db);
    const { token } = await makePerson(ctx);
    const stale = later(ctx, 1200);
    const before = await reread(stale, token);
    await expectRefusal(stepUp(stale, before, { password: "not the password" }), "wrong_password");
    const renewed = await stepUp(stale, before, { password: PASSWORD });
    expect((await reread(stale, renewed.token)).isProofFresh).toBe(true);
  });
});

it("an operator's reset takes factors, sessions, challenges and waits, and needs a reason", async () => {
  const ctx = contextOf(db);
  const { email, token, user } = await makeProtectedPerson(ctx);
  await expectRefusal(resetTwoFactor(ctx, { email, actor: "cli", reason: " " }), "invalid_input");
  expect(await readSession(ctx, token)).not.toBeNull();
  const after = await resetTwoFactor(ctx, { email, actor: "cli", reason: "phone lost, seen in person" });
  expect(after.twoFactor).toEqual({ isOn: false, authenticators: 0, recoveryCodesLeft: 0 });
  expect(await readSession(ctx, token)).toBeNull();
  const event = await db.event.findFirstOrThrow({ where: { userId: user.id, kind: "two_factor.reset" } });
  expect(event).toMatchObject({ actor: "cli", details: { reason: "phone lost, seen in person" } });
});
