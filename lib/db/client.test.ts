import { afterAll, describe, expect, inject, test } from "vitest";
import { type Database, openDatabase } from "./client";
import { Prisma } from "./generated/client";
import { openDatabaseProxy } from "./testing/database-proxy";
import { isDatabaseUnavailable } from "./unavailable";

const { embedded, postgresql } = inject("connections");
const opened: Database[] = [];
afterAll(() => Promise.all(opened.map((db) => db.$disconnect())));

function open(...[connection]: Parameters<typeof openDatabase>): Database {
  const db = openDatabase(connection);
  opened.push(db);
  return db;
}

const lastAt = new Date("2026-07-01T12:34:56.789Z");

test.each([
  ["embedded", embedded],
  ["postgresql", postgresql],
])("a point in time comes back as it was written (%s)", async (form, connection) => {
  const db = open(connection);
  const key = `${form}-zone`;
  await db.passwordBudget.create({ data: { key, failures: 1, lastAt } });
  expect(await db.passwordBudget.findUnique({ where: { key } })).toMatchObject({ lastAt });
  await db.passwordBudget.delete({ where: { key } });
});

test.each([
  ["embedded", embedded],
  ["postgresql", postgresql],
])(
  "a statement by itself is read as the core expects: times, counts, bytes (%s)",
  async (_form, connection) => {
    const statement = Prisma.sql`SELECT ${lastAt}::timestamptz AS at, count(*) AS one, ${Buffer.from("ab")}::bytea AS bytes`;
    const [row] = await open(connection).$run<{ at: Date; one: number; bytes: Uint8Array }>(statement);
    expect(row).toEqual({ at: lastAt, one: 1, bytes: Buffer.from("ab") });
  },
);

test("a database that is closed has no connection left, whoever had used it", async () => {
  const db = openDatabase(postgresql);
  await db.$run(Prisma.sql`SELECT 1`);
  await db.$disconnect();
  await expect(db.$run(Prisma.sql`SELECT 1`)).rejects.toThrow(/after calling end/);
});

describe("when the database freezes inside a transaction", () => {
  test("its writers are told in time, and later writes are real", async () => {
    const proxy = await openDatabaseProxy(postgresql.connectionString ?? "");
    // One connection, so that the later write can only take the one that was in trouble.
    const db = open({ connectionString: proxy.url, max: 1 });
    const failed = db.$transaction(async (tx) => {
      await tx.passwordBudget.create({ data: { key: "frozen", failures: 1, lastAt } });
      proxy.freeze();
      await tx.passwordBudget.create({ data: { key: "frozen-too", failures: 1, lastAt } });
    });
    await expect(failed).rejects.toSatisfy(isDatabaseUnavailable);
    await proxy.heal();
    await db.passwordBudget.create({ data: { key: "thawed", failures: 1, lastAt } });
    const seen = await open(postgresql).passwordBudget.findMany({
      where: { key: { in: ["frozen", "frozen-too", "thawed"] } },
    });
    expect(seen.map(({ key }) => key)).toEqual(["thawed"]);
    await db.passwordBudget.delete({ where: { key: "thawed" } });
    await proxy.stop();
  });
});

test.each([
  ["refused", { connectionString: "postgresql://127.0.0.1:1/none" }],
  ["without a socket", { host: "/nonexistent", port: 5432, user: "postgres", database: "postgres" }],
  ["no such host", { connectionString: "postgresql://nowhere.invalid/none" }],
])("an unreachable database (%s) is told from a wrong query", async (_why, connection) => {
  await expect(open(connection).user.count()).rejects.toSatisfy(isDatabaseUnavailable);
  await expect(open(connection).$run(Prisma.sql`SELECT 1`)).rejects.toSatisfy(isDatabaseUnavailable);
});

test("a wrong query is no unreachable database", async () => {
  const wrong = open(postgresql).$queryRawUnsafe("SELECT nonsense");
  await expect(wrong).rejects.not.toSatisfy(isDatabaseUnavailable);
});
