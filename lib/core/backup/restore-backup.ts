import type { ClientBase } from "pg";
import { type Keys, KeysError } from "@/lib/crypto/keys";
import { open } from "@/lib/crypto/seal";
import { serviceName } from "@/lib/db/client";
import { Prisma } from "@/lib/db/generated/client";
import { EVENT_COLUMNS, eventValues, type Origin } from "../events";
import { totpBinding } from "../factors/totp-factor";
import { KEY_CHECK } from "../installation";
import { BackupError, type BackupHeader, type RowCounts, type Rows, readBackup } from "./file";
import { NUMBERED, PATIENT_SESSION, readTables } from "./make-backup";
import { KEPT, LEFT_OUT } from "./tables";

/** A backup that was looked at: what it says of itself, and the proof of all of it. */
export type CheckedBackup = { header: BackupHeader; proof: string };

/**
 * Reads all of a backup and changes nothing.
 * @param known the names of this version's migrations, oldest first
 * @throws BackupError for a file that is none, is newer than this version, or is cut off, changed, or made with other keys
 * @throws KeysError when these keys do not open what it holds; it names those that are missing
 */
export async function checkBackup(
  path: string,
  keys: Keys,
  known: readonly string[],
): Promise<CheckedBackup> {
  const headers: BackupHeader[] = [];
  const unproven = new Set<string>();
  const { proof } = await readBackup(path, keys.ring, {
    header(head) {
      if (head.migrations.some((name, index) => known[index] !== name))
        throw new BackupError("was made by another version of Countersign, which this one does not know");
      const needed = [...new Set([...head.keys, head.provenBy])];
      const missing = needed.filter((name) => !keys.ring.keys.has(name));
      if (missing.length > 0)
        throw new KeysError(
          `the backup needs keys that are not there: ${missing.join(", ")}; put keys.json of that time back`,
        );
      for (const name of head.keys) unproven.add(name);
      headers.push(head);
    },
    rows({ table, rows }) {
      if (!(table in KEPT)) throw new BackupError(`has a table that is none of a backup's: ${table}`);
      if (unproven.size > 0) proveKeys(keys, table, rows, unproven);
    },
  });
  if (unproven.size > 0) throw foreignKeys();
  // There is one, or reading would have thrown.
  return { header: headers[0] as BackupHeader, proof };
}

const foreignKeys = () =>
  new KeysError("these keys do not open the backup: it needs those of its own time, by the same names");

/** Opens one secret of each key. */
function proveKeys(keys: Keys, table: string, rows: string[], unproven: Set<string>): void {
  const secretOf = SECRETS[table];
  if (!secretOf) return;
  for (const row of rows) {
    const { sealed, binding } = secretOf(JSON.parse(row));
    const [name = ""] = sealed.split(".");
    if (!unproven.has(name)) continue;
    try {
      open(keys.ring, sealed, binding);
    } catch {
      throw foreignKeys();
    }
    unproven.delete(name);
  }
}

/** The sealed text of a row, and what it is sealed to. */
const SECRETS: Record<string, (row: Record<string, string>) => { sealed: string; binding: string }> = {
  installation: ({ key_check: sealed = "" }) => ({ sealed, binding: KEY_CHECK }),
  totp_factor: ({ sealed_secret: sealed = "", user_id = "", id = "" }) => ({
    sealed,
    binding: totpBinding(user_id, id),
  }),
};

/** What a restore was asked for. */
export type Restore = {
  path: string;
  /** What `checkBackup` returned of it. */
  checked: CheckedBackup;
  keys: Keys;
  /** A database in use is replaced; else it is refused. */
  isReplacing: boolean;
  /** Asked once the database is held, so that nothing is accepted later. */
  clock: () => Date;
  /** Who does it, for the audit trail. */
  actor: string;
};

/** What came of it. */
export type Restored = {
  counts: RowCounts;
  /** Recovery codes that may have been used since the backup, and count as used. */
  voidedCodes: number;
};

/**
 * Puts a backup into a database with the backup's migrations, in one transaction: all of it or nothing. Nothing that was spent or
 * ended since comes back: see tables.ts. What the database that is replaced knows of that is carried over, and its audit trail
 * stays, with what the backup has besides.
 * @param client a connection of its own, in no transaction
 * @throws BackupError when a server runs on the database, when it is in use and is not to be replaced, when it is another
 *   installation's, and for a file that has changed since it was checked
 */
export async function restoreBackup(client: ClientBase, restore: Restore): Promise<Restored> {
  await client.query("BEGIN");
  try {
    await client.query(PATIENT_SESSION);
    await refuseRunningServer(client);
    const there = await readTables(client);
    const kept = Object.entries(KEPT).filter(([table]) => there.has(table));
    const emptied = [
      ...kept.filter(([, { stays }]) => !stays).map(([table]) => table),
      ...Object.keys(LEFT_OUT).filter((table) => there.has(table)),
    ];
    await client.query(`LOCK TABLE ${[...emptied, ...kept.map(([table]) => table)].map(quoted).join(", ")}`);
    await refuseOtherUse(client, restore);
    const now = restore.clock();
    const inserts = new Map<string, string>();
    for (const [table] of kept) inserts.set(table, await prepareInsert(client, table));
    await client.query(`TRUNCATE ${emptied.map(quoted).join(", ")}`);
    const { path, keys, checked } = restore;
    const { counts, proof } = await readBackup(path, keys.ring, {
      header: () => {},
      rows: (some) => insert(client, inserts, some, now),
    });
    // An older one, whose own proof is right, is not what was looked at either.
    if (proof !== checked.proof)
      throw new BackupError(`${path} is another backup than a moment ago: somebody changed the file`);
    for (const [table, { comesOver }] of kept) if (comesOver) await bringOver(client, table);
    await raiseNumbers(client, checked.header);
    const { rows } = await client.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM recovery_code WHERE used_at = $1",
      [now],
    );
    const voidedCodes = rows[0]?.count ?? 0;
    await note(client, restore, now, voidedCodes);
    await client.query("COMMIT");
    return { counts, voidedCodes };
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {});
    throw error;
  }
}

const quoted = (name: string) => `"${name}"`;

/**
 * Refuses a database that a backup may not be put into before anything in it is changed, migrations included. `restoreBackup` asks
 * again, once it holds the database.
 * @throws BackupError when a server runs on the database, when it is in use and is not to be replaced, and when it is another
 *   installation's
 */
export async function refuseUse(
  client: ClientBase,
  restore: Pick<Restore, "checked" | "isReplacing">,
): Promise<void> {
  await refuseRunningServer(client);
  const there = await readTables(client);
  if (["installation", "user", "event"].every((table) => there.has(table)))
    await refuseOtherUse(client, restore);
}

/** The embedded form is held by its lock, and shows nobody else here. */
async function refuseRunningServer(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = $1 AND pid <> pg_backend_pid()`,
    [serviceName],
  );
  if (rows[0]?.count !== 0)
    throw new BackupError(
      "A server, or another command, is at work on this database: stop every one of them first",
    );
}

async function refuseOtherUse(
  client: ClientBase,
  { checked: { header }, isReplacing }: Pick<Restore, "checked" | "isReplacing">,
): Promise<void> {
  const { rows } = await client.query<{ users: number; events: boolean; newest: Date | null }>(
    `SELECT (SELECT count(*)::int FROM "user") AS users, EXISTS (SELECT 1 FROM event) AS events,
       (SELECT max(created_at) FROM event) AS newest`,
  );
  const { users = 0, events = false, newest = null } = rows[0] ?? {};
  if (users === 0 && !events) return;
  const same = await client.query("SELECT 1 FROM installation WHERE created_at = $1", [header.installedAt]);
  if (same.rows.length === 0)
    throw new BackupError("The database belongs to another installation: restore into an empty one");
  if (!isReplacing)
    throw new BackupError(
      `The database is in use: accounts: ${users}, newest event: ${newest?.toISOString() ?? "none"}. All that changed in it since ` +
        `${header.madeAt} would be lost, but for the audit trail; if that is what you want, add --replace`,
    );
}

/**
 * Keeps what the database that is replaced knows of a table's rows, until the transaction ends.
 * @returns the statement that puts rows of a backup back: `$1` a JSON list of them, `$2` the present time
 */
async function prepareInsert(client: ClientBase, table: string): Promise<string> {
  const { key, restored = {}, stays, comesOver } = KEPT[table] ?? { key: "id" };
  const { rows } = await client.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`,
    [quoted(table)],
  );
  const columns = rows.map(({ name }) => name);
  const values = columns.map((name) => restored[name] ?? `r.${quoted(name)}`);
  const known = comesOver ? columns : [key, ...columns.filter((name) => name in restored)];
  const before = quoted(`replaced_${table}`);
  if (!stays) {
    await client.query(
      `CREATE TEMP TABLE ${before} ON COMMIT DROP AS SELECT ${known.map(quoted).join(", ")} FROM ${quoted(table)}`,
    );
    await client.query(`ALTER TABLE ${before} ADD PRIMARY KEY (${quoted(key)})`);
  }
  return `INSERT INTO ${quoted(table)} (${columns.map(quoted).join(", ")})
    SELECT ${values.join(", ")} FROM json_populate_recordset(NULL::${quoted(table)}, $1::json) r
    ${stays ? "ON CONFLICT DO NOTHING" : `LEFT JOIN ${before} b ON b.${quoted(key)} = r.${quoted(key)}`}`;
}

/** Adds the rows that `comesOver` speaks of, behind those of the backup. Their key is an account's id. */
async function bringOver(client: ClientBase, table: string): Promise<void> {
  await client.query(
    `INSERT INTO ${quoted(table)} SELECT b.* FROM ${quoted(`replaced_${table}`)} b
     WHERE b.user_id IN (SELECT id FROM "user") ON CONFLICT DO NOTHING`,
  );
}

async function insert(client: ClientBase, inserts: Map<string, string>, { table, rows }: Rows, now: Date) {
  const statement = inserts.get(table);
  if (statement === undefined) throw new BackupError(`has a table that this database has not: ${table}`);
  // Every statement is given both, so each must name both.
  await client.query(`WITH at AS (SELECT $2::timestamptz) ${statement}`, [
    `[${rows.join(",")}]`,
    now.toISOString(),
  ]);
}

/** Numbers are not given twice: programs may know somebody, or an authenticator, by one that the backup does not have. */
async function raiseNumbers(client: ClientBase, { numbers }: BackupHeader): Promise<void> {
  for (const table of NUMBERED)
    await client.query(
      `SELECT setval(s.name, greatest($1::bigint, pg_sequence_last_value(s.name), 1))
       FROM (SELECT pg_get_serial_sequence('"${table}"', 'number')::regclass AS name) AS s`,
      [numbers[table] ?? 0],
    );
}

async function note(
  client: ClientBase,
  { checked: { header }, actor, isReplacing }: Restore,
  now: Date,
  voidedCodes: number,
): Promise<void> {
  const origin: Origin = { now, via: "cli", address: "", userAgent: "" };
  const details = { madeAt: header.madeAt, replaced: isReplacing, voidedCodes };
  const values = eventValues(origin, { kind: "backup.restored", userId: null, actor, details });
  const { text, values: given } = Prisma.sql`INSERT INTO event (${EVENT_COLUMNS}) VALUES (${values})`;
  await client.query(text, given);
}
