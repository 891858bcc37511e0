import type { PoolConfig } from "pg";
import { inject } from "vitest";
import { type Database, openDatabase } from "../client";
import { applyMigrations } from "../migrate";
import { createDatabase } from "./databases";

/** The two forms of the database that a test run has. */
export type Connections = { embedded: PoolConfig; postgresql: PoolConfig };

declare module "vitest" {
  export interface ProvidedContext {
    connections: Connections;
    /** Which of them this project's tests use. */
    form: keyof Connections;
  }
}

/**
 * How this project's tests reach their database. More patient than the server is: dozens of tests on two
 * cores may well keep one waiting.
 */
export function testConnection(): PoolConfig {
  return { ...inject("connections")[inject("form")], connectionTimeoutMillis: 20_000, query_timeout: 20_000 };
}

/** This project's database. Close it with `$disconnect()`. */
export function openTestDatabase(): Database {
  return openDatabase(testConnection());
}

/**
 * A database that no other file's tests use, for what is one for all people of it. Always on the PostgreSQL server: one more
 * of the embedded form for each such file is more than a small machine starts in time. stop() removes it.
 */
export async function startOwnTestDatabase(): Promise<{
  db: Database;
  connection: PoolConfig;
  stop(): Promise<void>;
}> {
  const { url, drop } = await createDatabase(inject("connections").postgresql.connectionString ?? "");
  const connection = { connectionString: url };
  await applyMigrations(connection);
  const db = openDatabase({ ...connection, connectionTimeoutMillis: 20_000, query_timeout: 20_000 });
  return {
    db,
    connection,
    async stop() {
      await db.$disconnect();
      await drop();
    },
  };
}
