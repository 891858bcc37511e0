import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { databaseConnection } from "@/lib/db/connection";
import { findHolder } from "@/lib/db/embedded/lock";
import { embeddedPaths } from "@/lib/db/embedded/paths";
import { EmbeddedDatabaseError, startEmbeddedDatabase } from "@/lib/db/embedded/start";
import type { Env } from "@/lib/env";
import { Problem } from "./problem";

type Place = Pick<Env, "databaseUrl" | "dataDir">;

/** How long whoever holds the database may take, in milliseconds. */
type Patience = {
  /** To answer, once it is open. */
  answerMs: number;
  /** To be open. Making a database takes a slow machine a minute. */
  startMs: number;
};

/**
 * Runs a command's work while its database can be reached: a server's, or the embedded one, which is joined when
 * a server (or another command) has it open and else opened for as long as the work takes.
 */
export async function withDatabase<T>(
  env: Place,
  work: () => Promise<T>,
  { answerMs, startMs }: Patience = { answerMs: 15_000, startMs: 180_000 },
): Promise<T> {
  if (env.databaseUrl !== null) return work();
  const began = performance.now();
  let openSince = began;
  for (;;) {
    const holder = findHolder(embeddedPaths(env.dataDir).lock);
    if (holder === null) {
      const database = await startUnlessTaken(env.dataDir);
      if (database) {
        try {
          return await work();
        } finally {
          await database.stop();
        }
      }
    }
    const guest = await join(env);
    if (guest) {
      try {
        return await work();
      } finally {
        await guest.end().catch(() => {});
      }
    }
    const now = performance.now();
    if (holder !== null && holder !== "unknown" && holder.state === "starting") openSince = now;
    if (now > openSince + answerMs || now > began + startMs) {
      throw new Problem(`The database in ${env.dataDir} is held by another process that does not answer`);
    }
    await sleep(100);
  }
}

/**
 * Runs a command's work on a database that nobody else is to use meanwhile. The embedded one is locked for as long; on a server's
 * the work itself has to look.
 * @throws EmbeddedDatabaseError naming whoever has it open
 */
export async function withOwnDatabase<T>(env: Place, work: () => Promise<T>): Promise<T> {
  if (env.databaseUrl !== null) return work();
  const database = await startEmbeddedDatabase(env.dataDir, "command");
  try {
    return await work();
  } finally {
    await database.stop();
  }
}

async function startUnlessTaken(dataDir: string) {
  try {
    return await startEmbeddedDatabase(dataDir, "command");
  } catch (error) {
    if (error instanceof EmbeddedDatabaseError && error.isInUse) return null;
    throw error;
  }
}

/**
 * Connects to the database that somebody has open, or returns null. A command that has it open does not close it while
 * this connection is there, though the work may wait in the meantime without one of its own.
 */
async function join(env: Place): Promise<pg.Client | null> {
  if (!existsSync(embeddedPaths(env.dataDir).socket)) return null;
  const client = new pg.Client({
    ...databaseConnection(env),
    connectionTimeoutMillis: 1500,
    query_timeout: 1500,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("SELECT 1");
    return client;
  } catch {
    await client.end().catch(() => {});
    return null;
  }
}
