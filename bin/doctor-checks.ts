import { existsSync, statSync } from "node:fs";
import pg from "pg";
import { prepareInstallation, readInstallation } from "@/lib/core/installation";
import { findMissingKeys, sampleSecrets } from "@/lib/core/key-rotation";
import { openDatabase } from "@/lib/db/client";
import { databaseConnection } from "@/lib/db/connection";
import { embeddedPaths } from "@/lib/db/embedded/paths";
import { findBrokenInvariants } from "@/lib/db/invariants";
import { findPendingMigrations } from "@/lib/db/migrate";
import type { Env } from "@/lib/env";
import { openTransport } from "@/lib/mail/transport";
import { keysPath, looseKeysMode, readKeys } from "@/lib/server/keys-file";
import { describeProblem } from "./problem";

/** What one check found. `mend` says what to do where something is wrong. */
export type Finding = { check: string; ok: boolean; detail: string; mend?: string };

const fine = (check: string, detail: string): Finding => ({ check, ok: true, detail });
const wrong = (check: string, detail: string, mend: string): Finding => ({ check, ok: false, detail, mend });

/** Whether browsers and proxies will be treated as PUBLIC_URL promises. */
export function checkAddress({ publicUrl, trustedProxies }: Env): Finding[] {
  const isSecure = publicUrl.protocol === "https:";
  const isLocal = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(publicUrl.hostname);
  const cookies =
    isSecure || isLocal
      ? fine("cookies", isSecure ? `__Host- cookies for ${publicUrl.host}` : "this machine only")
      : wrong(
          "cookies",
          `${publicUrl.origin} is not encrypted: anyone on the way can read cookies and codes`,
          "put a proxy with TLS in front and set PUBLIC_URL to its https:// address",
        );
  // The server itself speaks plain HTTP, so https means a proxy, whose address would stand for everyone's.
  const proxies =
    isSecure && trustedProxies.length === 0
      ? wrong(
          "addresses",
          "PUBLIC_URL is https, so a proxy is in front, but none is trusted: all people share its address and its limits",
          "set TRUSTED_PROXIES to the proxy's address, such as 127.0.0.1",
        )
      : fine(
          "addresses",
          trustedProxies.length > 0 ? "taken from the trusted proxies" : "taken from the connection",
        );
  return [cookies, proxies];
}

/** Whether the keys are there, well-formed and private. */
export function checkKeys(env: Env): Finding {
  const path = keysPath(env.dataDir);
  try {
    if (readKeys(env) === null) return fine("keys", `none yet: the first start makes ${path}`);
  } catch (error) {
    return wrong("keys", describeProblem(error), "put the key file back from a backup");
  }
  const mode = looseKeysMode(env);
  if (mode) return wrong("keys", `${path} can be read by others (mode ${mode})`, `chmod 600 ${path}`);
  return fine("keys", env.keys === null ? path : "from COUNTERSIGN_KEYS");
}

/** Whether the data directory is closed to other users. */
export function checkDataDirectory({ dataDir }: Env): Finding {
  const stats = statSync(dataDir, { throwIfNoEntry: false });
  if (!stats) return fine("data directory", `none yet: the first start makes ${dataDir}`);
  const isOpen = (stats.mode & 0o077) !== 0;
  return isOpen
    ? wrong("data directory", `other users can enter ${dataDir}`, `chmod 700 ${dataDir}`)
    : fine("data directory", dataDir);
}

/** Whether there is an embedded database to look at; a new one is not made by looking. */
export function hasDatabase(env: Env): boolean {
  return env.databaseUrl !== null || existsSync(embeddedPaths(env.dataDir).database);
}

/** Whether the database answers, is up to date, agrees about the time and belongs to the keys. */
export async function checkDatabase(env: Env): Promise<Finding[]> {
  const form = env.databaseUrl === null ? "embedded" : "PostgreSQL server";
  try {
    const pending = await findPendingMigrations(databaseConnection(env));
    const migrations =
      pending.length > 0
        ? wrong("migrations", `missing: ${pending.join(", ")}`, "countersign migrate, or start the server")
        : fine("migrations", "all applied");
    const rest = pending.length > 0 ? [] : [await checkOwnership(env), await checkAccounts(env)];
    return [fine("database", `${form}, reachable`), migrations, await checkClock(env), ...rest];
  } catch (error) {
    const mend =
      env.databaseUrl === null
        ? "see what holds the data directory"
        : "check DATABASE_URL and that its server runs";
    return [wrong("database", `${form}: ${describeProblem(error)}`, mend)];
  }
}

async function checkOwnership(env: Env): Promise<Finding> {
  const db = openDatabase(databaseConnection(env));
  try {
    const keys = readKeys(env);
    if (!(await readInstallation(db)))
      return fine("keys and database", "not tied yet: the first start does it");
    if (!keys)
      return wrong("keys and database", "the database is in use and its keys are missing", restore(env));
    await prepareInstallation(db, keys, new Date());
    const missing = [...(await findMissingKeys(db, keys.ring))].map(
      ([name, count]) => `${name} (${count} secrets)`,
    );
    if (missing.length > 0)
      return wrong(
        "keys and database",
        `keys that seal secrets are missing: ${missing.join(", ")}`,
        restore(env),
      );
    const { looked, broken } = await sampleSecrets(db, keys.ring);
    if (broken > 0)
      return wrong("keys and database", `${broken} of ${looked} stored secrets do not open`, restore(env));
    return fine(
      "keys and database",
      `the keys open this database, and ${looked} of ${looked} secrets looked at`,
    );
  } catch (error) {
    return wrong("keys and database", describeProblem(error), restore(env));
  } finally {
    await db.$disconnect();
  }
}

const accountsLookedAt = 1000;

/** Whether the newest accounts are whole: two-factor sign-in on or off, every change with its event. */
async function checkAccounts(env: Env): Promise<Finding> {
  const asked = { newest: accountsLookedAt, purgedUntil: null };
  const broken = await findBrokenInvariants(databaseConnection(env), asked);
  const [first] = broken;
  if (first === undefined) return fine("accounts", `nothing is half done in the newest ${accountsLookedAt}`);
  return wrong(
    "accounts",
    `not so: ${first.invariant} (${first.what})${broken.length > 1 ? `, and more: ${broken.length - 1}` : ""}`,
    "somebody changed the database by hand, or it is damaged: find out which, and put a backup from before that back",
  );
}

function restore(env: Env): string {
  return `put the right ${env.keys === null ? keysPath(env.dataDir) : "COUNTERSIGN_KEYS"} back from a backup`;
}

const clockTolerance = 5;

async function checkClock(env: Env): Promise<Finding> {
  const client = new pg.Client({
    ...databaseConnection(env),
    connectionTimeoutMillis: 1500,
    query_timeout: 1500,
  });
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows } = await client.query<{ seconds: string }>(
      "SELECT extract(epoch FROM clock_timestamp()) AS seconds",
    );
    const difference = Math.abs(Number(rows[0]?.seconds) - Date.now() / 1000);
    return difference > clockTolerance
      ? wrong(
          "clock",
          `${Math.round(difference)} s away from the database's`,
          "let both machines keep time by NTP",
        )
      : fine("clock", "agrees with the database's");
  } finally {
    await client.end();
  }
}

/** Whether mails can be handed over. */
export async function checkMail(env: Env): Promise<Finding> {
  if (env.smtpUrl === null && env.emailCodes) {
    return wrong(
      "mail",
      `EMAIL_CODES is on and there is no SMTP_URL: codes are written to ${env.dataDir}/outbox, where nobody reads them`,
      "set SMTP_URL, or EMAIL_CODES to off",
    );
  }
  if (env.smtpUrl === null) {
    return fine("mail", `no SMTP_URL: mails are written to ${env.dataDir}/outbox`);
  }
  const transport = openTransport(env);
  try {
    await transport.verify();
    return fine("mail", `the server takes mail from ${env.mailFrom}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return wrong(
      "mail",
      `the mail server does not: ${reason}`,
      "check SMTP_URL: address, port, user and password",
    );
  } finally {
    transport.close();
  }
}
