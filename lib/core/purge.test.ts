import { expect, it } from "vitest";
import { startTotpSetup } from "./factors/totp";
import { purgeLapsed } from "./purge";
import { readSession } from "./sessions";
import {
  beginChallenge,
  contextOf,
  later,
  makePerson,
  makeProtectedPerson,
  testDatabase,
} from "./testing/fixtures";

const db = testDatabase();

it("takes what has lapsed and leaves what counts", async () => {
  // Long before the other files' rows, so that theirs have not lapsed.
  const ctx = { ...contextOf(db), now: new Date("2020-01-01T00:00:00Z") };
  const person = await makeProtectedPerson(ctx);
  const token = await beginChallenge(ctx, person.email);
  const plain = await makePerson(ctx);
  await startTotpSetup(ctx, plain.signedIn);
  const mine = { userId: { in: [person.user.id, plain.user.id] } };
  const rows = async () => ({
    sessions: await db.session.count({ where: mine }),
    challenges: await db.challenge.count({ where: mine }),
    authenticators: await db.totpFactor.count({ where: mine }),
    recoveryCodes: await db.recoveryCode.count({ where: mine }),
  });
  expect(token).not.toBe("");
  const before = { sessions: 2, challenges: 1, authenticators: 2, recoveryCodes: 10 };
  await purgeLapsed(db, later(ctx, 300).now);
  expect(await rows()).toEqual(before);
  await purgeLapsed(db, later(ctx, 1000).now);
  expect(await rows()).toEqual({ ...before, challenges: 0, authenticators: 1 });
  expect(await readSession(later(ctx, 1000), plain.token)).not.toBeNull();
  await purgeLapsed(db, later(ctx, 86_400).now);
  expect(await rows()).toEqual({ sessions: 0, challenges: 0, authenticators: 1, recoveryCodes: 10 });
});
