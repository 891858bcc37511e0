import { afterEach, beforeEach, expect, it } from "vitest";
import {
  argon2Hash,
  hashesUnderWay,
  MOST_WAITING,
  requireRoomToHash,
  TooManyHashes,
} from "@/lib/crypto/argon2";
import { scopeOf } from "./access/scopes";
import { createApiTokenFor, readApiToken } from "./api-tokens";
import { completeSignIn } from "./challenges";
import type { Context } from "./context";
import { confirmProvisionedTotp, confirmTotp } from "./factors/confirm-totp";
import { startTotpByToken } from "./factors/provisioned-totp";
import { regenerateRecoveryCodes } from "./factors/recovery-codes";
import { startTotpSetup, startTotpSetupWithRecoveryCodes } from "./factors/totp";
import { newId } from "./ids";
import { beginSignIn } from "./sign-in";
import { stepUp } from "./step-up";
import {
  beginChallenge,
  contextOf,
  elsewhere,
  later,
  makePerson,
  makeProtectedPerson,
  PASSWORD,
  reread,
  testDatabase,
} from "./testing/fixtures";
import { Phone } from "./testing/phone";
import { changePassword, signUp } from "./users";

// SECURITY.md: a flood of passwords makes everybody's passwords wait, and no more than that.

const db = testDatabase();
let stopFlood: () => Promise<void>;

/** As many hashes as may wait, for as long as it lasts: one that is done makes room for its successor. */
function flood(): () => Promise<void> {
  let isOver = false;
  const stranger = async () => {
    while (!isOver) await argon2Hash("x");
  };
  const strangers: Promise<void>[] = [];
  // By number: how long each takes changes with whatever else the machine does.
  while (hashesUnderWay().waiting < MOST_WAITING) strangers.push(stranger());
  // Those whose turn it is stand in line again only once they are done.
  for (let left = hashesUnderWay().running; left > 0; left -= 1) strangers.push(stranger());
  const all = Promise.all(strangers);
  return async () => {
    isOver = true;
    await all;
  };
}

/** People and what they began, made while there was room. */
async function people() {
  const ctx = contextOf(db);
  const single = await makePerson(ctx);
  const person = await makeProtectedPerson(ctx);
  const home = elsewhere(later(ctx, 60));
  const challengeToken = await beginChallenge(home, person.email);
  const pending = await startTotpSetup(ctx, single.signedIn);
  const shown = await makePerson(ctx);
  const withCodes = await startTotpSetupWithRecoveryCodes(ctx, shown.signedIn);
  const { token } = await createApiTokenFor(ctx, {
    email: single.email,
    name: "Program",
    scopes: [scopeOf("totp.start"), scopeOf("totp.confirm")],
    actor: "test",
  });
  const holder = (await readApiToken(ctx, token)) ?? expect.fail("this token should be live");
  const waiting = await startTotpByToken(ctx, holder);
  return { ctx: home, single, person, challengeToken, pending, shown, withCodes, holder, waiting };
}
let made: Awaited<ReturnType<typeof people>>;

beforeEach(async () => {
  made = await people();
  stopFlood = flood();
});
afterEach(() => stopFlood());

/** Everything that counts tries of an account, or from an address. */
async function counted(ctx: Context, userId: string) {
  const where = { OR: [{ key: { contains: userId } }, { key: { endsWith: ctx.address } }] };
  return [
    await db.passwordBudget.findMany({ where: { key: { contains: userId } } }),
    await db.addressBudget.findMany({ where }),
    await db.factorBudget.findMany({ where: { userId } }),
    await db.challenge.findMany({ where: { userId } }),
    await db.totpFactor.findMany({ where: { userId } }),
    await db.event.count({ where: { userId } }),
  ];
}

/** What meets a full line is told so, and has cost nothing. */
async function expectNothingTaken(ctx: Context, userId: string, work: () => Promise<unknown>) {
  const before = await counted(ctx, userId);
  expect(requireRoomToHash).toThrow(TooManyHashes);
  await expect(work()).rejects.toThrow(TooManyHashes);
  expect(await counted(ctx, userId)).toEqual(before);
}

it("a right password that cannot be compared now costs no try, at sign-in or of one's own", async () => {
  const { ctx, single } = made;
  const { email, signedIn, user } = single;
  await expectNothingTaken(ctx, user.id, () => beginSignIn(ctx, { email, password: PASSWORD }));
  await expectNothingTaken(ctx, user.id, () => stepUp(ctx, signedIn, { password: PASSWORD }));
  const typed = { password: PASSWORD, newPassword: "another horse battery" };
  await expectNothingTaken(ctx, user.id, () => changePassword(ctx, signedIn, typed));
});

it("a right recovery code that cannot be compared now costs no try, and stays good", async () => {
  const { ctx, person, challengeToken } = made;
  const { recoveryCodes, signedIn, user } = person;
  const [code = ""] = recoveryCodes;
  await expectNothingTaken(ctx, user.id, () => completeSignIn(ctx, { challengeToken, code }));
  await expectNothingTaken(ctx, user.id, () => stepUp(ctx, signedIn, { code }));
  await stopFlood();
  expect((await completeSignIn(ctx, { challengeToken, code })).factor).toBe("recovery");
});

it("whatever else has to be hashed costs no try either: an account, recovery codes, the first code of a new authenticator", async () => {
  const { ctx, single, person, pending, holder, waiting } = made;
  const typed = { email: `new-${single.email}`, password: PASSWORD };
  await expectNothingTaken(ctx, newId(ctx.now), () => signUp(ctx, typed));
  await expectNothingTaken(ctx, person.user.id, () => regenerateRecoveryCodes(ctx, person.signedIn));
  const { id } = single.user;
  await expectNothingTaken(ctx, id, () => startTotpSetupWithRecoveryCodes(ctx, single.signedIn));
  const code = new Phone(pending.uri).code(ctx.now);
  await expectNothingTaken(ctx, id, () => confirmTotp(ctx, single.signedIn, { code }));
  await expectNothingTaken(ctx, id, () =>
    confirmProvisionedTotp(ctx, holder, { userId: id, id: waiting.id, code }),
  );
  await stopFlood();
  await confirmTotp(ctx, single.signedIn, { code });
});

it("a first code of somebody who has the recovery codes already needs no room", async () => {
  const { ctx, shown, withCodes } = made;
  expect(requireRoomToHash).toThrow(TooManyHashes);
  const code = new Phone(withCodes.uri).code(ctx.now);
  expect((await confirmTotp(ctx, shown.signedIn, { code })).recoveryCodes).toBe(null);
  expect(requireRoomToHash).toThrow(TooManyHashes);
});

it("codes of the app and sessions do not stand in that line", async () => {
  const { ctx, person, challengeToken } = made;
  expect(requireRoomToHash).toThrow(TooManyHashes);
  const done = await completeSignIn(ctx, { challengeToken, code: person.phone.code(ctx.now) });
  expect(done.factor).toBe("totp");
  await reread(ctx, done.token);
  expect(requireRoomToHash).toThrow(TooManyHashes);
});
