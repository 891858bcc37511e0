import { describe, expect, it } from "vitest";
import type { Prisma } from "@/lib/db/generated/client";
import { resetTwoFactor } from "./admin/reset-two-factor";
import { completeSignIn } from "./challenges";
import type { Context } from "./context";
import { askToChangeEmail, confirmEmail } from "./email-address";
import { eventRow } from "./events";
import { confirmTotp } from "./factors/confirm-totp";
import { regenerateRecoveryCodes } from "./factors/recovery-codes";
import { disableTwoFactor, removeTotpFactor } from "./factors/remove-totp";
import { startTotpSetup } from "./factors/totp";
import { beginSignIn } from "./sign-in";
import {
  beginChallenge,
  contextOf,
  expectRefusal,
  later,
  mailedLink,
  makePerson,
  makeProtectedPerson,
  PASSWORD,
  reread,
  testDatabase,
} from "./testing/fixtures";
import { Phone } from "./testing/phone";

// Each test holds one transaction still while another runs into it, and goes on when PostgreSQL says that it waits: which
// of the two is first is no matter of luck. On a PostgreSQL server alone: see vitest.config.ts.

const db = testDatabase();

/** Returns once a statement waits for a lock of the transaction with that process id, or `work` is over. */
async function untilWaiting(pid: number, work: Promise<unknown>): Promise<void> {
  let isOver = false;
  work.then(
    () => (isOver = true),
    () => (isOver = true),
  );
  for (;;) {
    const [row] = await db.$queryRaw<{ isWaited: boolean }[]>`
        SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE ${pid}::int = ANY(pg_blocking_pids(pid))) AS "isWaited"`;
    if (row?.isWaited || isOver) return;
  }
}

const pidOf = async (tx: Prisma.TransactionClient): Promise<number> => {
  const [row] = await tx.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
  return row?.pid ?? 0;
};

/**
 * Ends something of the account in the two halves that a sign-out has (the row goes, then the event that names the user
 * is written) while `work` comes in between. With a lock that shuts out the second half, each would wait for the other.
 */
async function endMeanwhile(
  ctx: Context,
  userId: string,
  end: (tx: Prisma.TransactionClient) => Promise<unknown>,
  work: () => Promise<unknown>,
): Promise<void> {
  let done: Promise<unknown> = Promise.resolve();
  await db.$transaction(async (tx) => {
    await end(tx);
    done = work();
    await untilWaiting(await pidOf(tx), done);
    await tx.event.create({ data: eventRow(ctx, { kind: "sign_out", userId }) });
  });
  await done;
}

describe("signing something out at the same moment is no deadlock", () => {
  it("for an authenticator that is being confirmed", async () => {
    const ctx = contextOf(db);
    const { email, signedIn, user } = await makePerson(ctx);
    await beginSignIn(ctx, { email, password: PASSWORD });
    const phone = new Phone((await startTotpSetup(ctx, signedIn)).uri);
    await endMeanwhile(
      ctx,
      user.id,
      (tx) => tx.session.deleteMany({ where: { userId: user.id, id: { not: signedIn.session.id } } }),
      () => confirmTotp(ctx, signedIn, { code: phone.code(ctx.now) }),
    );
  });

  it("for two-factor that is being turned off", async () => {
    const start = contextOf(db);
    const { email, signedIn, user, phone } = await makeProtectedPerson(start);
    const ctx = later(start, 60);
    await beginChallenge(ctx, email);
    await endMeanwhile(
      ctx,
      user.id,
      (tx) => tx.challenge.deleteMany({ where: { userId: user.id } }),
      () => disableTwoFactor(ctx, signedIn, { code: phone.code(ctx.now) }),
    );
  });

  it("for an address that is being changed", async () => {
    const ctx = contextOf(db);
    const { email, signedIn, user } = await makeProtectedPerson(ctx);
    const next = `new-${email}`;
    await askToChangeEmail(ctx, signedIn, { email: next, password: PASSWORD });
    const token = await mailedLink(ctx, next, "email_change_asked");
    await beginChallenge(ctx, email);
    await endMeanwhile(
      ctx,
      user.id,
      (tx) => tx.challenge.updateMany({ where: { userId: user.id }, data: { mailedAt: ctx.now } }),
      () => confirmEmail(ctx, { token }),
    );
  });

  it("for recovery codes that are being made", async () => {
    const ctx = contextOf(db);
    const { signedIn, user } = await makeProtectedPerson(ctx);
    await endMeanwhile(
      ctx,
      user.id,
      (tx) => tx.recoveryCode.deleteMany({ where: { userId: user.id } }),
      () => regenerateRecoveryCodes(ctx, signedIn),
    );
  });

  it("for an operator's reset", async () => {
    const ctx = contextOf(db);
    const { email, user } = await makeProtectedPerson(ctx);
    await endMeanwhile(
      ctx,
      user.id,
      (tx) => tx.session.deleteMany({ where: { userId: user.id } }),
      () => resetTwoFactor(ctx, { email, actor: "cli", reason: "lost phone" }),
    );
  });
});

describe("what would belong to a session that ends at the same moment is refused", () => {
  it.each([
    ["a set-up", startTotpSetup],
    ["new recovery codes", regenerateRecoveryCodes],
  ])("%s", async (_, work) => {
    const ctx = contextOf(db);
    const { signedIn, user, factorId } = await makeProtectedPerson(ctx);
    await endMeanwhile(
      ctx,
      user.id,
      (tx) => tx.session.deleteMany({ where: { userId: user.id } }),
      () => expectRefusal(work(ctx, signedIn), "unauthenticated"),
    );
    expect(await db.totpFactor.findMany({ where: { userId: user.id } })).toMatchObject([{ id: factorId }]);
  });
});

it("a code that comes while the password is being changed opens nothing", async () => {
  const start = contextOf(db);
  const { email, user, phone } = await makeProtectedPerson(start);
  const ctx = later(start, 60);
  const challengeToken = await beginChallenge(ctx, email);
  let signIn: Promise<unknown> = Promise.resolve();
  // The halves of changePassword: what is open ends, first the sessions, then the challenges.
  await db.$transaction(async (tx) => {
    await tx.user.update({ where: { id: user.id }, data: { passwordHash: "changed" } });
    await tx.session.deleteMany({ where: { userId: user.id } });
    signIn = completeSignIn(ctx, { challengeToken, code: phone.code(ctx.now) });
    await untilWaiting(await pidOf(tx), signIn);
    await tx.challenge.deleteMany({ where: { userId: user.id } });
  });
  await expectRefusal(signIn, "invalid_code");
  expect(await db.session.count({ where: { userId: user.id } })).toBe(0);
  // Nor is it used up by what came to nothing.
  const { lastUsedAt } = await db.totpFactor.findFirstOrThrow({ where: { userId: user.id } });
  expect(lastUsedAt).toEqual(start.now);
});

it("an authenticator that goes while it is being removed is not removed twice, and no code is used up for it", async () => {
  const start = contextOf(db);
  const { email, signedIn, user, factorId, recoveryCodes } = await makeProtectedPerson(start);
  const ctx = later(start, 60);
  const { uri } = await startTotpSetup(ctx, signedIn, { name: "Tablet" });
  const confirmed = await confirmTotp(ctx, signedIn, { code: new Phone(uri).code(ctx.now) });
  const now = await reread(ctx, confirmed.token);
  let removal: Promise<unknown> = Promise.resolve();
  await db.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM "user" WHERE id = ${user.id} FOR NO KEY UPDATE`;
    await tx.totpFactor.deleteMany({ where: { id: factorId } });
    removal = removeTotpFactor(ctx, now, { id: factorId, code: recoveryCodes[0] ?? "" });
    await untilWaiting(await pidOf(tx), removal);
  });
  await expectRefusal(removal, "not_found");
  expect(await db.recoveryCode.count({ where: { userId: user.id, usedAt: null } })).toBe(10);
  expect(await db.mail.count({ where: { recipient: email, kind: "authenticator_removed" } })).toBe(0);
});

it("a code that comes for a sign-in which is given up at that moment is not used up, and is written down", async () => {
  const start = contextOf(db);
  const { email, user, recoveryCodes } = await makeProtectedPerson(start);
  const ctx = later(start, 60);
  const code = recoveryCodes[0] ?? "";
  const challengeToken = await beginChallenge(ctx, email);
  let signIn: Promise<unknown> = Promise.resolve();
  await db.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM "user" WHERE id = ${user.id} FOR NO KEY UPDATE`;
    signIn = completeSignIn(ctx, { challengeToken, code });
    await untilWaiting(await pidOf(tx), signIn);
    await tx.challenge.deleteMany({ where: { userId: user.id } });
  });
  await expectRefusal(signIn, "invalid_code");
  expect(await db.recoveryCode.count({ where: { userId: user.id, usedAt: null } })).toBe(10);
  expect(await db.event.count({ where: { userId: user.id, kind: "sign_in.code_failed" } })).toBe(1);
  const again = await beginChallenge(ctx, email);
  expect((await completeSignIn(ctx, { challengeToken: again, code })).factor).toBe("recovery");
});

it("a change of address that was asked for with the old password does not begin behind a new one", async () => {
  const ctx = contextOf(db);
  const { email, signedIn, user } = await makePerson(ctx);
  let asked: Promise<unknown> = Promise.resolve();
  await db.$transaction(async (tx) => {
    await tx.user.update({ where: { id: user.id }, data: { passwordHash: "changed" } });
    asked = askToChangeEmail(ctx, signedIn, { email: `new-${email}`, password: PASSWORD });
    await untilWaiting(await pidOf(tx), asked);
  });
  await expectRefusal(asked, "wrong_password");
  expect(await db.mailLink.count({ where: { userId: user.id } })).toBe(0);
});
