import { afterAll, beforeAll, expect, it } from "vitest";
import type { Database } from "@/lib/db/client";
import { startOwnTestDatabase } from "@/lib/db/testing/test-database";
import { remindOfPolicy } from "./policy-reminders";
import { beginSignIn } from "./sign-in";
import { contextOf, makePerson, makeProtectedPerson, NOON, PASSWORD, setPolicy } from "./testing/fixtures";

let db: Database;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ db, stop } = await startOwnTestDatabase());
});
afterAll(() => stop());

const HOUR = 3_600_000;
const after = (hours: number) => new Date(NOON.getTime() + hours * HOUR);

/** The days left that were mailed to somebody, in their order. */
async function mailed(recipient: string): Promise<unknown[]> {
  const mails = await db.mail.findMany({
    where: { recipient, kind: "two_factor_required" },
    orderBy: { id: "asc" },
  });
  return mails.map(({ details }) => (details as { daysLeft: number }).daysLeft);
}

/** Reminds everybody at each of these hours after their grace began, twice. */
async function remindAt(hours: number[]): Promise<void> {
  for (const hour of hours) {
    await remindOfPolicy(db, after(hour));
    expect(await remindOfPolicy(db, after(hour))).toBe(0);
  }
}

it("mails when a grace begins, three days before its end, and for its last day: once each", async () => {
  await setPolicy(db, NOON);
  const { email, user } = await makePerson(contextOf(db));
  await remindAt([0, 24, 95, 96, 100, 143, 144, 167, 168, 300]);
  expect(await mailed(email)).toEqual([7, 3, 1]);
  const events = await db.event.findMany({ where: { userId: user.id, kind: "policy.reminded" } });
  expect(events.map(({ actor, via }) => [actor, via])).toEqual(Array(3).fill(["server", "server"]));
});

it.each([
  [0, []],
  [1, [1]],
  [2, [2, 1]],
  [4, [4, 2, 1]],
  [90, [90, 3, 1]],
])("of %d days of grace says how many are left: %j", async (graceDays, expected) => {
  await setPolicy(db, NOON, graceDays);
  const { email } = await makePerson(contextOf(db));
  await remindAt(Array.from({ length: graceDays * 2 + 2 }, (_, index) => index * 12));
  expect(await mailed(email)).toEqual(expected);
});

it("does not make up for what was missed", async () => {
  await setPolicy(db, NOON);
  const { email } = await makePerson(contextOf(db));
  await remindAt([150]);
  expect(await mailed(email)).toEqual([1]);
});

it("mails nobody who has it, is disabled, is an administrator, or has not signed in since", async () => {
  await setPolicy(db, null);
  const absent = await makePerson(contextOf(db));
  await setPolicy(db, NOON);
  const owner = await makeProtectedPerson(contextOf(db));
  const disabled = await makePerson(contextOf(db));
  await db.user.update({ where: { id: disabled.user.id }, data: { disabledAt: NOON } });
  const administrator = await makePerson(contextOf(db), { isAdmin: true });
  await remindAt([0, 100, 150]);
  for (const { email } of [absent, owner, disabled, administrator]) expect(await mailed(email)).toEqual([]);
});

it("mails nobody for a grace of an earlier policy, nor without one", async () => {
  await setPolicy(db, NOON);
  const { email } = await makePerson(contextOf(db));
  await setPolicy(db, after(1));
  await remindAt([2]);
  await setPolicy(db, null);
  await remindAt([3]);
  expect(await mailed(email)).toEqual([]);
  await setPolicy(db, after(1));
  await beginSignIn({ ...contextOf(db), now: after(4) }, { email, password: PASSWORD });
  await remindAt([4]);
  expect(await mailed(email)).toEqual([7]);
});

it("sends each reminder once, by however many processes and to however many people", async () => {
  await setPolicy(db, NOON);
  await db.gracePeriod.deleteMany();
  const many = Array.from({ length: 1_100 }, (_, index) => `many${index}`);
  await db.user.createMany({
    data: many.map((id) => ({ id, email: `${id}@example.org`, passwordHash: "", createdAt: NOON })),
  });
  await db.gracePeriod.createMany({ data: many.map((userId) => ({ userId, startedAt: NOON })) });
  const counts = await Promise.all([1, 2, 3, 4].map(() => remindOfPolicy(db, NOON)));
  const rest = await remindOfPolicy(db, NOON);
  expect(counts.reduce((sum, count) => sum + count, rest)).toBe(1_100);
  const mails = await db.mail.findMany({ where: { recipient: { startsWith: "many" } } });
  expect(new Set(mails.map(({ recipient }) => recipient)).size).toBe(1_100);
  expect(mails.length).toBe(1_100);
});
