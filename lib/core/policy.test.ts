import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "@/lib/db/client";
import { startOwnTestDatabase } from "@/lib/db/testing/test-database";
import { completeSignIn } from "./challenges";
import { demandOf } from "./policy";
import { changePolicy, readPolicy } from "./policy-settings";
import { readSession } from "./sessions";
import { beginSignIn } from "./sign-in";
import {
  beginChallenge,
  contextOf,
  expectRefusal,
  later,
  makePerson,
  makeProtectedPerson,
  NOON,
  PASSWORD,
  refusalOf,
  reread,
  setPolicy,
} from "./testing/fixtures";
import { signUp } from "./users";

let db: Database;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ db, stop } = await startOwnTestDatabase());
});
afterAll(() => stop());
beforeEach(() => setPolicy(db, null));

const DAY = 86_400;
const days = (count: number) => new Date(NOON.getTime() + count * DAY * 1000);
const NOTHING = { isRequired: false, enrolBy: null, isDue: false, announcedFor: null };

/** Signs in with the password alone, which must do, so much later. */
async function signIn(email: string, seconds: number) {
  const ctx = later(contextOf(db), seconds);
  const begun = await beginSignIn(ctx, { email, password: PASSWORD });
  if (begun.kind !== "session") throw new Error("a password alone should do here");
  return begun;
}

describe("what policy asks of somebody", () => {
  const row = { requiredFrom: NOON, graceDays: 7, graceStartedAt: null, isAdmin: false, isOn: false };

  it("asks an administrator always, and at once", () => {
    for (const requiredFrom of [null, days(-1), days(1)])
      expect(demandOf({ ...row, requiredFrom, isAdmin: true }, NOON)).toEqual({
        ...NOTHING,
        isRequired: true,
        isDue: true,
      });
  });

  it("asks nobody else without a date, nor before it, but announces it", () => {
    expect(demandOf({ ...row, requiredFrom: null }, NOON)).toEqual(NOTHING);
    expect(demandOf({ ...row, requiredFrom: days(1) }, NOON)).toEqual({ ...NOTHING, announcedFor: days(1) });
  });

  it("asks everybody from the date on, to the millisecond, with the whole grace before them", () => {
    const before = new Date(NOON.getTime() - 1);
    expect(demandOf(row, before)).toEqual({ ...NOTHING, announcedFor: NOON });
    expect(demandOf(row, NOON)).toEqual({ ...NOTHING, isRequired: true, enrolBy: days(7) });
  });

  it("lets a grace lapse at its last moment", () => {
    const begun = { ...row, graceStartedAt: days(1) };
    const last = new Date(days(8).getTime() - 1);
    expect(demandOf(begun, last)).toEqual({ ...NOTHING, isRequired: true, enrolBy: days(8) });
    expect(demandOf(begun, days(8))).toEqual({ ...NOTHING, isRequired: true, isDue: true });
  });

  it("takes the grace of an earlier policy for none", () => {
    expect(demandOf({ ...row, graceStartedAt: days(-30) }, NOON).enrolBy).toEqual(days(7));
  });

  it("has no grace where there are no days of it", () => {
    expect(demandOf({ ...row, graceDays: 0, graceStartedAt: NOON }, NOON).isDue).toBe(true);
  });

  it("asks nothing more of whoever has it, but for keeping it", () => {
    for (const isAdmin of [true, false])
      expect(demandOf({ ...row, isAdmin, isOn: true, graceStartedAt: days(-30) }, NOON)).toEqual({
        ...NOTHING,
        isRequired: true,
      });
    expect(demandOf({ ...row, requiredFrom: days(1), isOn: true }, NOON)).toEqual(NOTHING);
  });
});

describe("somebody's grace", () => {
  it("counts from their first sign-in after the date, not from the date nor from a later sign-in", async () => {
    const { email, token } = await makePerson(contextOf(db));
    await setPolicy(db, days(1));
    expect((await reread(contextOf(db), token)).demand).toEqual({ ...NOTHING, announcedFor: days(1) });
    const first = await signIn(email, 3 * DAY);
    expect(first.signedIn.demand).toEqual({ ...NOTHING, isRequired: true, enrolBy: days(10) });
    const second = await signIn(email, 5 * DAY);
    expect(second.signedIn.demand.enrolBy).toEqual(days(10));
  });

  it("begins at no sign-in before the date", async () => {
    const { email, user } = await makePerson(contextOf(db));
    await setPolicy(db, days(1));
    await signIn(email, DAY - 1);
    expect(await db.gracePeriod.count({ where: { userId: user.id } })).toBe(0);
    await signIn(email, DAY);
    expect(await db.gracePeriod.count({ where: { userId: user.id } })).toBe(1);
  });

  it("is over to the second, in a session that goes on", async () => {
    await setPolicy(db, NOON);
    const { email } = await makePerson(contextOf(db));
    const { token } = await signIn(email, 7 * DAY - 1);
    const at = async (seconds: number) =>
      (await readSession(later(contextOf(db), seconds), token))?.demand.isDue;
    expect([await at(7 * DAY - 1), await at(7 * DAY)]).toEqual([false, true]);
  });

  it("begins anew under a policy of a later date, with no reminder sent", async () => {
    await setPolicy(db, NOON);
    const { email, user } = await makePerson(contextOf(db));
    await db.gracePeriod.update({ where: { userId: user.id }, data: { remindersSent: 3 } });
    await setPolicy(db, days(20));
    const begun = await signIn(email, 21 * DAY);
    expect(begun.signedIn.demand.enrolBy).toEqual(days(28));
    expect(await db.gracePeriod.findUnique({ where: { userId: user.id } })).toMatchObject({
      startedAt: days(21),
      remindersSent: 0,
    });
  });

  it("begins with the making of one's account", async () => {
    await setPolicy(db, NOON);
    const ctx = contextOf(db);
    const opened = await signUp(ctx, { email: `n${Math.random()}@example.org`, password: PASSWORD });
    expect(opened.signedIn.demand.enrolBy).toEqual(days(7));
    expect((await reread(later(ctx, 60), opened.token)).demand.enrolBy).toEqual(days(7));
  });

  it("is one, however many sign-ins begin it at once", async () => {
    const { email, user } = await makePerson(contextOf(db));
    await setPolicy(db, NOON);
    const opened = await Promise.all(Array.from({ length: 8 }, (_, index) => signIn(email, index)));
    expect(await db.gracePeriod.count({ where: { userId: user.id } })).toBe(1);
    const { startedAt } = await db.gracePeriod.findUniqueOrThrow({ where: { userId: user.id } });
    for (const { token } of opened)
      expect((await reread(later(contextOf(db), 60), token)).demand.enrolBy).toEqual(
        new Date(startedAt.getTime() + 7 * DAY * 1000),
      );
  });

  it("holds nothing back from somebody whose second factor is proven", async () => {
    await setPolicy(db, NOON);
    const { email, phone } = await makeProtectedPerson(contextOf(db));
    const ctx = later(contextOf(db), 30 * DAY);
    const challengeToken = await beginChallenge(ctx, email);
    const { signedIn } = await completeSignIn(ctx, { challengeToken, code: phone.code(ctx.now) });
    expect(signedIn.demand).toEqual({ ...NOTHING, isRequired: true });
  });
});

describe("the policy", () => {
  const administrator = () => makeProtectedPerson(contextOf(db), { isAdmin: true });
  const policy = () => db.policy.findFirstOrThrow({ select: { requiredFrom: true, graceDays: true } });

  it("is read and changed by administrators alone, and changed with a fresh proof", async () => {
    const ctx = contextOf(db);
    const { token, signedIn } = await administrator();
    const { signedIn: other } = await makeProtectedPerson(ctx);
    const { signedIn: unprotected } = await makePerson(ctx, { isAdmin: true });
    const stale = { ...signedIn, isProofFresh: false };
    const typed = { requiredFrom: "now", graceDays: "3" };
    await expectRefusal(readPolicy(ctx, other), "forbidden");
    await expectRefusal(changePolicy(ctx, other, typed), "forbidden");
    await expectRefusal(readPolicy(ctx, unprotected), "enrolment_required");
    await expectRefusal(changePolicy(ctx, unprotected, typed), "enrolment_required");
    await expectRefusal(changePolicy(ctx, stale, typed), "step_up_required");
    expect(await policy()).toEqual({ requiredFrom: null, graceDays: 7 });
    const ended = await reread(ctx, token);
    await changePolicy(ctx, ended, typed);
    await db.session.delete({ where: { id: ended.session.id } });
    await expectRefusal(changePolicy(ctx, ended, { ...typed, graceDays: "2" }), "unauthenticated");
    expect(await readPolicy(ctx, signedIn)).toEqual({ requiredFrom: NOON, graceDays: 3 });
  });

  it("says in the audit trail who changed it, from what to what, once", async () => {
    const ctx = contextOf(db);
    const { signedIn, user } = await administrator();
    await changePolicy(ctx, signedIn, { requiredFrom: "2030-07-01", graceDays: "14" });
    await changePolicy(ctx, signedIn, { requiredFrom: "2030-07-01", graceDays: "14" });
    const events = await db.event.findMany({ where: { kind: "policy.changed", actor: user.id } });
    expect(events.map(({ details }) => details)).toEqual([
      {
        before: { requiredFrom: null, graceDays: 7 },
        after: { requiredFrom: "2030-07-01T00:00:00.000Z", graceDays: 14 },
      },
    ]);
  });

  it("begins at once today, and at midnight of a later day", async () => {
    const ctx = contextOf(db);
    const { signedIn } = await administrator();
    const given = async (requiredFrom: string) => {
      await setPolicy(db, null);
      await changePolicy(ctx, signedIn, { requiredFrom, graceDays: " 7 " });
      return (await policy()).requiredFrom?.toISOString();
    };
    expect(await given("now")).toBe("2030-06-01T12:00:00.000Z");
    expect(await given("2030-06-01")).toBe("2030-06-01T12:00:00.000Z");
    expect(await given("2030-06-02")).toBe("2030-06-02T00:00:00.000Z");
    expect(await given("never")).toBeUndefined();
  });

  it("keeps its date, and the graces that have begun, while it stays in force", async () => {
    const { signedIn } = await administrator();
    const ctx = contextOf(db);
    for (const requiredFrom of ["now", "2030-05-20"]) {
      await setPolicy(db, new Date("2030-05-20T09:30:00Z"));
      await changePolicy(ctx, signedIn, { requiredFrom, graceDays: "30" });
      expect(await policy()).toEqual({ requiredFrom: new Date("2030-05-20T09:30:00Z"), graceDays: 30 });
    }
  });

  it.each([
    ["requiredFrom", "", "missing"],
    ["requiredFrom", "yesterday", "malformed"],
    ["requiredFrom", "2030-05-31", "malformed"],
    ["requiredFrom", "2030-06-31", "malformed"],
    ["requiredFrom", "2031-1-1", "malformed"],
    ["requiredFrom", "12031-01-01", "malformed"],
    ["graceDays", "", "missing"],
    ["graceDays", "-1", "malformed"],
    ["graceDays", "91", "malformed"],
    ["graceDays", "1.5", "malformed"],
    ["graceDays", "1e1", "malformed"],
  ])("is not changed by %s %j", async (field, value, problem) => {
    const { signedIn } = await administrator();
    const typed = { requiredFrom: "now", graceDays: "3", [field]: value };
    const refusal = await refusalOf(changePolicy(contextOf(db), signedIn, typed));
    expect(refusal).toEqual({ code: "invalid_input", field, problem });
    expect(await policy()).toEqual({ requiredFrom: null, graceDays: 7 });
  });
});
