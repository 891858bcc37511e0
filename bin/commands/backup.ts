import { createWriteStream, existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Command } from "commander";
import pg from "pg";
import type { RowCounts } from "@/lib/core/backup/file";
import { makeBackup } from "@/lib/core/backup/make-backup";
import { checkBackup, refuseUse, restoreBackup } from "@/lib/core/backup/restore-backup";
import type { Keys } from "@/lib/crypto/keys";
import { databaseConnection } from "@/lib/db/connection";
import { withEmbeddedCopy } from "@/lib/db/embedded/copy";
import { applyMigrations, readAppliedMigrations } from "@/lib/db/migrate";
import { readMigrationNames } from "@/lib/db/migration-files";
import { type Env, env } from "@/lib/env";
import { fsyncDirectory, keysPath, readKeys, readLiveKeys } from "@/lib/server/keys-file";
import manifest from "@/package.json" with { type: "json" };
import { actorName } from "../context";
import { withDatabase, withOwnDatabase } from "../database";
import { hasDatabase } from "../doctor-checks";
import { print } from "../print";
import { Problem } from "../problem";

type Json = { json?: boolean };

/** countersign backup, countersign restore */
export function addBackup(program: Command): void {
  program
    .command("backup")
    .description("write the database into one file, while the server runs; the keys are not in it")
    .argument("<file>", "a new file; - for standard output")
    .option("--json", "print JSON")
    .action(backup);
  program
    .command("restore")
    .description("put a backup into an empty database, or in the place of one; the server must be stopped")
    .argument("<file>", "what countersign backup wrote; - for standard input")
    .option("--replace", "in the place of what is there: all that changed since the backup is lost")
    .option("--json", "print JSON")
    .action(restore);
}

async function backup(file: string, options: Json): Promise<void> {
  const settings = env();
  if (!hasDatabase(settings)) throw new Problem("There is nothing to back up: there is no database yet");
  if (file !== "-" && existsSync(file))
    throw new Problem(`${file} is there already: a backup overwrites nothing`);
  // Looked at again where they change while this works.
  const keys = readLiveKeys(settings);
  if (keys === null)
    throw new Problem(`There are no keys to prove the backup with: put ${keysPath(settings.dataDir)} back`);
  const write = (connection: pg.PoolConfig) => writeBackup(connection, keys, file);
  const counts = await withDatabase(settings, () =>
    settings.databaseUrl === null
      ? withEmbeddedCopy(settings.dataDir, write)
      : write(databaseConnection(settings)),
  );
  if (file === "-") return;
  print(options.json, { file: resolve(file), rows: counts }, [
    `Wrote ${file}: ${inWords(counts)}`,
    `The keys are not in it: keep ${settings.keys === null ? keysPath(settings.dataDir) : "COUNTERSIGN_KEYS"} somewhere else.`,
  ]);
}

const inWords = ({ user = 0, event = 0 }: RowCounts) => `accounts: ${user}, events: ${event}`;

async function writeBackup(connection: pg.PoolConfig, keys: Keys, file: string): Promise<RowCounts> {
  let counts: RowCounts = {};
  await withClient(connection, async (client) => {
    const text = makeBackup(client, keys, manifest.version, new Date(), (told) => {
      counts = told;
    });
    if (file === "-") await pipeline(text, createGzip(), process.stdout);
    else await writeWhole(file, text);
  });
  return counts;
}

/** Writes a file that others cannot read: under another name until it is whole, and on the disk when this returns. */
async function writeWhole(file: string, text: AsyncIterable<string>): Promise<void> {
  const draft = `${file}.new`;
  const output = createWriteStream(draft, { flags: "wx", mode: 0o600, flush: true });
  try {
    await pipeline(text, createGzip(), output);
    renameSync(draft, file);
    fsyncDirectory(dirname(resolve(file)));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST")
      throw new Problem(
        `${draft} is there: a backup is being made, or was broken off; remove it in that case`,
      );
    rmSync(draft, { force: true });
    throw error;
  }
}

type RestoreOptions = Json & { replace?: boolean };

async function restore(file: string, options: RestoreOptions): Promise<void> {
  const settings = env();
  const keys = readKeys(settings);
  if (keys === null)
    throw new Problem(
      `There are no keys: put those of the backup's time at ${keysPath(settings.dataDir)} first`,
    );
  await withFile(file, (path) => restoreFile(path, settings, keys, options));
}

/** Work on a file, or on what comes in, which can be read once only and is read twice: a private folder keeps it meanwhile. */
async function withFile(file: string, work: (path: string) => Promise<void>): Promise<void> {
  if (file !== "-") return work(file);
  const folder = mkdtempSync(join(tmpdir(), "countersign-restore-"));
  try {
    const path = join(folder, "standard-input");
    await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }));
    await work(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function restoreFile(path: string, settings: Env, keys: Keys, options: RestoreOptions): Promise<void> {
  const known = await readMigrationNames();
  const checked = await checkBackup(path, keys, known);
  const isReplacing = options.replace ?? false;
  const { counts, voidedCodes } = await withOwnDatabase(settings, async () => {
    const connection = databaseConnection(settings);
    await withClient(connection, (client) => refuseUse(client, { checked, isReplacing }));
    await migrateFor(settings, checked.header.migrations, known);
    const restored = await withClient(connection, (client) =>
      restoreBackup(client, {
        path,
        checked,
        keys,
        isReplacing,
        clock: () => new Date(),
        actor: actorName(),
      }),
    );
    await applyMigrations(connection);
    return restored;
  });
  const { madeAt } = checked.header;
  print(options.json, { madeAt, rows: counts, voidedCodes }, [
    `Restored what was there at ${madeAt}: ${inWords(counts)}`,
    "Ended: all sessions, open sign-ins, trust in browsers, links and mails on their way, API tokens, set-ups not proven yet.",
    `Recovery codes that may have been used since count as used: ${voidedCodes}. Their owners make new ones in their settings.`,
    "Codes of authenticators count again in a minute.",
    "As they were at that time again: passwords, e-mail addresses, authenticators, who has two-factor sign-in, the policy. Who",
    "changed a password or removed an authenticator since, because somebody else had it, has to do so again.",
  ]);
}

/** Brings a database to the migrations of a backup, where that can be done: later ones are applied to what it holds. */
async function migrateFor(settings: Env, wanted: readonly string[], known: readonly string[]): Promise<void> {
  const connection = databaseConnection(settings);
  const applied = await readAppliedMigrations(connection);
  if (applied.length > wanted.length || (applied.length > 0 && wanted.length < known.length))
    throw new Problem(
      "The backup is of an older version than this database: restore it into one that has nothing in it yet, where it is brought up to date",
    );
  await applyMigrations(connection, wanted.at(-1));
}

async function withClient<T>(connection: pg.PoolConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionTimeoutMillis: 60_000, ...connection });
  // Whoever waits for a query is told; without a listener it would end the process.
  client.on("error", () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
