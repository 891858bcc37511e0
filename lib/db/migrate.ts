import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PrismaPg } from "@prisma/adapter-pg";
import { tryLock } from "fs-native-extensions";
import pg from "pg";
import { isEmbedded } from "./connection";
import { readMigrationNames, readMigrations } from "./migration-files";
import { withSchemaEngine } from "./schema-engine";
import { requireVersion } from "./version";

/** An operator, or a start, can wait for a busy database; a request cannot. */
const connectWithinMs = 60_000;
// Any number will do that no other program takes on this database; Prisma's own is 72707369.
const advisoryLock = 7_266_837_301;

/**
 * Applies the committed migrations that a database does not have yet, all of them or, where one fails or this process dies, none.
 * Several processes may call it at once: one works, the others wait and then find nothing to do.
 * @param upTo the name of the last one to apply; none: all
 * @returns the names of the migrations applied by this call
 * @throws OldDatabaseError, or Error when the database is unreachable or a migration fails
 */
export async function applyMigrations(connection: pg.PoolConfig, upTo?: string): Promise<string[]> {
  const all = await readMigrations();
  const migrationDirectories = all.migrationDirectories.filter(({ path }) => path <= (upTo ?? path));
  const migrationsList = { ...all, migrationDirectories };
  const filters = { externalTables: [], externalEnums: [] };
  return withMigrationLock(connection, () =>
    withinTransaction(connection, async (pool) => {
      const { appliedMigrationNames } = await withSchemaEngine(new PrismaPg(pool), null, (engine) =>
        engine.applyMigrations({ migrationsList, filters }),
      );
      return appliedMigrationNames;
    }),
  );
}

/**
 * Runs work whose every statement is to be one transaction. The engine sends a migration's statements one by one, each by itself
 * for good: a start that was killed between two of them would leave a database that no later start can mend.
 */
async function withinTransaction<T>(
  connection: pg.PoolConfig,
  work: (pool: pg.Pool) => Promise<T>,
): Promise<T> {
  let connections = 0;
  const pool = new pg.Pool({
    connectionTimeoutMillis: connectWithinMs,
    ...connection,
    query_timeout: 0,
    // The transaction is this connection's: it must neither be closed while it is idle nor be replaced.
    max: 1,
    idleTimeoutMillis: 0,
    onConnect: async (client) => {
      connections += 1;
      if (connections > 1) throw new Error("Connection terminated while migrations were applied");
      await client.query("BEGIN");
    },
  });
  // A connection that breaks while it is idle is an error of the next statement's.
  pool.on("error", () => {});
  try {
    const result = await work(pool);
    await pool.query("COMMIT");
    return result;
  } finally {
    // What is not committed is rolled back with its connection.
    await pool.end();
  }
}

/** The names of the committed migrations that a database still lacks. */
export function findPendingMigrations(connection: pg.PoolConfig): Promise<string[]> {
  return withClient(connection, pendingMigrations);
}

/** The names of the migrations that a database has, oldest first. */
export function readAppliedMigrations(connection: pg.PoolConfig): Promise<string[]> {
  return withClient(connection, appliedMigrations);
}

/** Whether a database has all migrations and takes writes, which a standby does not. */
export function isUpToDate(connection: pg.PoolConfig): Promise<boolean> {
  return withClient(connection, async (client) => {
    const { rows } = await client.query("SELECT current_setting('transaction_read_only') AS setting");
    return rows[0]?.setting === "off" && (await pendingMigrations(client)).length === 0;
  });
}

async function withClient<T>(connection: pg.PoolConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionTimeoutMillis: 1500, query_timeout: 1500, ...connection });
  // Without a listener a connection that breaks would end the process.
  client.on("error", () => {});
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

async function pendingMigrations(client: pg.Client): Promise<string[]> {
  const names = new Set(await appliedMigrations(client));
  return (await readMigrationNames()).filter((name) => !names.has(name));
}

async function appliedMigrations(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ exists: boolean }>(
    "SELECT to_regclass('_prisma_migrations') IS NOT NULL AS exists",
  );
  if (!rows[0]?.exists) return [];
  const applied = await client.query<{ migration_name: string }>(
    "SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY 1",
  );
  return applied.rows.map((row) => row.migration_name);
}

async function withMigrationLock<T>(connection: pg.PoolConfig, work: () => Promise<T>): Promise<T> {
  return isEmbedded(connection) ? withFileLock(connection, work) : withAdvisoryLock(connection, work);
}

async function withAdvisoryLock<T>(connection: pg.PoolConfig, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionTimeoutMillis: connectWithinMs, ...connection, query_timeout: 0 });
  client.on("error", () => {});
  await client.connect();
  try {
    await requireVersion(client);
    await client.query("SELECT pg_advisory_lock($1)", [advisoryLock]);
    return await work();
  } finally {
    await client.end();
  }
}

/** All clients of the embedded form share one session, in which an advisory lock excludes nobody. */
async function withFileLock<T>(connection: pg.PoolConfig, work: () => Promise<T>): Promise<T> {
  const file = openSync(join(connection.host ?? "", "migration.lock"), "a+", 0o600);
  try {
    while (!tryLock(file)) await sleep(25);
    return await work();
  } finally {
    closeSync(file);
  }
}
