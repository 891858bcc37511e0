import pg from "pg";
import { expect, inject, test } from "vitest";
import { applyMigrations } from "./migrate";
import { createDatabase } from "./testing/databases";

test("a migration that fails says why, and leaves nothing of itself or of those before it", async () => {
  const { url, drop } = await createDatabase(inject("connections").postgresql.connectionString ?? "");
  const client = new pg.Client(url);
  await client.connect();
  try {
    // In the way of one that a later migration makes.
    await client.query("CREATE TYPE token_reveal AS (id int)");
    await expect(applyMigrations({ connectionString: url })).rejects.toThrow(/token_reveal/);
    const tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'";
    expect((await client.query(tables)).rows).toEqual([]);
    await client.query("DROP TYPE token_reveal");
    expect((await applyMigrations({ connectionString: url })).length).toBeGreaterThan(0);
  } finally {
    await client.end();
    await drop();
  }
});
