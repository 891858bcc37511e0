import { createHmac, type Hmac, hkdfSync } from "node:crypto";
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { z } from "zod";
import { KeysError } from "@/lib/crypto/keys";
import type { KeyRing } from "@/lib/crypto/seal";

// A backup is gzip of lines of JSON: a header (an object), then for each table its name (a text) and its rows (objects), and at
// the end how many rows of which table there are and the HMAC of all lines before (a list). Whoever can write where backups lie
// could make up accounts in them: only who has the keys makes a file that is taken.

/** A backup that cannot be made or put back; the message is one line for whoever runs the service. */
export class BackupError extends Error {
  override readonly name = "BackupError";
}

/** The newest form of the file. A change that this version could not read gets the next number. */
export const BACKUP_FORMAT = 1;

const header = z.object({
  countersign: z.literal("backup"),
  format: z.number().int(),
  /** The version of the product that made it. */
  version: z.string(),
  /** The names of the migrations that its database had, oldest first. */
  migrations: z.array(z.string()).min(1),
  /** The moment that it shows. */
  madeAt: z.iso.datetime(),
  /** When the installation began, which tells it from others. */
  installedAt: z.iso.datetime(),
  /** The names of the keys that open what it holds, never the keys. */
  keys: z.array(z.string()),
  /** The name of the key that its proof is made with. */
  provenBy: z.string(),
  /** The last number that was given of the tables that number their rows. */
  numbers: z.record(z.string(), z.number().int()),
});
export type BackupHeader = z.infer<typeof header>;

/** How many rows there are of each table. */
export type RowCounts = Record<string, number>;

/** What was read of a backup whose proof is right. `proof` is of this file and no other. */
export type Proven = { counts: RowCounts; proof: string };

const PROOF_INFO = "Countersign backup";

/**
 * What proves a backup's lines: HMAC-SHA-256 (RFC 2104) with a key derived from one that seals (HKDF, RFC 5869), so that no key
 * is used for two things.
 * @throws KeysError when there is no key of that name
 */
export function proofOf(ring: KeyRing, name: string): Hmac {
  const key = ring.keys.get(name);
  if (!key) throw new KeysError(`the backup is proven with a key that is not there: ${name}`);
  return createHmac("sha256", Buffer.from(hkdfSync("sha256", key, "", PROOF_INFO, 32)));
}

/** Rows of one table, each as the text of a JSON object. */
export type Rows = { table: string; rows: string[] };

/**
 * The text of a backup, in pieces, from a header and rows. Calls `onEnd` with how many there were.
 * @param ring has the key that the header names for the proof
 */
export async function* backupText(
  ring: KeyRing,
  head: BackupHeader,
  body: AsyncIterable<Rows>,
  onEnd: (counts: RowCounts) => void,
): AsyncGenerator<string> {
  const proof = proofOf(ring, head.provenBy);
  const counts: RowCounts = {};
  const proven = (text: string) => {
    proof.update(text);
    return text;
  };
  yield proven(`${JSON.stringify(head)}\n`);
  for await (const { table, rows } of body) {
    const title = table in counts ? "" : `${JSON.stringify(table)}\n`;
    counts[table] = (counts[table] ?? 0) + rows.length;
    yield proven(title + rows.map((row) => `${row}\n`).join(""));
  }
  yield `${JSON.stringify([counts, proof.digest("hex")])}\n`;
  onEnd(counts);
}

/** What is done with a backup as it is read. Nothing of it is proven before the end. */
export type BackupReader = {
  /** Before any row. May throw. */
  header(head: BackupHeader): void | Promise<void>;
  rows(some: Rows): void | Promise<void>;
};

const end = z.tuple([z.record(z.string(), z.number().int()), z.string()]);
const MOST_ROWS = 1000;
const MOST_CHARACTERS = 4_000_000;

/**
 * Reads a backup from its beginning to its end, some rows at a time.
 * @returns what the end of the file confirms
 * @throws BackupError for a file that is none, is of a newer form, or is cut off, changed, or made with other keys
 * @throws KeysError when the key of its proof is missing
 */
export async function readBackup(path: string, ring: KeyRing, reader: BackupReader): Promise<Proven> {
  const file = createReadStream(path);
  const text = file.pipe(createGunzip()).setEncoding("utf8");
  // pipe() passes on everything but errors.
  file.on("error", (error) => text.destroy(error));
  try {
    return await readLines(linesOf(text), ring, reader);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "Z_BUF_ERROR") throw new BackupError(`${path} is cut off: use another backup`);
    if (code.startsWith("Z_")) throw new BackupError(`${path} is no backup, or is damaged`);
    if (error instanceof BackupError) throw new BackupError(`${path} ${error.message}`);
    throw error;
  } finally {
    file.destroy();
    text.destroy();
  }
}

async function* linesOf(chunks: AsyncIterable<string | Buffer>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of chunks) {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MOST_CHARACTERS) throw new BackupError("is no backup of Countersign");
    yield* lines;
  }
  if (rest !== "") throw new BackupError("is cut off: use another backup");
}

async function readLines(lines: AsyncIterable<string>, ring: KeyRing, reader: BackupReader): Promise<Proven> {
  const counts: RowCounts = {};
  let hmac: Hmac | null = null;
  let told: z.infer<typeof end> | null = null;
  let table = "";
  let rows: string[] = [];
  let characters = 0;
  const flush = async () => {
    if (rows.length > 0) await reader.rows({ table, rows });
    rows = [];
    characters = 0;
  };
  for await (const line of lines) {
    if (told !== null) throw new BackupError("goes on behind its end: it was changed");
    if (hmac === null) {
      const head = parseHeader(line);
      await reader.header(head);
      hmac = proofOf(ring, head.provenBy);
    } else if (line.startsWith("[")) {
      told = parse(end, line);
      continue;
    } else if (line.startsWith('"')) {
      await flush();
      table = parse(z.string(), line);
      counts[table] ??= 0;
    } else {
      rows.push(line);
      counts[table] = (counts[table] ?? 0) + 1;
      characters += line.length;
      if (rows.length === MOST_ROWS || characters > MOST_CHARACTERS) await flush();
    }
    hmac.update(`${line}\n`);
  }
  await flush();
  if (hmac === null || told === null) throw new BackupError("is cut off: use another backup");
  const [toldCounts, toldProof] = told;
  const proof = hmac.digest("hex");
  const isSame = Object.keys({ ...toldCounts, ...counts }).every((name) => toldCounts[name] === counts[name]);
  if (!isSame || proof !== toldProof)
    throw new BackupError("was changed, or made with other keys: its proof is not right");
  return { counts, proof };
}

function parseHeader(line: string): BackupHeader {
  // The two that are the same in every form there will be.
  const { format } = parse(header.pick({ countersign: true, format: true }), line);
  if (format > BACKUP_FORMAT)
    throw new BackupError("was made by a newer version of Countersign: restore it with that one");
  return parse(header, line);
}

function parse<T>(shape: z.ZodType<T>, line: string): T {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw new BackupError("is no backup of Countersign");
  }
  const parsed = shape.safeParse(json);
  if (!parsed.success) throw new BackupError("is no backup of Countersign");
  return parsed.data;
}
