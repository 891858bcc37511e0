import type { Prisma } from "@/lib/db/generated/client";
import { type Acting, callerOf, requireAccess } from "../access/guard";
import type { Context } from "../context";
import { endAccess } from "../end-access";
import { actorOf, type EventActor } from "../events";
import { clearTwoFactor } from "../factors/remove-totp";
import { parseReason } from "../input";
import { refuse } from "../refusals";
import { findUser, type UserSummary } from "../user-summary";
import type { ReasonedAct } from "./disable-user";
import { type HeldUser, holdOther, holdUser, isLastAdministrator } from "./hold-user";
import { noteAndTell } from "./note-and-tell";

/**
 * Takes two-factor sign-in off an account whose owner lost every factor: factors, codes, known browsers, challenges,
 * sessions, mailed links, API tokens and waits go. On behalf of whoever runs the service.
 * Refuses `not_found`, `invalid_input` (a reason is needed).
 */
export async function resetTwoFactor(
  ctx: Context,
  typed: { email: string; actor: string; reason: string },
): Promise<UserSummary> {
  const reason = parseReason(typed.reason);
  const { id } = await findUser(ctx, typed);
  await ctx.db.$transaction(async (tx) =>
    reset(ctx, tx, { actor: typed.actor }, await holdUser(tx, id), reason),
  );
  return findUser(ctx, { id });
}

/**
 * As `resetTwoFactor`, by an administrator, of somebody else's account. Refuses `invalid_input`, `not_found`, `conflict`
 * (own_account, last_administrator, two_factor_off), `unauthenticated`, and what the guard does.
 */
export async function resetTwoFactorOf(ctx: Context, acting: Acting, typed: ReasonedAct): Promise<void> {
  requireAccess("two_factor.reset", callerOf(acting));
  const reason = parseReason(typed.reason);
  await ctx.db.$transaction(async (tx) => {
    const user = await holdOther(tx, acting, typed.userId);
    if (await isLastAdministrator(tx, user)) refuse({ code: "conflict", reason: "last_administrator" });
    // Another operator, or another tab, was faster.
    if ((await tx.recoveryCode.count({ where: { userId: user.id } })) === 0)
      refuse({ code: "conflict", reason: "two_factor_off" });
    await reset(ctx, tx, actorOf(acting), user, reason);
  });
}

async function reset(
  ctx: Context,
  tx: Prisma.TransactionClient,
  by: EventActor,
  user: HeldUser,
  reason: string,
): Promise<void> {
  const { id } = user;
  await clearTwoFactor(tx, id);
  await endAccess(tx, id);
  await tx.factorBudget.update({ where: { userId: id }, data: { failures: [], waitUntil: null } });
  await tx.user.update({ where: { id }, data: { factorsChangedAt: ctx.now } });
  const deed = { event: "two_factor.reset", mail: "two_factor_reset", details: { reason } } as const;
  await noteAndTell(ctx, tx, by, user, deed);
}
