import { closeSync, constants, openSync, rmSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { tryLock } from "fs-native-extensions";
import pg from "pg";
import { embeddedConnection } from "../connection";
import { type EmbeddedPaths, embeddedPaths, makePrivateDirectory } from "./paths";
import { EmbeddedDatabaseError, startEmbeddedDatabase } from "./start";

// Well below what lib/db/embedded/stall.ts takes for a stall.
const aliveEveryMs = 1000;

/**
 * Lets work read a copy of an embedded database that runs. The form has one session for all its clients, so a transaction that
 * reads for a minute would keep everybody else waiting for a minute; copying the files takes a moment. The copy is as a database
 * whose process was killed at that moment, which it recovers from, and lies in the data directory until the work is done.
 * @param dataDir absolute path of a data directory whose database can be reached
 * @throws EmbeddedDatabaseError when somebody else has a copy of it, or the copy does not start
 */
export async function withEmbeddedCopy<T>(
  dataDir: string,
  work: (connection: pg.PoolConfig) => Promise<T>,
): Promise<T> {
  const place = embeddedPaths(join(dataDir, "copy"));
  const file = openSync(join(dataDir, "copy.lock"), "a+", 0o600);
  try {
    if (!tryLock(file))
      throw new EmbeddedDatabaseError("Another backup of this database is being made: wait for it", true);
    try {
      return await workOnCopy(dataDir, place, work);
    } finally {
      rmSync(place.dataDir, { recursive: true, force: true });
    }
  } finally {
    closeSync(file);
  }
}

async function workOnCopy<T>(
  dataDir: string,
  place: EmbeddedPaths,
  work: (connection: pg.PoolConfig) => Promise<T>,
): Promise<T> {
  // What was broken off may have left one.
  rmSync(place.dataDir, { recursive: true, force: true });
  makePrivateDirectory(place.dataDir);
  await copyWhileHeld(dataDir, place.database);
  const copy = await startEmbeddedDatabase(place.dataDir, "command");
  try {
    return await work(copy.connection);
  } finally {
    await copy.stop();
  }
}

/** While one client is in a transaction no other one's statement runs, so nothing writes to the files. */
async function copyWhileHeld(dataDir: string, target: string): Promise<void> {
  const client = new pg.Client(embeddedConnection(dataDir));
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query("BEGIN");
    await client.query("CHECKPOINT");
    const alive = setInterval(() => void client.query("SELECT 1").catch(() => {}), aliveEveryMs);
    try {
      // Where the file system can, blocks are shared and not copied.
      await cp(embeddedPaths(dataDir).database, target, {
        recursive: true,
        mode: constants.COPYFILE_FICLONE,
      });
    } finally {
      clearInterval(alive);
    }
    // Fails when the database went away in the meantime: then the copy may be torn.
    await client.query("COMMIT");
  } finally {
    await client.end().catch(() => {});
  }
}
