import type { Prisma } from "@/lib/db/generated/client";
import { type Acting, callerOf, requireAccess } from "../access/guard";
import type { Context } from "../context";
import { refuse } from "../refusals";

// That somebody has recovery codes, since when, and when one was last used: never a code, nor the hash of one.

const OWNER = { id: true, number: true, email: true, name: true, disabledAt: true } as const;
const SEEN = { ...OWNER, recoveryCodes: { select: { createdAt: true, usedAt: true } } } as const;

/** An account's set of recovery codes; it has one at most. */
export type RecoverySetOfUser = {
  user: Prisma.UserGetPayload<{ select: typeof OWNER }>;
  createdAt: Date;
  lastUsedAt: Date | null;
};

function setOf({
  recoveryCodes,
  ...user
}: Prisma.UserGetPayload<{ select: typeof SEEN }>): RecoverySetOfUser {
  const made = recoveryCodes.map(({ createdAt }) => createdAt.getTime());
  const used = recoveryCodes.flatMap(({ usedAt }) => (usedAt === null ? [] : [usedAt.getTime()]));
  return {
    user,
    createdAt: new Date(Math.max(...made)),
    lastUsedAt: used.length === 0 ? null : new Date(Math.max(...used)),
  };
}

/** One's own set, or null. Refuses what the guard does. */
export async function readOwnRecoverySet(ctx: Context, acting: Acting): Promise<RecoverySetOfUser | null> {
  requireAccess("two_factor.read", callerOf(acting));
  const where = { id: acting.user.id, recoveryCodes: { some: {} } };
  const row = await ctx.db.user.findFirst({ where, select: SEEN });
  return row && setOf(row);
}

/** Everybody's sets, or that of the user with a number, a page at a time, with how many there are. Refuses what the guard does. */
export async function listRecoverySets(
  ctx: Context,
  acting: Acting,
  { number, search, offset, limit }: { number?: number; search?: string; offset: number; limit: number },
): Promise<{ count: number; rows: RecoverySetOfUser[] }> {
  requireAccess("users.list", callerOf(acting));
  const contains = { contains: (search ?? "").replaceAll(/[\\%_]/g, "\\$&"), mode: "insensitive" } as const;
  const where = {
    recoveryCodes: { some: {} },
    ...(number === undefined ? {} : { number }),
    ...(search ? { OR: [{ email: contains }, { name: contains }] } : {}),
  };
  const [count, rows] = await Promise.all([
    ctx.db.user.count({ where }),
    ctx.db.user.findMany({ where, orderBy: { number: "asc" }, skip: offset, take: limit, select: SEEN }),
  ]);
  return { count, rows: rows.map(setOf) };
}

/** The set of the user with a number. Refuses `not_found`, and what the guard does. */
export async function findRecoverySet(
  ctx: Context,
  acting: Acting,
  number: number,
): Promise<RecoverySetOfUser> {
  requireAccess("users.list", callerOf(acting));
  const where = { number, recoveryCodes: { some: {} } };
  const row = await ctx.db.user.findFirst({ where, select: SEEN });
  return row ? setOf(row) : refuse({ code: "not_found" });
}
