import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { queryPatiently } from "./patient-query";
import { findProjectRoot } from "./project-root";

/** A promise that the database does not keep, and the account or row that breaks it. */
export type BrokenInvariant = { invariant: string; what: string };

/**
 * Looks for what must never be in a database: prisma/invariants.sql. Nothing is changed.
 * @param newest how many accounts are looked at, the newest first; null: all of them
 * @param purgedUntil until when what has lapsed was purged; null: that is not known, so nothing is said of it
 * @param withinMs how long the database may take
 * @returns the first twenty; none where all is well
 * @throws Error when the database is unreachable or takes longer
 */
export async function findBrokenInvariants(
  connection: pg.PoolConfig,
  { newest, purgedUntil }: { newest: number | null; purgedUntil: Date | null },
  withinMs = 30_000,
): Promise<BrokenInvariant[]> {
  const text = await readFile(join(findProjectRoot(), "prisma", "invariants.sql"), "utf8");
  const client = new pg.Client({ connectionTimeoutMillis: 1500, ...connection });
  // Without a listener a connection that breaks would end the process.
  client.on("error", () => {});
  await client.connect();
  try {
    const query = { text, values: [newest, purgedUntil] };
    return await queryPatiently<BrokenInvariant>(client, connection, query, withinMs);
  } finally {
    await client.end();
  }
}
