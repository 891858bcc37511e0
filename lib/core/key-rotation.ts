import { type KeyRing, open, seal } from "@/lib/crypto/seal";
import type { Database } from "@/lib/db/client";
import { Prisma } from "@/lib/db/generated/client";
import type { Context } from "./context";
import { recordEvent } from "./events";
import { revealBinding } from "./factors/recovery-codes";
import { totpBinding } from "./factors/totp-factor";
import { KEY_CHECK } from "./installation";
import { tokenRevealBinding } from "./token-reveal";

// Which key seals what is stored, and the sealing anew with another one while everything goes on.

type Row = { id: string; userId: string; sealed: string };

/** Every column that holds a sealed text: what a new one is missing here, a rotation leaves behind. */
const SEALED: readonly {
  from: Prisma.Sql;
  id: Prisma.Sql;
  column: Prisma.Sql;
  owner: Prisma.Sql;
  binding(row: Row): string;
}[] = [
  {
    from: Prisma.sql`totp_factor AS s`,
    id: Prisma.sql`id`,
    column: Prisma.sql`sealed_secret`,
    owner: Prisma.sql`s.user_id`,
    binding: ({ userId, id }) => totpBinding(userId, id),
  },
  {
    from: Prisma.sql`recovery_reveal AS s`,
    id: Prisma.sql`user_id`,
    column: Prisma.sql`sealed_codes`,
    owner: Prisma.sql`s.user_id`,
    binding: ({ userId }) => revealBinding(userId),
  },
  {
    from: Prisma.sql`token_reveal AS s`,
    id: Prisma.sql`api_token_id`,
    column: Prisma.sql`sealed_token`,
    owner: Prisma.sql`(SELECT t.user_id FROM api_token t WHERE t.id = s.api_token_id)`,
    binding: ({ userId, id }) => tokenRevealBinding(userId, id),
  },
  {
    from: Prisma.sql`installation AS s`,
    id: Prisma.sql`id`,
    column: Prisma.sql`key_check`,
    owner: Prisma.sql`''`,
    binding: () => KEY_CHECK,
  },
];

/** How many rows are looked at, and written, in one statement: a sign-in waits for one of them that long at most. */
const BATCH = 200;

/** All that is sealed is read for it: a start waits for a slow disk rather than take it for a database that is away. */
const COUNT_WITHIN_MS = 60_000;

/** How many stored secrets each key seals, by the key's name. */
export async function countSealed(db: Database): Promise<Map<string, number>> {
  const keys = SEALED.map(
    ({ from, column }) => Prisma.sql`SELECT split_part(s.${column}, '.', 1) AS key FROM ${from}`,
  );
  const counted = Prisma.sql`
    SELECT key, count(*) AS count FROM (${Prisma.join(keys, " UNION ALL ")}) AS sealed GROUP BY key`;
  const rows = await db.$runPatiently<{ key: string; count: number }>(counted, COUNT_WITHIN_MS);
  return new Map(rows.map(({ key, count }) => [key, count]));
}

/**
 * Seals everything anew that another key than the ring's first one seals. It goes through all of it in small steps, each whole,
 * so that it can be broken off and begun again at any time, and by several at once.
 * @param onProgress told how many there have been so far, after each step
 * @returns how many there were
 * @throws UnsealError for a text that no key of the ring opens
 */
export async function sealAnew(
  db: Database,
  ring: KeyRing,
  onProgress: (count: number) => void = () => {},
): Promise<number> {
  let count = 0;
  for (const place of SEALED) {
    const { from, id, column, owner, binding } = place;
    let after = "";
    for (;;) {
      const rows = await db.$queryRaw<Row[]>`
        SELECT s.${id}::text AS id, ${owner} AS "userId", s.${column} AS sealed FROM ${from}
        WHERE s.${id}::text > ${after} AND split_part(s.${column}, '.', 1) <> ${ring.sealingKey}
        ORDER BY s.${id}::text LIMIT ${BATCH}`;
      const last = rows.at(-1);
      if (last === undefined) break;
      after = last.id;
      const anew = rows.map((row) => seal(ring, open(ring, row.sealed, binding(row)), binding(row)));
      // Only what is as it was read: somebody may have put another secret in its place.
      count += await db.$executeRaw`
        UPDATE ${from} SET ${column} = anew.text
        FROM unnest(${rows.map((row) => row.id)}::text[], ${rows.map(({ sealed }) => sealed)}::text[], ${anew}::text[])
          AS anew(id, before, text)
        WHERE s.${id}::text = anew.id AND s.${column} = anew.before`;
      onProgress(count);
    }
  }
  return count;
}

/** The names of keys that the ring does not have and that seal something, each with how much. */
export async function findMissingKeys(db: Database, ring: KeyRing): Promise<Map<string, number>> {
  const counts = await countSealed(db);
  return new Map([...counts].filter(([key]) => !ring.keys.has(key)));
}

/**
 * Opens some of the stored secrets: of each kind the oldest and the newest.
 * @param each how many of either
 * @returns how many were looked at, and how many of them no key opens
 */
export async function sampleSecrets(
  db: Database,
  ring: KeyRing,
  each = 25,
): Promise<{ looked: number; broken: number }> {
  const found = { looked: 0, broken: 0 };
  for (const { from, id, column, owner, binding } of SEALED) {
    const some = (order: Prisma.Sql) => Prisma.sql`
      (SELECT s.${id}::text AS id, ${owner} AS "userId", s.${column} AS sealed FROM ${from} ORDER BY s.${id} ${order} LIMIT ${each})`;
    // One that is among both is looked at once.
    const rows = await db.$queryRaw<Row[]>`${some(Prisma.sql`ASC`)} UNION ${some(Prisma.sql`DESC`)}`;
    found.looked += rows.length;
    found.broken += rows.filter((row) => !opens(ring, row.sealed, binding(row))).length;
  }
  return found;
}

function opens(ring: KeyRing, sealed: string, binding: string): boolean {
  try {
    open(ring, sealed, binding);
    return true;
  } catch {
    return false;
  }
}

/** Writes into the audit trail that keys were changed by whoever runs the service. Never a key. */
export function noteKeys(
  ctx: Context,
  actor: string,
  details: { did: "rotated" | "dropped"; key: string; count: number },
): Promise<void> {
  return recordEvent(ctx, { kind: "keys.changed", userId: null, actor, details });
}
