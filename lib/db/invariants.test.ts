import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { findBrokenInvariants } from "./invariants";
import { startOwnTestDatabase } from "./testing/test-database";

const asked = { newest: 0, purgedUntil: null };
let own: Awaited<ReturnType<typeof startOwnTestDatabase>>;
beforeAll(async () => {
  own = await startOwnTestDatabase();
});
afterAll(() => own?.stop());

test("what is looked for can be looked for in either form of the database", async () => {
  const { embedded, postgresql } = inject("connections");
  for (const connection of [embedded, postgresql])
    expect(await findBrokenInvariants(connection, asked)).toEqual([]);
  // Its one session is everybody's: a limit of the search's would be left to them.
  const everybody = new pg.Client(embedded);
  await everybody.connect();
  const { rows } = await everybody.query("SHOW statement_timeout");
  await everybody.end();
  expect(rows).toEqual([{ statement_timeout: "0" }]);
});

test("a search that takes too long does not go on in the database", async () => {
  const other = new pg.Client(own.connection);
  await other.connect();
  try {
    await other.query(`BEGIN; LOCK TABLE "user" IN ACCESS EXCLUSIVE MODE`);
    // The server's own word for a statement that it has ended (PostgreSQL's manual, appendix A).
    await expect(findBrokenInvariants(own.connection, asked, 200)).rejects.toMatchObject({ code: "57014" });
  } finally {
    await other.end();
  }
});
