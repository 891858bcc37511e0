import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { isEmbedded } from "./connection";
import { type Prisma, PrismaClient } from "./generated/client";
import { ImpatientClient } from "./impatient-client";
import { queryPatiently } from "./patient-query";
import { statementNames } from "./statement-names";

export type Database = PrismaClient & {
  /**
   * Runs one statement by itself and returns its rows as the driver reads them (counts as numbers). For the few paths
   * that every sign-in and every request takes: there Prisma's own handling costs more than the statement.
   */
  $run<Row>(statement: Prisma.Sql): Promise<Row[]>;
  /** The same for one that looks through whole tables, as no request does, and is let do so for `withinMs`. */
  $runPatiently<Row extends pg.QueryResultRow>(statement: Prisma.Sql, withinMs: number): Promise<Row[]>;
};

/** How long a request waits for the database before it is told that there is none. */
export const patienceMs = 1500;

/** What the service's connections are called in pg_stat_activity, unless DATABASE_URL calls them something else. */
export const serviceName = "countersign";

/**
 * A pool of connections to a database, behind Prisma's client. Nothing connects before the first query.
 * Close it with `$disconnect()`.
 * @param connection what it says about sizes and timeouts goes before the defaults here
 */
export function openDatabase(connection: pg.PoolConfig): Database {
  const embedded = isEmbedded(connection);
  const nameOf = embedded ? null : statementNames();
  const pool = new pg.Pool({
    max: 10,
    connectionTimeoutMillis: patienceMs,
    query_timeout: patienceMs,
    fallback_application_name: serviceName,
    Client: ImpatientClient,
    ...(embedded ? {} : { onConnect: prepareSession }),
    ...connection,
  });
  // An idle connection that breaks is replaced at the next query; Node would end the process for an error nobody hears.
  pool.on("error", () => {});
  const client = new PrismaClient({
    adapter: new PrismaPg(pool, nameOf ? { statementNameGenerator: nameOf } : {}),
    transactionOptions: { maxWait: patienceMs, timeout: 5000 },
    errorFormat: "minimal",
  });
  const disconnect = client.$disconnect.bind(client);
  return Object.assign(client, {
    // Prisma ends a pool of ours only when it has used it itself.
    async $disconnect() {
      await disconnect();
      if (!pool.ending) await pool.end();
    },
    async $run<Row>({ text, values }: Prisma.Sql): Promise<Row[]> {
      const name = nameOf?.({ sql: text }) ?? "";
      // The caller says what its statement's rows are like, as with Prisma's own $queryRaw.
      return (await pool.query({ name, text, values, types: { getTypeParser } })).rows as Row[];
    },
    async $runPatiently<Row extends pg.QueryResultRow>({ text, values }: Prisma.Sql, withinMs: number) {
      const own = await pool.connect();
      try {
        const query = { text, values, types: { getTypeParser } };
        return await queryPatiently<Row>(own, connection, query, withinMs);
      } finally {
        own.release(true);
      }
    },
  });
}

const INT8 = pg.types.builtins.INT8;

/** Counts are bigint in PostgreSQL, and texts with the driver unless it is told otherwise. Ours are far below 2^53. */
const getTypeParser: typeof pg.types.getTypeParser = (type: number, format?: "text" | "binary") =>
  type === INT8 && format !== "binary" ? Number : pg.types.getTypeParser(type, format);

/**
 * Prisma's adapter sends and reads points in time without their zone, so the session's must be UTC. The
 * timeouts let the server drop what a client has given up on, and the locks that it holds. Our statements are short: compiling
 * one takes longer than all of it.
 */
async function prepareSession(client: pg.ClientBase): Promise<void> {
  await client.query(
    "SET TIME ZONE 'UTC'; SET statement_timeout = '5s'; SET idle_in_transaction_session_timeout = '10s'; SET jit = off",
  );
}
