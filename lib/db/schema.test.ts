import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { expect, inject, test } from "vitest";
import { startEmbeddedDatabase } from "./embedded/start";
import { diffSchema } from "./schema-diff";
import { createDatabase } from "./testing/databases";

const { embedded, postgresql } = inject("connections");

test("the committed migrations lead to what schema.prisma says", async () => {
  expect(await diffSchema("migrations")).toBe("");
});

test("on PostgreSQL migrations and schema make the same catalog", async () => {
  const fresh = await createDatabase(postgresql.connectionString ?? "");
  try {
    expect(await readCatalog(postgresql)).toEqual(await catalogOfSchema({ connectionString: fresh.url }));
  } finally {
    await fresh.drop();
  }
});

test("on the embedded form migrations and schema make the same catalog", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "countersign-drift-"));
  const fresh = await startEmbeddedDatabase(dataDir, "serve");
  try {
    expect(await readCatalog(embedded)).toEqual(await catalogOfSchema(fresh.connection));
  } finally {
    await fresh.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

async function catalogOfSchema(connection: pg.PoolConfig): Promise<unknown[]> {
  const sql = await diffSchema("empty");
  await withClient(connection, (client) => client.query(sql));
  return readCatalog(connection);
}

const catalog = `
  SELECT 'column' AS kind, table_name || '.' || column_name AS name,
    concat_ws(' ', data_type, udt_name, is_nullable, column_default, datetime_precision) AS definition
  FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'
  UNION ALL
  SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> '_prisma_migrations'
  UNION ALL
  SELECT 'index', indexname, indexdef FROM pg_indexes
  WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'
  ORDER BY 1, 2`;

async function readCatalog(connection: pg.PoolConfig): Promise<unknown[]> {
  const { rows } = await withClient(connection, (client) => client.query(catalog));
  expect(rows.length).toBeGreaterThan(50);
  return rows;
}

async function withClient<T>(connection: pg.PoolConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
