import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateKeys, type Keys, KeysError, parseKeys } from "@/lib/crypto/keys";
import type { Env } from "@/lib/env";

type Place = Pick<Env, "dataDir" | "keys">;

/** The key file of a data directory (absolute path). */
export function keysPath(dataDir: string): string {
  return join(dataDir, "keys.json");
}

/**
 * The keys of this installation: COUNTERSIGN_KEYS, else the key file; null when there is neither.
 * @throws KeysError one line that names the file and shows no key
 */
export function readKeys(env: Place): Keys | null {
  if (env.keys !== null) return parseNamed("COUNTERSIGN_KEYS", env.keys);
  const path = keysPath(env.dataDir);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new KeysError(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  return parseNamed(path, text);
}

function parseNamed(source: string, text: string): Keys {
  try {
    return parseKeys(text);
  } catch (error) {
    if (error instanceof KeysError) throw new KeysError(`${source}: ${error.message}`);
    throw error;
  }
}

/**
 * Makes the key file (0600). When another process makes it at the same time, theirs counts: a file appears whole
 * or not at all, and is never replaced.
 */
export function createKeys(env: Place): Keys {
  const path = keysPath(env.dataDir);
  mkdirSync(env.dataDir, { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  writeFileSync(draft, generateKeys(), { mode: 0o600, flag: "wx", flush: true });
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(draft);
  }
  return parseNamed(path, readFileSync(path, "utf8"));
}

/** The key file's permissions when others may read it, such as "644"; null when all is well or there is no file. */
export function looseKeysMode(env: Place): string | null {
  const stats = statSync(keysPath(env.dataDir), { throwIfNoEntry: false });
  if (env.keys !== null || !stats || (stats.mode & 0o077) === 0) return null;
  return (stats.mode & 0o777).toString(8);
}
