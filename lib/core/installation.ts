import { createHmac, timingSafeEqual } from "node:crypto";
import { type Keys, KeysError } from "@/lib/crypto/keys";
import { open, seal } from "@/lib/crypto/seal";
import type { Database } from "@/lib/db/client";
import type { Context } from "./context";
import { refuse } from "./refusals";
import type { NewSession } from "./sessions";
import { insertOwner, readTypedPerson, type TypedPerson } from "./users";

/** One database with one set of keys. */
export type Installation = { createdAt: Date; keyCheck: string; claimedAt: Date | null };

const ONLY = { id: 1 };
/** A known text, and what it is sealed to. */
export const KEY_CHECK = "countersign";

/** The installation a database belongs to, or null for one that no server has started on. */
export function readInstallation(db: Database): Promise<Installation | null> {
  return db.installation.findUnique({ where: ONLY });
}

/**
 * Ties keys and database together: the first start leaves a mark that only its keys can open.
 * @throws KeysError when the database was made with other keys
 */
export async function prepareInstallation(db: Database, keys: Keys, now: Date): Promise<Installation> {
  const keyCheck = seal(keys.ring, Buffer.from(KEY_CHECK), KEY_CHECK);
  // Several instances may start at once; the first one's row stays.
  await db.installation.createMany({ data: [{ ...ONLY, createdAt: now, keyCheck }], skipDuplicates: true });
  const installation = await db.installation.findUniqueOrThrow({ where: ONLY });
  try {
    open(keys.ring, installation.keyCheck, KEY_CHECK);
  } catch {
    throw new KeysError("these keys do not open this database: it was made with other ones");
  }
  return installation;
}

/**
 * The one-time token of the first-run link. Derived, not stored: every instance and every start prints the same link
 * until somebody used it, and whoever reads the database cannot make it.
 */
export function setUpToken(keys: Keys, installation: Installation): string {
  return createHmac("sha256", keys.cookieSecret)
    .update(`set-up\n${installation.createdAt.toISOString()}`)
    .digest("base64url");
}

/** Whether a token is the one of the first-run link, and nobody has used it. */
export async function canClaim(ctx: Context, token: string): Promise<boolean> {
  const installation = await readInstallation(ctx.db);
  if (installation === null || installation.claimedAt !== null) return false;
  const expected = Buffer.from(setUpToken(ctx.keys, installation));
  const given = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/**
 * Makes the first administrator, once. Refuses `not_found` for a wrong token and ever after, `invalid_input`,
 * `conflict` (email_taken).
 */
export async function claimInstallation(
  ctx: Context,
  typed: TypedPerson & { token: string },
): Promise<NewSession> {
  if (!(await canClaim(ctx, typed.token))) refuse({ code: "not_found" });
  const person = await readTypedPerson(typed, true);
  return ctx.db.$transaction(async (tx) => {
    const { count } = await tx.installation.updateMany({
      where: { claimedAt: null },
      data: { claimedAt: ctx.now },
    });
    if (count === 0) refuse({ code: "not_found" });
    return insertOwner(ctx, tx, person);
  });
}
