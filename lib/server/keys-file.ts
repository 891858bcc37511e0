import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
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

/** How long a running server may seal with a key that is no longer the file's first. */
export const KEYS_REREAD_MS = 1000;

/**
 * As `readKeys`, for a server that runs on while keys are changed: the file is looked at again when it has changed, at most once
 * a second, and at once for a secret that none of the keys opens. A file that cannot be read leaves the keys as they were.
 * @param now a clock in milliseconds
 */
export function readLiveKeys(env: Place, now: () => number = () => performance.now()): Keys | null {
  const keys = readKeys(env);
  if (keys === null || env.keys !== null) return keys;
  const path = keysPath(env.dataDir);
  let { ring } = keys;
  let [seen, lookedAt] = [changedAt(path), now()];
  const look = (isUrgent: boolean) => {
    if (!isUrgent && now() - lookedAt < KEYS_REREAD_MS) return ring;
    lookedAt = now();
    const changed = changedAt(path);
    if (changed === seen) return ring;
    try {
      ring = readKeys(env)?.ring ?? ring;
      seen = changed;
    } catch (error) {
      if (!(error instanceof KeysError)) throw error;
    }
    return ring;
  };
  return {
    ...keys,
    ring: {
      get sealingKey() {
        return look(false).sealingKey;
      },
      // As the file was when the name of the key that seals was asked for.
      get keys() {
        return ring.keys;
      },
      find: (name) => ring.keys.get(name) ?? look(true).keys.get(name),
    },
  };
}

function changedAt(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stats === undefined ? "" : `${stats.mtimeNs} ${stats.ino} ${stats.size}`;
}

/**
 * Puts another text in the key file's place, whole or not at all, and on the disk when it returns. One at a time: of two who
 * change it at once, one would lose the other's key.
 * @throws KeysError when there is no file, or somebody else changes it
 */
export function changeKeys<T>(env: Place, change: (text: string) => { text: string; result: T }): T {
  const path = keysPath(env.dataDir);
  if (env.keys !== null || !existsSync(path))
    throw new KeysError(`there is no key file ${path}: change COUNTERSIGN_KEYS by hand`);
  const draft = `${path}.new`;
  try {
    // Where there is one, somebody else is at it.
    const file = openSync(draft, "wx", 0o600);
    try {
      const { text, result } = change(readFileSync(path, "utf8"));
      parseKeys(text);
      writeSync(file, text);
      fsyncSync(file);
      renameSync(draft, path);
      fsyncDirectory(env.dataDir);
      return result;
    } finally {
      closeSync(file);
      rmSync(draft, { force: true });
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST")
      throw new KeysError(
        `${draft} is there: somebody else changes the keys, or was stopped; remove it in that case`,
      );
    throw error;
  }
}

/** Returns when the names in a directory are on the disk. */
export function fsyncDirectory(path: string): void {
  const directory = openSync(path, "r");
  fsyncSync(directory);
  closeSync(directory);
}

/** The key file's permissions when others may read it, such as "644"; null when all is well or there is no file. */
export function looseKeysMode(env: Place): string | null {
  const stats = statSync(keysPath(env.dataDir), { throwIfNoEntry: false });
  if (env.keys !== null || !stats || (stats.mode & 0o077) === 0) return null;
  return (stats.mode & 0o777).toString(8);
}
