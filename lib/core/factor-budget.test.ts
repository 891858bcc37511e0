import { describe, expect, it } from "vitest";
import { completeSignIn } from "./challenges";
import type { Context } from "./context";
import { confirmTotp } from "./factors/confirm-totp";
import { startTotpSetup } from "./factors/totp";
import { readChallenge } from "./read-challenge";
import { beginSignIn } from "./sign-in";
import {
  beginChallenge,
  contextOf,
  elsewhere,
  expectRefusal,
  later,
  makeProtectedPerson,
  PASSWORD,
  refusalOf,
  testDatabase,
} from "./testing/fixtures";
import { Phone } from "./testing/phone";

const db = testDatabase();

async function protectedPersonLater() {
  const start = contextOf(db);
  const person = await makeProtectedPerson(start);
  return { ...person, ctx: later(elsewhere(start), 3600) };
}

/** Burns failures of the account from unknown browsers, each in a challenge of its own, waiting as told. */
async function burn(
  ctx: Context,
  person: { email: string; phone: Phone },
  failures: number,
): Promise<Context> {
  let now = ctx;
  for (let n = 0; n < failures; n += 1) {
    now = later({ ...elsewhere(now), now: now.now }, 3601);
    const challengeToken = await beginChallenge(now, person.email);
    await expectRefusal(
      completeSignIn(now, { challengeToken, code: person.phone.wrongCode(now.now) }),
      "invalid_code",
    );
  }
  return now;
}

describe("the account's budget for unknown browsers", () => {
  it.each([
    [5, 60],
    [10, 900],
    [15, 3600],
  ])("after %i failures waits %i s, also for the right code", async (failures, seconds) => {
    const { ctx, email, phone } = await protectedPersonLater();
    const burnt = elsewhere(await burn(ctx, { email, phone }, failures));
    const now = later(burnt, seconds - 1);
    const challengeToken = await beginChallenge(now, email);
    const held = completeSignIn(now, { challengeToken, code: phone.code(now.now) });
    expect(await refusalOf(held)).toEqual({ code: "locked", retryAfterSeconds: 1 });
    const after = later(burnt, seconds);
    expect((await completeSignIn(after, { challengeToken, code: phone.code(after.now) })).factor).toBe(
      "totp",
    );
  });

  it("at 20 stops for good, and the owner still gets in: known browser, or recovery code", async () => {
    const { ctx, email, phone, recoveryCodes } = await protectedPersonLater();
    const owner = await completeSignIn(ctx, {
      challengeToken: await beginChallenge(ctx, email),
      code: phone.code(ctx.now),
    });
    const burnt = await burn(ctx, { email, phone }, 20);
    const stranger = later(elsewhere(burnt), 30 * 86_400);
    const token = await beginChallenge(stranger, email);
    const stopped = await refusalOf(
      completeSignIn(stranger, { challengeToken: token, code: phone.code(stranger.now) }),
    );
    expect(stopped).toEqual({ code: "locked", retryAfterSeconds: null });
    expect((await readChallenge(stranger, token))?.isLocked).toBe(true);

    const known = { ...stranger, browserToken: owner.browserToken };
    const inKnown = await completeSignIn(known, {
      challengeToken: await beginChallenge(known, email),
      code: phone.codeAt(known.now, 1),
    });
    expect(inKnown).toMatchObject({ factor: "totp", browserToken: null });
    const byRecovery = completeSignIn(stranger, { challengeToken: token, code: recoveryCodes[0] ?? "" });
    expect((await byRecovery).factor).toBe("recovery");
  });

  it("is a rolling year: a failure of 366 days ago no longer counts", async () => {
    const { ctx, email, phone } = await protectedPersonLater();
    const burnt = await burn(ctx, { email, phone }, 20);
    const nextYear = later(elsewhere(burnt), 366 * 86_400);
    const challengeToken = await beginChallenge(nextYear, email);
    const done = await completeSignIn(nextYear, { challengeToken, code: phone.code(nextYear.now) });
    expect(done.factor).toBe("totp");
  });

  it("gets back the tries of a challenge that ends in success, and no others", async () => {
    const { ctx, email, phone, user } = await protectedPersonLater();
    await burn(ctx, { email, phone }, 2);
    const now = later(elsewhere(ctx), 4 * 3600);
    const challengeToken = await beginChallenge(now, email);
    for (let n = 0; n < 3; n += 1) {
      await refusalOf(completeSignIn(now, { challengeToken, code: phone.wrongCode(now.now) }));
    }
    // The third one was the account's fifth: a minute's wait.
    const held = await refusalOf(completeSignIn(now, { challengeToken, code: phone.code(now.now) }));
    expect(held.code).toBe("locked");
    const minuteLater = later(now, 60);
    await completeSignIn(minuteLater, { challengeToken, code: phone.code(minuteLater.now) });
    const budget = await db.factorBudget.findUniqueOrThrow({ where: { userId: user.id } });
    expect(budget.failures).toHaveLength(2);
    expect(budget.waitUntil).toBeNull();
  });

  it("costs one unit for each device that the guess is compared with", async () => {
    const start = contextOf(db);
    const { email, phone, user, signedIn } = await makeProtectedPerson(start);
    await startTotpSetup(start, signedIn, {
      name: "Second",
      parameters: { algorithm: "SHA256", digits: 6, periodSeconds: 30 },
    }).then((pending) => confirmTotp(start, signedIn, { code: new Phone(pending.uri).code(start.now) }));
    const third = await startTotpSetup(start, signedIn, {
      parameters: { algorithm: "SHA512", digits: 8, periodSeconds: 30 },
    });
    await confirmTotp(start, signedIn, { code: new Phone(third.uri).code(start.now) });
    const ctx = later(elsewhere(start), 3600);
    const guess = { challengeToken: await beginChallenge(ctx, email), code: phone.wrongCode(ctx.now) };
    await expectRefusal(completeSignIn(ctx, guess), "invalid_code");
    // Two of the three devices show six digits.
    expect((await db.factorBudget.findUniqueOrThrow({ where: { userId: user.id } })).failures).toHaveLength(
      2,
    );
  });

  it("tells the owner at the first failure of an hour, at ten and at twenty", async () => {
    const { ctx, email, phone } = await protectedPersonLater();
    await burn(ctx, { email, phone }, 20);
    expect(await db.mail.count({ where: { recipient: email, kind: "sign_in_locked" } })).toBe(2);
    const firsts = await db.mail.count({ where: { recipient: email, kind: "sign_in_code_failed" } });
    expect(firsts).toBe(20);
  });
});

it("with three devices the owner is told when no guess has room any more", async () => {
  const start = contextOf(db);
  const { email, phone, signedIn } = await makeProtectedPerson(start);
  for (const name of ["Second", "Third"]) {
    const pending = await startTotpSetup(start, signedIn, { name });
    await confirmTotp(start, signedIn, { code: new Phone(pending.uri).code(start.now) });
  }
  const burnt = await burn(later(elsewhere(start), 3600), { email, phone }, 6);
  const last = later(elsewhere(burnt), 3601);
  const guess = { challengeToken: await beginChallenge(last, email), code: phone.wrongCode(last.now) };
  expect(await refusalOf(completeSignIn(last, guess))).toEqual({ code: "locked", retryAfterSeconds: null });
  const mails = await db.mail.findMany({ where: { recipient: email, kind: "sign_in_locked" } });
  // Three at a time: twelve is the first number past ten, eighteen the last that has room.
  expect(mails.map(({ details }) => details)).toEqual(
    [12, 18].map((failures) => expect.objectContaining({ failures })),
  );
});

it("of wrong codes in several sign-ins at once the owner is told in one mail an hour", async () => {
  const { ctx, email, phone } = await protectedPersonLater();
  const guess = async (at: Context) => {
    const challenges = await Promise.all(Array.from({ length: 4 }, () => beginChallenge(at, email)));
    const code = phone.wrongCode(at.now);
    return Promise.all(
      challenges.map((challengeToken) => refusalOf(completeSignIn(at, { challengeToken, code }))),
    );
  };
  const told = () => db.mail.count({ where: { recipient: email, kind: "sign_in_code_failed" } });
  await guess(ctx);
  expect(await told()).toBe(1);
  await guess(later(ctx, 3599));
  expect(await told()).toBe(1);
  await guess(later(ctx, 3601));
  expect(await told()).toBe(2);
});

describe("a known browser", () => {
  it("has ten units of its own, then counts as unknown", async () => {
    const { ctx, email, phone, user } = await protectedPersonLater();
    const first = await completeSignIn(ctx, {
      challengeToken: await beginChallenge(ctx, email),
      code: phone.code(ctx.now),
    });
    const known = {
      ...ctx,
      browserToken: first.browserToken,
      settings: { ...ctx.settings, rateLimitAddress: false },
    };
    for (let n = 0; n < 12; n += 1) {
      const challengeToken = await beginChallenge(known, email);
      await refusalOf(completeSignIn(known, { challengeToken, code: phone.wrongCode(known.now) }));
    }
    expect((await db.knownBrowser.findFirstOrThrow({ where: { userId: user.id } })).spent).toBe(10);
    expect((await db.factorBudget.findUniqueOrThrow({ where: { userId: user.id } })).failures).toHaveLength(
      2,
    );
  });

  it("is known to its own account only", async () => {
    const mine = await protectedPersonLater();
    const theirs = await protectedPersonLater();
    const { ctx } = mine;
    const done = await completeSignIn(ctx, {
      challengeToken: await beginChallenge(ctx, mine.email),
      code: mine.phone.code(ctx.now),
    });
    const borrowed = { ...ctx, browserToken: done.browserToken };
    const challengeToken = await beginChallenge(borrowed, theirs.email);
    await refusalOf(completeSignIn(borrowed, { challengeToken, code: theirs.phone.wrongCode(ctx.now) }));
    expect(
      (await db.factorBudget.findUniqueOrThrow({ where: { userId: theirs.user.id } })).failures,
    ).toHaveLength(1);
  });
});

describe("an address", () => {
  it("has 20 factor failures in ten minutes over all accounts, then waits", async () => {
    const { ctx } = await protectedPersonLater();
    let failures = 0;
    for (let n = 0; n < 5; n += 1) {
      const person = await makeProtectedPerson(contextOf(db));
      for (let guess = 0; guess < 4; guess += 1) {
        const challengeToken = await beginChallenge({ ...ctx, address: contextOf(db).address }, person.email);
        await expectRefusal(
          completeSignIn(ctx, { challengeToken, code: person.phone.wrongCode(ctx.now) }),
          "invalid_code",
        );
        failures += 1;
      }
    }
    expect(failures).toBe(20);
    const last = await protectedPersonLater();
    const challengeToken = await beginChallenge(last.ctx, last.email);
    const limited = await refusalOf(completeSignIn(ctx, { challengeToken, code: last.phone.code(ctx.now) }));
    expect(limited).toEqual({ code: "too_many_requests", retryAfterSeconds: 600 });
    // It cost the challenge no try, and from elsewhere it goes on.
    expect((await readChallenge(last.ctx, challengeToken))?.triesLeft).toBe(5);
  });

  it("has 30 passwords a minute", async () => {
    const ctx = contextOf(db);
    for (let n = 0; n < 30; n += 1) {
      await expectRefusal(
        beginSignIn(ctx, { email: `nobody${n}@example.org`, password: PASSWORD }),
        "invalid_credentials",
      );
    }
    const limited = await refusalOf(beginSignIn(ctx, { email: "nobody@example.org", password: PASSWORD }));
    expect(limited).toEqual({ code: "too_many_requests", retryAfterSeconds: 60 });
    const minute = later(ctx, 60);
    await expectRefusal(
      beginSignIn(minute, { email: "nobody@example.org", password: PASSWORD }),
      "invalid_credentials",
    );
  });
});
