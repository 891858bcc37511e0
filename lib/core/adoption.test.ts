import { afterAll, beforeAll, expect, it } from "vitest";
import type { Database } from "@/lib/db/client";
import { startOwnTestDatabase } from "@/lib/db/testing/test-database";
import { ADOPTION_FILTERS, exportAdoption, listAdoption, readAdoption, readStanding } from "./adoption";
import type { SignedIn } from "./sessions";
import {
  contextOf,
  expectRefusal,
  later,
  makePerson,
  makeProtectedPerson,
  NOON,
  setPolicy,
} from "./testing/fixtures";

let db: Database;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ db, stop } = await startOwnTestDatabase());
  await makePeople();
});
afterAll(() => stop());

const DAY = 86_400;
/** Nine days after the policy's date; its grace is 7 days. */
const ctx = () => later(contextOf(db), 9 * DAY);
const at = (days: number) => new Date(NOON.getTime() + days * DAY * 1000);

let admin: SignedIn;
const emails: Record<string, string> = {};

async function makePeople() {
  admin = (await makeProtectedPerson(later(contextOf(db), 9 * DAY), { isAdmin: true })).signedIn;
  emails.admin = admin.user.email;
  // Has not signed in since the policy's date.
  emails.absent = (await makePerson(contextOf(db))).email;
  const disabled = await makePerson(contextOf(db));
  await db.user.update({ where: { id: disabled.user.id }, data: { disabledAt: NOON } });
  await setPolicy(db, NOON);
  emails.owner = (await makeProtectedPerson(contextOf(db))).email;
  emails.late = (await makePerson(contextOf(db))).email;
  emails.inGrace = (await makePerson(later(contextOf(db), 5 * DAY))).email;
  emails.lateAdmin = (await makePerson(later(contextOf(db), 5 * DAY), { isAdmin: true })).email;
}

const WHO = {
  all: ["absent", "admin", "inGrace", "late", "lateAdmin", "owner"],
  with: ["admin", "owner"],
  without: ["absent", "inGrace", "late", "lateAdmin"],
  grace: ["inGrace"],
  late: ["late", "lateAdmin"],
};

async function listed(filter: (typeof ADOPTION_FILTERS)[number], limit: number) {
  const found: string[] = [];
  for (let after: string | null = ""; after !== null; ) {
    const { people, nextAfter } = await listAdoption(ctx(), admin, { filter, limit, after });
    expect(people.length).toBeLessThanOrEqual(limit);
    found.push(...people.map(({ email }) => email));
    after = nextAfter;
  }
  return found;
}

it.each(ADOPTION_FILTERS)(
  "finds the people of the filter %s, each once, over pages of any length",
  async (filter) => {
    const expected = WHO[filter].map((name) => emails[name] ?? "").sort();
    for (const limit of [1, 2, 50]) expect(await listed(filter, limit)).toEqual(expected);
    expect((await readAdoption(ctx(), admin))[filter]).toBe(expected.length);
  },
);

it("says what each of them has, since when, and until when they may go on without", async () => {
  const { people } = await listAdoption(ctx(), admin, { filter: "all", limit: 50 });
  const one = (name: string) => people.find(({ email }) => email === emails[name]);
  expect(one("owner")).toMatchObject({
    isOn: true,
    since: NOON,
    authenticators: 1,
    recoveryCodesLeft: 10,
    trustedBrowsers: 0,
    lastSignInAt: NOON,
    lateSince: null,
    demand: { isRequired: true, isDue: false },
  });
  expect(one("inGrace")).toMatchObject({ isOn: false, since: null, lastSignInAt: at(5), lateSince: null });
  expect(one("inGrace")?.demand.enrolBy).toEqual(at(12));
  expect(one("late")).toMatchObject({ lateSince: at(7), demand: { isDue: true, enrolBy: null } });
  expect(one("lateAdmin")).toMatchObject({ lateSince: null, demand: { isDue: true } });
  expect(one("absent")).toMatchObject({ demand: { isDue: false, enrolBy: null, isRequired: true } });
  for (const { id, demand, lateSince } of people)
    expect(await readStanding(ctx(), id)).toEqual({ demand, lateSince });
  await expectRefusal(readStanding(ctx(), "0".repeat(26)), "not_found");
});

it("is for administrators alone", async () => {
  const { signedIn } = await makeProtectedPerson({ ...contextOf(db), now: at(9) });
  await expectRefusal(readAdoption(ctx(), signedIn), "forbidden");
  await expectRefusal(listAdoption(ctx(), signedIn, { filter: "all", limit: 1 }), "forbidden");
  await expectRefusal(exportAdoption(ctx(), signedIn, "all").next(), "forbidden");
  expect(await db.event.count({ where: { kind: "audit.exported", userId: signedIn.user.id } })).toBe(0);
  await db.user.delete({ where: { id: signedIn.user.id } });
});

it("is written into the audit trail when it is exported, before the first of it is read", async () => {
  const pages = exportAdoption(ctx(), admin, "late");
  const first = await pages.next();
  const event = await db.event.findFirstOrThrow({ where: { kind: "audit.exported" } });
  expect(event).toMatchObject({ actor: admin.user.id, details: { what: "adoption", filter: "late" } });
  expect(first.value?.map(({ email }: { email: string }) => email).sort()).toEqual(
    [emails.late, emails.lateAdmin].sort(),
  );
  expect((await pages.next()).done).toBe(true);
});
