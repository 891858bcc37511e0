import { expect, it } from "vitest";
import { unlockUser } from "./admin/unlock-user";
import { completeSignIn } from "./challenges";
import type { Context } from "./context";
import { recordEvent } from "./events";
import { askForNewPassword, chooseNewPassword } from "./forgotten-password";
import { LIMITS } from "./limits";
import { readChallenge } from "./read-challenge";
import { Refused } from "./refusals";
import { readSession } from "./sessions";
import { beginSignIn } from "./sign-in";
import {
  beginChallenge,
  contextOf,
  elsewhere,
  expectRefusal,
  later,
  mailedLink,
  makeProtectedPerson,
  PASSWORD,
  refusalOf,
  reread,
  testDatabase,
} from "./testing/fixtures";

// SECURITY.md, "A lock is no weapon": the ways back for an owner while somebody with the password, whom no address holds
// back, opens sign-ins and guesses codes all the time.

const db = testDatabase();
const NEW = "another horse battery";
/** One more than there is room for in the sign-ins from one address. */
const MANY = LIMITS.challenge.openPerAddress + 1;

type Owner = Awaited<ReturnType<typeof makeProtectedPerson>> & { browserToken: string | null };

/** The password's sign-in, and guesses at its code, from an address of their own. Returns the challenge's token. */
async function guessFromSomewhere(ctx: Context, { email, phone }: Owner, guesses = 1): Promise<string> {
  const stranger = elsewhere(ctx);
  const challengeToken = await beginChallenge(stranger, email);
  const code = phone.wrongCode(ctx.now);
  for (let n = 0; n < guesses; n += 1) await refusalOf(completeSignIn(stranger, { challengeToken, code }));
  return challengeToken;
}

/** An owner with a browser that the account knows, and strangers who used up the year's tries. The time is after that. */
async function attackedOwner(): Promise<{ owner: Owner; ctx: Context }> {
  const start = contextOf(db);
  const person = await makeProtectedPerson(start);
  const home = later(elsewhere(start), 1800);
  const { browserToken } = await completeSignIn(home, {
    challengeToken: await beginChallenge(home, person.email),
    code: person.phone.code(home.now),
  });
  const owner = { ...person, browserToken };
  let ctx = home;
  for (let used = 0; used < LIMITS.account.units; used += LIMITS.challenge.tries) {
    ctx = later(ctx, 3600);
    await guessFromSomewhere(ctx, owner, LIMITS.challenge.tries);
  }
  ctx = later(ctx, 86_400);
  const token = await beginChallenge(elsewhere(ctx), owner.email);
  expect((await readChallenge(ctx, token))?.isLocked).toBe(true);
  return { owner, ctx };
}

/** Goes on with the attack, several at once, until it is stopped. */
function attack(ctx: Context, owner: Owner) {
  let isOver = false;
  let rounds = 0;
  let failed: unknown = null;
  let told = () => {};
  const challenges: string[] = [];
  const one = async () => {
    while (!isOver && failed === null) {
      try {
        challenges.push(await guessFromSomewhere(ctx, owner));
      } catch (error) {
        // The password may be another one by now.
        if (!(error instanceof Refused)) failed = error;
      }
      rounds += 1;
      told();
    }
  };
  const workers = Promise.all([one(), one(), one()]);
  return {
    challenges,
    /** Returns after so many more rounds of it. */
    async goesOn(more = MANY): Promise<void> {
      const enough = rounds + more;
      while (rounds < enough) {
        if (failed !== null) throw failed;
        await new Promise<void>((resolve) => {
          told = resolve;
        });
      }
    },
    async stop(): Promise<void> {
      isOver = true;
      await workers;
      if (failed !== null) throw failed;
    },
  };
}

/** While the attack goes on, somebody gets in. */
async function during(
  { owner, ctx }: Awaited<ReturnType<typeof attackedOwner>>,
  work: (attacker: ReturnType<typeof attack>) => Promise<void>,
): Promise<void> {
  const attacker = attack(ctx, owner);
  try {
    await attacker.goesOn();
    await work(attacker);
  } finally {
    await attacker.stop();
  }
}

it("in a known browser, with a code of the app", async () => {
  const attacked = await attackedOwner();
  const { owner, ctx } = attacked;
  const home = { ...elsewhere(ctx), browserToken: owner.browserToken };
  await during(attacked, async (attacker) => {
    const challengeToken = await beginChallenge(home, owner.email);
    await attacker.goesOn();
    const done = await completeSignIn(home, { challengeToken, code: owner.phone.code(ctx.now) });
    expect(done).toMatchObject({ factor: "totp", browserToken: null });
    await reread(ctx, done.token);
  });
});

it("in a new browser, with a recovery code, however many sign-ins the strangers open meanwhile", async () => {
  const attacked = await attackedOwner();
  const { owner, ctx } = attacked;
  const [code = ""] = owner.recoveryCodes;
  const away = elsewhere(ctx);
  await during(attacked, async (attacker) => {
    const challengeToken = await beginChallenge(away, owner.email);
    await attacker.goesOn();
    const done = await completeSignIn(away, { challengeToken, code });
    expect(done.factor).toBe("recovery");
    await reread(ctx, done.token);
  });
});

it("with a recovery code, too, where all addresses may be one and are not ours to limit", async () => {
  const attacked = await attackedOwner();
  const { owner, ctx } = attacked;
  const [code = ""] = owner.recoveryCodes;
  const proxied = { ...ctx, settings: { ...ctx.settings, rateLimitAddress: false } };
  const challengeToken = await beginChallenge(proxied, owner.email);
  for (let n = 0; n < MANY; n += 1) await beginChallenge(proxied, owner.email);
  const done = await completeSignIn(proxied, { challengeToken, code });
  expect(done.factor).toBe("recovery");
});

it("in a new browser, by a mailed link to a new password, though they go on with the old one; what they had is dead", async () => {
  const attacked = await attackedOwner();
  const { owner, ctx } = attacked;
  const { email, phone } = owner;
  // They were in once: with a code that was phished, in a browser that is trusted since.
  const inside = { ...elsewhere(ctx), browserToken: owner.browserToken };
  const phished = await completeSignIn(inside, {
    challengeToken: await beginChallenge(inside, email),
    code: phone.codeAt(ctx.now, -1),
    trustBrowser: true,
  });
  await during(attacked, async (attacker) => {
    const opened = [...attacker.challenges];
    const away = elsewhere(ctx);
    await askForNewPassword(away, { email });
    const token = await mailedLink(ctx, email, "new_password_asked");
    await attacker.goesOn();
    const { browserToken } = await chooseNewPassword(away, { token, newPassword: NEW });
    await attacker.goesOn(LIMITS.password.freeFailures + 1);
    // By now a browser that nobody knows has to wait.
    await expectRefusal(beginSignIn(elsewhere(ctx), { email, password: NEW }), "too_many_requests");

    const here = { ...away, browserToken };
    const { token: challengeToken } = await beginSignIn(here, { email, password: NEW });
    await attacker.goesOn();
    const done = await completeSignIn(here, { challengeToken, code: phone.code(ctx.now) });
    expect(done.factor).toBe("totp");
    await reread(ctx, done.token);

    expect(await readSession(ctx, phished.token)).toBeNull();
    expect(await db.session.count({ where: { userId: owner.user.id } })).toBe(1);
    const [code = ""] = owner.recoveryCodes;
    expect(opened.length).toBeGreaterThan(0);
    for (const challenge of opened)
      await expectRefusal(
        completeSignIn(elsewhere(ctx), { challengeToken: challenge, code }),
        "challenge_expired",
      );
    const trusted = { ...here, trustToken: phished.trust?.token ?? null };
    expect((await beginSignIn(trusted, { email, password: NEW })).kind).toBe("challenge");
  });
});

it("when the year's new tries by mail are gone, too: with a new password, once an administrator unlocks", async () => {
  const attacked = await attackedOwner();
  const { owner, ctx } = attacked;
  const { email, user } = owner;
  for (let n = 0; n < LIMITS.unlock.times; n += 1)
    await recordEvent(ctx, { kind: "sign_in.unlocked", userId: user.id });
  const admin = await makeProtectedPerson(elsewhere(ctx), { isAdmin: true });
  await during(attacked, async (attacker) => {
    const away = elsewhere(ctx);
    await askForNewPassword(away, { email });
    const token = await mailedLink(ctx, email, "new_password_asked");
    const { browserToken } = await chooseNewPassword(away, { token, newPassword: NEW });
    await attacker.goesOn();
    const here = { ...away, browserToken };
    const { token: challengeToken } = await beginSignIn(here, { email, password: NEW });
    const code = owner.phone.codeAt(ctx.now, 0);
    expect(await refusalOf(completeSignIn(here, { challengeToken, code }))).toEqual({
      code: "locked",
      retryAfterSeconds: null,
    });
    await unlockUser(ctx, admin.signedIn, { userId: user.id, reason: "asked for in person" });
    await attacker.goesOn();
    const done = await completeSignIn(here, { challengeToken, code });
    expect(done.factor).toBe("totp");
    expect((await reread(ctx, done.token)).mustChangePassword).toBe(true);
  });
});

it("a browser in which a new password was chosen has no tries of codes of its own, and is known for half an hour", async () => {
  const { owner, ctx } = await attackedOwner();
  const { email, phone, user } = owner;
  await askForNewPassword(ctx, { email });
  const token = await mailedLink(ctx, email, "new_password_asked");
  const { browserToken } = await chooseNewPassword(ctx, { token, newPassword: NEW });
  const here = { ...ctx, browserToken };
  const { token: challengeToken } = await beginSignIn(here, { email, password: NEW });
  await expectRefusal(
    completeSignIn(here, { challengeToken, code: phone.wrongCode(ctx.now) }),
    "invalid_code",
  );
  expect((await db.factorBudget.findUniqueOrThrow({ where: { userId: user.id } })).failures).toHaveLength(1);
  const wait = { key: user.id, failures: 30, lastAt: ctx.now, waitUntil: later(ctx, 86_400).now };
  await db.passwordBudget.create({ data: wait });
  await expectRefusal(beginSignIn(here, { email, password: PASSWORD }), "invalid_credentials");
  await expectRefusal(
    beginSignIn(later(here, LIMITS.newPasswordLink.ttlSeconds), { email, password: PASSWORD }),
    "too_many_requests",
  );
});
