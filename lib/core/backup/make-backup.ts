import type { ClientBase } from "pg";
import { type Keys, KeysError } from "@/lib/crypto/keys";
import { type KeyRing, open } from "@/lib/crypto/seal";
import { KEY_CHECK } from "../installation";
import { BACKUP_FORMAT, BackupError, type BackupHeader, backupText, type RowCounts, type Rows } from "./file";
import { KEPT } from "./tables";

/** How many rows are read at a time. */
const BATCH = 1000;

/** What the statements of a backup, and of a restore, begin with: none of a session's limits fits them. */
export const PATIENT_SESSION = `SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;
  SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL TIME ZONE 'UTC'; SET LOCAL jit = off`;

/**
 * The text of a backup of all that is kept, as it was at one moment, in pieces. The snapshot is kept open until the last piece was
 * taken; the service goes on meanwhile.
 * @param client a connection of its own, in no transaction
 * @param keys the installation's; the one that seals proves the file
 * @param version of the product
 * @param onEnd told how many rows of each table there were
 * @throws BackupError for a database without an installation
 * @throws KeysError when the database was made with other keys
 */
export async function* makeBackup(
  client: ClientBase,
  { ring }: Keys,
  version: string,
  now: Date,
  onEnd: (counts: RowCounts) => void = () => {},
): AsyncGenerator<string> {
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  try {
    await client.query(PATIENT_SESSION);
    const tables = await readTables(client);
    const header = await readHeader(client, tables, ring, version, now);
    yield* backupText(ring, header, rowsOf(client, tables), onEnd);
  } finally {
    // Nothing was written, so this ends a good one as well; a connection that is gone has ended it itself.
    await client.query("ROLLBACK").catch(() => {});
  }
}

/** The tables there are, of those that a backup keeps or leaves out; an older database may lack some. */
export async function readTables(client: ClientBase): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()",
  );
  return new Set(rows.map(({ name }) => name));
}

async function readHeader(
  client: ClientBase,
  tables: Set<string>,
  ring: KeyRing,
  version: string,
  now: Date,
): Promise<BackupHeader> {
  const installed = tables.has("installation")
    ? await client.query<{ at: Date; check: string }>(
        'SELECT created_at AS at, key_check AS check FROM "installation"',
      )
    : { rows: [] };
  const [installation] = installed.rows;
  if (!installation)
    throw new BackupError("There is nothing to back up: no server has started on this database yet");
  try {
    open(ring, installation.check, KEY_CHECK);
  } catch {
    throw new KeysError("these keys do not open this database: it was made with other ones");
  }
  const migrations = await client.query<{ name: string }>(
    `SELECT migration_name AS name FROM _prisma_migrations
     WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY 1`,
  );
  const keys = await client.query<{ name: string }>(
    `SELECT split_part(sealed_secret, '.', 1) AS name FROM totp_factor WHERE ${KEPT.totp_factor?.only}
     UNION SELECT split_part(key_check, '.', 1) FROM installation ORDER BY 1`,
  );
  const numbers: Record<string, number> = {};
  for (const table of NUMBERED) {
    const { rows } = await client.query<{ last: string | null }>(
      `SELECT pg_sequence_last_value(pg_get_serial_sequence('"${table}"', 'number')::regclass) AS last`,
    );
    numbers[table] = Number(rows[0]?.last ?? 0);
  }
  return {
    countersign: "backup",
    format: BACKUP_FORMAT,
    version,
    migrations: migrations.rows.map(({ name }) => name),
    madeAt: now.toISOString(),
    installedAt: installation.at.toISOString(),
    keys: keys.rows.map(({ name }) => name),
    provenBy: ring.sealingKey,
    numbers,
  };
}

/** The tables whose rows have numbers, which are never given twice. */
export const NUMBERED = ["user", "totp_factor"] as const;

async function* rowsOf(client: ClientBase, tables: Set<string>): AsyncGenerator<Rows> {
  for (const [table, { only = "true" }] of Object.entries(KEPT)) {
    if (!tables.has(table)) continue;
    yield { table, rows: [] };
    await client.query(
      `DECLARE backed_up NO SCROLL CURSOR FOR SELECT row_to_json(t)::text AS row FROM "${table}" t WHERE ${only}`,
    );
    for (;;) {
      const { rows } = await client.query<{ row: string }>(`FETCH ${BATCH} FROM backed_up`);
      if (rows.length === 0) break;
      yield { table, rows: rows.map(({ row }) => row) };
    }
    await client.query("CLOSE backed_up");
  }
}
