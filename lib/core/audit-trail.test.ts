import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Prisma } from "@/lib/db/generated/client";
import { findProjectRoot } from "@/lib/db/project-root";
import { readSourceFiles } from "@/lib/testing/source-files";
import { WAYS_IN } from "./context";
import { recordEvent } from "./events";
import { purgeLapsed } from "./purge";
import { contextOf, makePerson, testDatabase } from "./testing/fixtures";

const db = testDatabase();

async function makeHistory() {
  // Long before the other files' rows, so that theirs have not lapsed.
  const ctx = { ...contextOf(db), now: new Date("2020-01-01T00:00:00Z") };
  const { user } = await makePerson(ctx);
  await recordEvent(ctx, { kind: "totp.tested", userId: user.id, details: { name: "Phone" } });
  const read = () => db.event.findMany({ where: { userId: user.id }, orderBy: { id: "asc" } });
  return { ctx, user, read, before: await read() };
}

it("cannot be changed, thinned out or emptied through the connection that the service has", async () => {
  const { user, read, before } = await makeHistory();
  const userId = user.id;
  // In Prisma's own words, which know no triggers.
  await expect(db.event.updateMany({ where: { userId }, data: { kind: "sign_out" } })).rejects.toThrow();
  await expect(db.event.deleteMany({ where: { userId } })).rejects.toThrow();
  for (const change of [
    Prisma.sql`UPDATE event SET details = '{}' WHERE user_id = ${userId}`,
    Prisma.sql`DELETE FROM event WHERE user_id = ${userId}`,
    Prisma.sql`INSERT INTO event SELECT * FROM event WHERE user_id = ${userId}
      ON CONFLICT (id) DO UPDATE SET kind = 'sign_out'`,
    Prisma.sql`WITH gone AS (DELETE FROM event RETURNING id) SELECT count(*) FROM gone`,
    Prisma.sql`TRUNCATE event`,
    Prisma.sql`TRUNCATE event, "user" CASCADE`,
  ])
    await expect(db.$run(change), change.sql).rejects.toThrow("The audit trail is append-only");
  expect(await read()).toEqual(before);
  expect(before.length).toBeGreaterThan(1);
});

it("stays when what lapsed is purged, and when its account is disabled or removed", async () => {
  const { ctx, user, read, before } = await makeHistory();
  await purgeLapsed(db, new Date("2021-01-01T00:00:00Z"));
  await db.user.update({ where: { id: user.id }, data: { disabledAt: ctx.now } });
  expect(await read()).toEqual(before);
  await db.user.delete({ where: { id: user.id } });
  expect(await read()).toEqual(before);
});

const WRITES = /\bevent\s*\.\s*(?:update|upsert|delete)\w*\s*\(/;
const STATEMENTS =
  /\b(?:UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?|MERGE\s+INTO)\s+(?:ONLY\s+)?"?event"?(?![\w."])/i;

it("is written by nothing of ours but to add to it", () => {
  const product = readSourceFiles("lib", "app", "components", "bin", "proxy.ts").filter(
    ({ isTest }) => !isTest,
  );
  const writers = product.filter(({ tree }) => WRITES.test(tree.text) || STATEMENTS.test(tree.text));
  expect(writers.map(({ path }) => path)).toEqual([]);
  // The expressions find what they are for.
  for (const text of ["tx.event.deleteMany({", "db.event.update({"]) expect(text).toMatch(WRITES);
  for (const text of ['DELETE FROM "event" WHERE', "UPDATE event SET", "truncate event"])
    expect(text).toMatch(STATEMENTS);
});

it("keeps its trigger through all migrations", () => {
  const folder = join(findProjectRoot(), "prisma", "migrations");
  const migrations = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const texts = migrations.map(({ name }) => readFileSync(join(folder, name, "migration.sql"), "utf8"));
  const about = texts.filter((text) =>
    /event_is_append_only|refuse_change_of_events|TABLE "event"\s*;/.test(text),
  );
  expect(about).toHaveLength(1);
  expect(about[0]).toContain(
    'CREATE TRIGGER "event_is_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "event"',
  );
});

it("names every way in by a name that can be searched for", () => {
  const named = readSourceFiles("lib", "bin")
    .filter(({ isTest }) => !isTest)
    .flatMap(({ tree }) => [...tree.text.matchAll(/\bvia: "(\w+)"/g)].map(([, way]) => way));
  expect(named.length).toBeGreaterThan(4);
  expect(named.filter((way) => !WAYS_IN.some((known) => known === way))).toEqual([]);
});
