import type { Prisma } from "@/lib/db/generated/client";
import { type Acting, callerOf, requireAccess } from "../access/guard";
import type { Context } from "../context";
import { actorOf, eventRow, withActor } from "../events";
import { refuse } from "../refusals";
import { disableTwoFactorByProof, removeTotpFactorByProof } from "./remove-totp";
import { KNOWN } from "./totp-of-users";

// Authenticators of an account as APIs name them, by the account's id and their own, live ones and those that wait alike.

/** An account with its authenticators, the oldest first; never a secret. */
export type UserTotp = {
  id: string;
  createdAt: Date;
  changedAt: Date;
  totps: { id: string; name: string; isConfirmed: boolean }[];
};

/**
 * One's own authenticators or, with the right to see everybody's, somebody's. Refuses `not_found`, and what the guard does.
 */
export async function readUserTotp(ctx: Context, acting: Acting, userId: string): Promise<UserTotp> {
  const isOwn = userId === acting.user.id;
  requireAccess(isOwn ? "two_factor.read" : "users.list", callerOf(acting));
  const which = isOwn ? { OR: [KNOWN, waitingFor(ctx, acting)] } : KNOWN;
  const user = await ctx.db.user.findUnique({
    where: { id: userId },
    select: {
      id: true,
      createdAt: true,
      factorsChangedAt: true,
      totpFactors: {
        where: which,
        orderBy: { number: "asc" },
        select: { id: true, name: true, confirmedAt: true },
      },
    },
  });
  if (user === null) return refuse({ code: "not_found" });
  const totps = user.totpFactors.map(({ id, name, confirmedAt }) => ({
    id,
    name,
    isConfirmed: confirmedAt !== null,
  }));
  const { id, createdAt, factorsChangedAt } = user;
  return { id, createdAt, changedAt: factorsChangedAt ?? createdAt, totps };
}

/** Of one's own: what waits for its first code and has not lapsed, but for what another session has begun. */
function waitingFor(ctx: Context, acting: Acting): Prisma.TotpFactorWhereInput {
  const begun = "session" in acting ? [{ sessionId: acting.session.id }] : [];
  return {
    userId: acting.user.id,
    confirmedAt: null,
    AND: [
      { OR: [{ expiresAt: null }, { expiresAt: { gt: ctx.now } }] },
      { OR: [{ provisionedBy: { not: null } }, ...begun] },
    ],
  };
}

/**
 * The newest of somebody's authenticators that waits and was not begun by a session. Refuses `not_found`, `conflict`
 * (already_confirmed) where there are only live ones.
 */
export async function newestWaitingTotp(ctx: Context, userId: string): Promise<string> {
  const lasting = { OR: [{ expiresAt: null }, { expiresAt: { gt: ctx.now } }] };
  const row = await ctx.db.totpFactor.findFirst({
    where: { userId, confirmedAt: null, provisionedBy: { not: null }, ...lasting },
    orderBy: { number: "desc" },
    select: { id: true },
  });
  if (row) return row.id;
  const live = await ctx.db.totpFactor.count({ where: { userId, confirmedAt: { not: null } } });
  return refuse(live > 0 ? { code: "conflict", reason: "already_confirmed" } : { code: "not_found" });
}

/**
 * Removes one of one's own authenticators, or all of them, where no code can come along. Those that wait are given up; a live one
 * is removed for a second factor proven lately in this session, and never by a program with an API token.
 * Refuses `not_found`, `forbidden` or `insufficient_scope` (a program), and what `disableTwoFactorByProof` refuses.
 * @param which the id of one of them
 */
export async function removeOwnTotp(ctx: Context, acting: Acting, which: string | "all"): Promise<void> {
  requireAccess("totp.start", callerOf(acting));
  const userId = acting.user.id;
  const named = which === "all" ? {} : { id: which };
  const live = await ctx.db.totpFactor.count({ where: { userId, ...named, confirmedAt: { not: null } } });
  if (live === 0) return giveUp(ctx, acting, { AND: [waitingFor(ctx, acting), named] });
  if (!("session" in acting)) {
    requireAccess("totp.remove", callerOf(acting));
    return refuse({ code: "forbidden" });
  }
  if (which === "all") await disableTwoFactorByProof(ctx, acting);
  else await removeTotpFactorByProof(ctx, acting, which);
}

async function giveUp(ctx: Context, acting: Acting, where: Prisma.TotpFactorWhereInput): Promise<void> {
  await ctx.db.$transaction(async (tx) => {
    const found = await tx.totpFactor.findMany({ where, select: { id: true, name: true } });
    const { count } = await tx.totpFactor.deleteMany({
      where: { id: { in: found.map(({ id }) => id) }, confirmedAt: null },
    });
    // One was proven or given up in the meantime.
    if (count === 0 || count < found.length) refuse({ code: "not_found" });
    for (const { name } of found) {
      const event = {
        kind: "totp.provision_withdrawn",
        userId: acting.user.id,
        details: { name },
      } as const;
      await tx.event.create({ data: eventRow(ctx, withActor(event, actorOf(acting))) });
    }
  });
}
