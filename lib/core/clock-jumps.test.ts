import { describe, expect, it } from "vitest";
import { completeSignIn } from "./challenges";
import type { Context } from "./context";
import { LIMITS } from "./limits";
import { readSession } from "./sessions";
import {
  beginChallenge,
  contextOf,
  elsewhere,
  expectRefusal,
  later,
  makeProtectedPerson,
  refusalOf,
  reread,
  testDatabase,
} from "./testing/fixtures";

// The server's clock is set back or forth, or an instance's runs ahead of the others'. The clock is handed in.
const db = testDatabase();
const HOUR = 3600;

async function person() {
  const start = contextOf(db);
  const made = await makeProtectedPerson(start);
  const ctx = later(elsewhere(start), 2 * HOUR);
  const at = (seconds: number) => later(elsewhere(ctx), seconds);
  const signIn = async (when: Context, code: string) =>
    completeSignIn(when, { challengeToken: await beginChallenge(when, made.email), code });
  return { ...made, ctx, at, signIn };
}

describe("a code that was used opens nothing again", () => {
  it("when the clock jumps back an hour, and neither does any code of that hour", async () => {
    const { ctx, at, phone, signIn } = await person();
    const used = phone.codeAt(ctx.now, 0);
    await signIn(ctx, used);
    const back = at(-HOUR);
    await expectRefusal(signIn(back, used), "invalid_code");
    await expectRefusal(signIn(back, phone.codeAt(back.now, 0)), "invalid_code");
    await expectRefusal(signIn(at(1), used), "invalid_code");
    await signIn(at(60), phone.codeAt(at(60).now, 0));
  });

  it("when the clock jumps an hour ahead and back, and the steps in between are gone until then", async () => {
    const { ctx, at, phone, signIn } = await person();
    const ahead = at(HOUR);
    const used = phone.codeAt(ahead.now, 0);
    await signIn(ahead, used);
    await expectRefusal(signIn(ctx, phone.codeAt(ctx.now, 0)), "invalid_code");
    await expectRefusal(signIn(at(HOUR + 1), used), "invalid_code");
    await signIn(at(HOUR + 30), phone.codeAt(at(HOUR + 30).now, 0));
  });

  it("of a recovery code, wherever the clock stands; it is the way in while the steps are gone", async () => {
    const { ctx, at, phone, recoveryCodes, signIn } = await person();
    await signIn(at(HOUR), phone.codeAt(at(HOUR).now, 0));
    const [code = ""] = recoveryCodes;
    await signIn(ctx, code);
    for (const seconds of [-HOUR, 0, HOUR]) await expectRefusal(signIn(at(seconds), code), "invalid_code");
  });
});

describe("a sign-in that was begun before the clock jumped", () => {
  it("has ended when it jumped past its end, and takes no code then", async () => {
    const { ctx, at, email, phone } = await person();
    const challengeToken = await beginChallenge(ctx, email);
    const ahead = at(LIMITS.challenge.ttlSeconds);
    const code = phone.codeAt(ahead.now, 0);
    await expectRefusal(completeSignIn(ahead, { challengeToken, code }), "challenge_expired");
  });

  it("keeps the tries that it had when it jumped back", async () => {
    const { ctx, at, email, phone } = await person();
    const challengeToken = await beginChallenge(ctx, email);
    const guess = (when: Context) =>
      refusalOf(completeSignIn(when, { challengeToken, code: phone.wrongCode(when.now) }));
    const { tries } = LIMITS.challenge;
    for (let left = tries - 1; left > 1; left -= 1)
      expect(await guess(ctx)).toMatchObject({ triesLeft: left });
    const back = at(-HOUR);
    expect(await guess(back)).toMatchObject({ triesLeft: 1 });
    expect(await guess(back)).toMatchObject({ code: "challenge_expired", outOfTries: "now" });
    const code = phone.codeAt(back.now, 0);
    await expectRefusal(completeSignIn(back, { challengeToken, code }), "challenge_expired");
  });
});

it("a wait after wrong codes ends when the clock jumps ahead, goes on when it jumps back, and no failure is forgotten", async () => {
  const { ctx, at, email, phone, user } = await person();
  const guess = async (when: Context) =>
    refusalOf(
      completeSignIn(when, {
        challengeToken: await beginChallenge(when, email),
        code: phone.wrongCode(when.now),
      }),
    );
  const [first] = LIMITS.account.waits;
  for (let n = 0; n < first.failures; n += 1) expect((await guess(ctx)).code).toBe("invalid_code");
  expect(await guess(ctx)).toEqual({ code: "locked", retryAfterSeconds: first.seconds });
  expect(await guess(at(-HOUR))).toEqual({ code: "locked", retryAfterSeconds: first.seconds + HOUR });
  expect((await guess(at(HOUR))).code).toBe("invalid_code");
  expect((await guess(ctx)).code).toBe("locked");
  const { failures } = await db.factorBudget.findUniqueOrThrow({ where: { userId: user.id } });
  expect(failures).toHaveLength(first.failures + 1);
});

it("a session has ended for a clock that jumped past its end, and its token opens nothing that was proven before", async () => {
  const { ctx, at, phone, signIn } = await person();
  const { token } = await signIn(ctx, phone.codeAt(ctx.now, 0));
  expect((await reread(ctx, token)).isProofFresh).toBe(true);
  const stale = at(LIMITS.stepUp.freshSeconds + 1);
  expect((await reread(stale, token)).isProofFresh).toBe(false);
  expect(await readSession(at(24 * HOUR), token)).toBeNull();
});
