import type { Prisma } from "@/lib/db/generated/client";
import type { Acting } from "../access/guard";
import { refuse } from "../refusals";
import { holdSession } from "../sessions";

/** The account that an act is about. */
export type HeldUser = { id: string; email: string; isAdmin: boolean; disabledAt: Date | null };

const HELD = { id: true, email: true, isAdmin: true, disabledAt: true } as const;

/**
 * Holds the account that an act is about until the transaction ends, and with an administrator's those of all others, in one
 * order for everybody: of two who act on each other at the same time, the second sees what the first did.
 * Refuses `not_found`.
 */
export async function holdUser(tx: Prisma.TransactionClient, id: string): Promise<HeldUser> {
  const where = { id };
  const { isAdmin } = (await tx.user.findUnique({ where, select: HELD })) ?? refuse({ code: "not_found" });
  await (isAdmin
    ? tx.$queryRaw`SELECT 1 FROM "user" WHERE id = ${id} OR is_admin ORDER BY id FOR NO KEY UPDATE`
    : tx.$queryRaw`SELECT 1 FROM "user" WHERE id = ${id} FOR NO KEY UPDATE`);
  return (await tx.user.findUnique({ where, select: HELD })) ?? refuse({ code: "not_found" });
}

/**
 * As `holdUser`, of somebody else's account, by somebody who may act still: their session or token has not ended in the
 * meantime. Refuses `conflict` (own_account), `not_found`, `unauthenticated`.
 */
export async function holdOther(tx: Prisma.TransactionClient, acting: Acting, id: string): Promise<HeldUser> {
  if (id === acting.user.id) refuse({ code: "conflict", reason: "own_account" });
  const user = await holdUser(tx, id);
  await holdActing(tx, acting);
  return user;
}

/**
 * Keeps the session or the token of whoever acts until the transaction ends. To be called with the accounts held that the act is
 * about, as everything that ends sessions holds those first: no two wait for each other. Refuses `unauthenticated` when it has
 * ended in the meantime.
 */
export async function holdActing(tx: Prisma.TransactionClient, acting: Acting): Promise<void> {
  if ("session" in acting) return holdSession(tx, acting);
  const { id } = acting.token;
  const rows = await tx.$queryRaw<unknown[]>`SELECT 1 FROM api_token WHERE id = ${id} FOR KEY SHARE`;
  if (rows.length === 0) refuse({ code: "unauthenticated" });
}

/** Whether nobody but this administrator could open the console: all of them must be held. */
export async function isLastAdministrator(
  tx: Prisma.TransactionClient,
  { id, isAdmin }: { id: string; isAdmin: boolean },
): Promise<boolean> {
  if (!isAdmin) return false;
  const totpFactors = { some: { confirmedAt: { not: null } } };
  const others = { id: { not: id }, isAdmin: true, disabledAt: null, totpFactors };
  return (await tx.user.count({ where: others })) === 0;
}
