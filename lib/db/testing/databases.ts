import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startEmbeddedDatabase } from "../embedded/start";
import { applyMigrations } from "../migrate";
import { findProjectRoot } from "../project-root";
import { startPostgresqlServer } from "./postgresql-server";

/** A database for a test run, with all migrations. stop() removes it. */
export type TestDatabase = { connection: pg.PoolConfig; stop(): Promise<void> };

/** The embedded form, in a temporary data directory. */
export async function startTestEmbedded(): Promise<TestDatabase> {
  execFileSync(process.execPath, [join(findProjectRoot(), "script/bundle.mjs"), "database-process"]);
  const dataDir = mkdtempSync(join(tmpdir(), "countersign-data-"));
  const database = await startEmbeddedDatabase(dataDir, "serve");
  await applyMigrations(database.connection);
  return {
    connection: database.connection,
    stop: async () => {
      await database.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A new database on the server that DATABASE_URL_TEST names, else on one started for it. */
export async function startTestPostgresql(): Promise<TestDatabase> {
  const given = process.env.DATABASE_URL_TEST;
  const server = given ? { url: given, stop: async () => {} } : await startPostgresqlServer();
  const { url, drop } = await createDatabase(server.url);
  const connection = { connectionString: url };
  await applyMigrations(connection);
  return {
    connection,
    stop: async () => {
      await drop();
      await server.stop();
    },
  };
}

/**
 * A new, empty database on a server.
 * @param serverUrl any database of it, by a user who may create others
 */
export async function createDatabase(serverUrl: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `countersign_test_${randomBytes(6).toString("hex")}`;
  await execute(serverUrl, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execute(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
