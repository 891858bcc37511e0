import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { isEmbedded } from "./connection";
import { PrismaClient } from "./generated/client";
import { ImpatientClient } from "./impatient-client";

export type Database = PrismaClient;

/** How long a request waits for the database before it is told that there is none. */
export const patienceMs = 1500;

/**
 * A pool of connections to a database, behind Prisma's client. Nothing connects before the first query.
 * Close it with `$disconnect()`.
 * @param connection what it says about sizes and timeouts goes before the defaults here
 */
export function openDatabase(connection: pg.PoolConfig): Database {
  const pool = new pg.Pool({
    max: 10,
    connectionTimeoutMillis: patienceMs,
    query_timeout: patienceMs,
    Client: ImpatientClient,
    ...(isEmbedded(connection) ? {} : { onConnect: prepareSession }),
    ...connection,
  });
  return new PrismaClient({
    adapter: new PrismaPg(pool, { disposeExternalPool: true }),
    transactionOptions: { maxWait: patienceMs, timeout: 5000 },
    errorFormat: "minimal",
  });
}

/**
 * Prisma's adapter sends and reads points in time without their zone, so the session's must be UTC. The
 * timeouts let the server drop what a client has given up on, and the locks that it holds.
 */
async function prepareSession(client: pg.ClientBase): Promise<void> {
  await client.query(
    "SET TIME ZONE 'UTC'; SET statement_timeout = '5s'; SET idle_in_transaction_session_timeout = '10s'",
  );
}
