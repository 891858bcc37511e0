import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { contextOf, makeProtectedPerson } from "@/lib/core/testing/fixtures";
import { COUNTED_TRIES, type KeptRows, keepRows } from "./kept-rows";
import { startOwnTestDatabase } from "./test-database";

// Hundreds of tests believe it: a refusal changed nothing.

let database: Awaited<ReturnType<typeof startOwnTestDatabase>>;
let client: pg.Client;
let kept: KeptRows;
beforeAll(async () => {
  database = await startOwnTestDatabase();
  await makeProtectedPerson(contextOf(database.db));
  client = new pg.Client(database.connection);
  await client.connect();
  kept = await keepRows(database.connection, COUNTED_TRIES);
});
afterEach(() => kept.restore());
afterAll(async () => {
  await kept.stop();
  await client.end();
  await database.stop();
});

it.each([
  ['UPDATE "user" SET email = id', ["user"]],
  ["DELETE FROM session", ["session", "recovery_reveal"]],
  ["UPDATE totp_factor SET last_step = last_step + 1", ["totp_factor"]],
  ["UPDATE totp_factor SET account_units = account_units + 1", []],
  [
    "UPDATE recovery_code SET used_at = now() WHERE id = (SELECT min(id) FROM recovery_code)",
    ["recovery_code"],
  ],
  ['UPDATE "user" SET name = name', []],
])("%s changes %j, and is undone", async (statement, tables) => {
  await client.query(statement);
  expect(await kept.changed()).toEqual(tables);
  await kept.restore();
  expect(await kept.changed()).toEqual([]);
});

it("whoever is deleted comes back with all that was theirs", async () => {
  const count = async () =>
    (await client.query("SELECT count(*) FROM recovery_code JOIN totp_factor USING (user_id)")).rows;
  const before = await count();
  await client.query('DELETE FROM "user"');
  expect(await kept.changed()).toEqual(expect.arrayContaining(["user", "recovery_code", "totp_factor"]));
  await kept.restore();
  expect(await kept.changed()).toEqual([]);
  expect(await count()).toEqual(before);
});
