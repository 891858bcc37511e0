import { describe, expect, it } from "vitest";
import { completeSignIn } from "./challenges";
import { LIMITS } from "./limits";
import { readChallenge } from "./read-challenge";
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

const db = testDatabase();

/** An account that was set up, and a caller from an unknown browser half an hour later. */
async function signInLater() {
  const start = contextOf(db);
  const person = await makeProtectedPerson(start);
  const ctx = later(elsewhere(start), 1800);
  return { ctx, ...person };
}

describe("the code step", () => {
  it("redeems a challenge for a session whose second factor is proven", async () => {
    const { ctx, email, phone, user } = await signInLater();
    const challengeToken = await beginChallenge(ctx, email);
    const done = await completeSignIn(ctx, { challengeToken, code: phone.code(ctx.now) });
    expect(done).toMatchObject({
      userId: user.id,
      factor: "totp",
      signedIn: { twoFactor: { isOn: true, recoveryCodesLeft: 10 } },
    });
    const signedIn = await reread(ctx, done.token);
    expect(signedIn).toMatchObject({ isProofFresh: true, twoFactor: { isOn: true } });
  });

  it("opens nothing twice: neither challenge nor code", async () => {
    const { ctx, email, phone } = await signInLater();
    const first = await beginChallenge(ctx, email);
    const second = await beginChallenge(ctx, email);
    const code = phone.code(ctx.now);
    await completeSignIn(ctx, { challengeToken: first, code });
    await expectRefusal(
      completeSignIn(ctx, { challengeToken: first, code: phone.code(ctx.now) }),
      "challenge_expired",
    );
    expect(await refusalOf(completeSignIn(ctx, { challengeToken: second, code }))).toEqual({
      code: "invalid_code",
      triesLeft: 4,
    });
  });

  it("a code older than the last one used opens nothing", async () => {
    const { ctx, email, phone } = await signInLater();
    const newer = phone.codeAt(ctx.now, 0);
    await completeSignIn(ctx, { challengeToken: await beginChallenge(ctx, email), code: newer });
    const older = phone.codeAt(ctx.now, -1);
    const again = completeSignIn(ctx, { challengeToken: await beginChallenge(ctx, email), code: older });
    await expectRefusal(again, "invalid_code");
  });

  it("takes a code up to 29 s away from its time, and none 61 s away", async () => {
    for (const [seconds, taken] of [
      [-29, true],
      [29, true],
      [-61, false],
      [61, false],
    ] as const) {
      const { ctx, email, phone } = await signInLater();
      const code = phone.codeAt(later(ctx, seconds).now, 0);
      const result = completeSignIn(ctx, { challengeToken: await beginChallenge(ctx, email), code });
      if (taken) expect((await result).factor).toBe("totp");
      else await expectRefusal(result, "invalid_code");
    }
  });

  it("a challenge token is no session, and a lapsed challenge opens nothing", async () => {
    const { ctx, email, phone } = await signInLater();
    const challengeToken = await beginChallenge(ctx, email);
    expect(await readSession(ctx, challengeToken)).toBeNull();
    const lapsed = later(ctx, LIMITS.challenge.ttlSeconds);
    expect(await readChallenge(lapsed, challengeToken)).toBeNull();
    await expectRefusal(
      completeSignIn(lapsed, { challengeToken, code: phone.code(lapsed.now) }),
      "challenge_expired",
    );
  });

  it("five wrong codes end the challenge, even for the right one after them", async () => {
    const { ctx, email, phone } = await signInLater();
    const challengeToken = await beginChallenge(ctx, email);
    const wrong = phone.wrongCode(ctx.now);
    const triesLeft: unknown[] = [];
    for (let guess = 0; guess < 4; guess += 1) {
      triesLeft.push(await refusalOf(completeSignIn(ctx, { challengeToken, code: wrong })));
    }
    expect(triesLeft).toEqual([4, 3, 2, 1].map((left) => ({ code: "invalid_code", triesLeft: left })));
    await expectRefusal(completeSignIn(ctx, { challengeToken, code: wrong }), "challenge_expired");
    await expectRefusal(
      completeSignIn(ctx, { challengeToken, code: phone.code(ctx.now) }),
      "challenge_expired",
    );
  });

  it("what is no code at all costs no try", async () => {
    const { ctx, email } = await signInLater();
    const challengeToken = await beginChallenge(ctx, email);
    for (const code of ["", " - ", "x".repeat(65), "12\u000034", "\ud800", "１２<script>"]) {
      await expectRefusal(completeSignIn(ctx, { challengeToken, code }), "invalid_input");
    }
    expect((await readChallenge(ctx, challengeToken))?.triesLeft).toBe(5);
  });

  it("at most five challenges from one address are open; the oldest goes", async () => {
    const { ctx, email, phone } = await signInLater();
    const tokens: string[] = [];
    for (let n = 0; n < 6; n += 1) tokens.push(await beginChallenge(later(ctx, n), email));
    const [oldest = "", second = ""] = tokens;
    const now = later(ctx, 6);
    expect(await readChallenge(now, oldest)).toBeNull();
    expect((await completeSignIn(now, { challengeToken: second, code: phone.code(now.now) })).factor).toBe(
      "totp",
    );
  });
});

describe("recovery codes at the code step", () => {
  it("open once, in any case and with any blanks, and count down", async () => {
    const { ctx, email, recoveryCodes } = await signInLater();
    const [code = ""] = recoveryCodes;
    const typed = ` ${code.toLowerCase().replaceAll("-", " ")} `;
    const done = await completeSignIn(ctx, { challengeToken: await beginChallenge(ctx, email), code: typed });
    expect(done).toMatchObject({ factor: "recovery", signedIn: { twoFactor: { recoveryCodesLeft: 9 } } });
    const again = completeSignIn(ctx, { challengeToken: await beginChallenge(ctx, email), code });
    await expectRefusal(again, "invalid_code");
  });

  it("belong to their user", async () => {
    const { ctx, email } = await signInLater();
    const other = await makeProtectedPerson(contextOf(db));
    const code = other.recoveryCodes[0] ?? "";
    const stolen = completeSignIn(ctx, { challengeToken: await beginChallenge(ctx, email), code });
    await expectRefusal(stolen, "invalid_code");
    const owners = await completeSignIn(ctx, {
      challengeToken: await beginChallenge(ctx, other.email),
      code,
    });
    expect(owners.factor).toBe("recovery");
  });

  it("tell the owner by mail", async () => {
    const { ctx, email, recoveryCodes } = await signInLater();
    await completeSignIn(ctx, {
      challengeToken: await beginChallenge(ctx, email),
      code: recoveryCodes[3] ?? "",
    });
    const mail = await db.mail.findFirstOrThrow({ where: { recipient: email, kind: "recovery_code_used" } });
    expect(mail.details).toMatchObject({ codesLeft: 9, address: ctx.address });
  });
});
