import { afterAll, expect, inject, test } from "vitest";
import { openDatabase } from "./client";

const { embedded, postgresql } = inject("connections");

test.each([
  ["embedded", embedded],
  ["postgresql", postgresql],
])("a point in time comes back as it was written (%s)", async (_form, connection) => {
  const db = openDatabase(connection);
  afterAll(() => db.$disconnect());
  const at = new Date("2026-07-01T12:34:56.789Z");
  await db.passwordBudget.create({ data: { key: `${_form}-zone`, failures: 1, lastAt: at } });
  expect(await db.passwordBudget.findUnique({ where: { key: `${_form}-zone` } })).toMatchObject({
    lastAt: at,
  });
  await db.passwordBudget.delete({ where: { key: `${_form}-zone` } });
});
