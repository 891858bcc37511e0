import { type Installation, prepareInstallation, readInstallation } from "@/lib/core/installation";
import { findMissingKeys } from "@/lib/core/key-rotation";
import { type Keys, KeysError } from "@/lib/crypto/keys";
import { type Database, openDatabase } from "@/lib/db/client";
import { databaseConnection } from "@/lib/db/connection";
import { applyMigrations } from "@/lib/db/migrate";
import type { Env } from "@/lib/env";
import { createKeys, keysPath, readKeys } from "./keys-file";

/** A database that is ready for use, and the keys that open it. */
export type Prepared = { db: Database; keys: Keys; installation: Installation; migrated: string[] };

/**
 * Brings a reachable database up to date and ties it to this installation's keys, which the very first start makes.
 * @throws KeysError when the keys are wrong, or missing although the database is in use
 */
export async function prepareDatabase(env: Env): Promise<Prepared> {
  const found = readKeys(env);
  const connection = databaseConnection(env);
  const migrated = await applyMigrations(connection);
  const db = openDatabase(connection);
  try {
    const keys = found ?? (await makeFirstKeys(env, db));
    return { db, keys, installation: await tieTogether(env, db, keys), migrated };
  } catch (error) {
    await db.$disconnect();
    throw error;
  }
}

async function tieTogether(env: Env, db: Database, keys: Keys): Promise<Installation> {
  try {
    await requireKeys(db, keys);
    return await prepareInstallation(db, keys, new Date());
  } catch (error) {
    if (!(error instanceof KeysError)) throw error;
    throw new KeysError(
      `${env.keys === null ? keysPath(env.dataDir) : "COUNTERSIGN_KEYS"}: ${error.message}`,
    );
  }
}

/** Without a key that still seals something its owners could not sign in, and nobody would know before they try. */
async function requireKeys(db: Database, { ring }: Keys): Promise<void> {
  const missing = await findMissingKeys(db, ring);
  const [name, count] = [...missing][0] ?? [];
  if (name !== undefined)
    throw new KeysError(
      `the key "${name}" is missing, which seals stored secrets (${count}): put it back, and drop it after \`countersign keys rotate\``,
    );
}

/** New keys on a database in use would lock everybody out of their second factor for good. */
async function makeFirstKeys(env: Env, db: Database): Promise<Keys> {
  if (await readInstallation(db)) {
    throw new KeysError(
      `${keysPath(env.dataDir)} is missing, and the database was made with it: put it back from a backup`,
    );
  }
  return createKeys(env);
}
