import { type Acting, callerOf, requireAccess } from "../access/guard";
import type { Context } from "../context";
import { endAccess } from "../end-access";
import { actorOf } from "../events";
import { parseReason } from "../input";
import { refuse } from "../refusals";
import { holdOther, isLastAdministrator } from "./hold-user";
import { noteAndTell } from "./note-and-tell";

/** Whose account, and why: for the audit trail and the mail to them. */
export type ReasonedAct = { userId: string; reason: string };

/**
 * Disables somebody's account: they are out everywhere at once, programs with their API tokens included, and cannot sign in.
 * A disabled account stays as it is. Refuses `invalid_input`, `not_found`, `conflict` (own_account, last_administrator),
 * `unauthenticated`, and what the guard does.
 */
export async function disableUser(ctx: Context, acting: Acting, typed: ReasonedAct): Promise<void> {
  requireAccess("users.disable", callerOf(acting));
  const details = { reason: parseReason(typed.reason) };
  await ctx.db.$transaction(async (tx) => {
    const user = await holdOther(tx, acting, typed.userId);
    if (user.disabledAt !== null) return;
    if (await isLastAdministrator(tx, user)) refuse({ code: "conflict", reason: "last_administrator" });
    const { id } = user;
    await tx.user.update({ where: { id }, data: { disabledAt: ctx.now } });
    await endAccess(tx, id);
    await tx.apiToken.deleteMany({ where: { userId: id } });
    const deed = { event: "account.disabled", mail: "account_disabled", details } as const;
    await noteAndTell(ctx, tx, actorOf(acting), user, deed);
  });
}

/**
 * Lets somebody sign in again, with the password and the authenticators that they had. Refuses `invalid_input`, `not_found`,
 * `conflict` (own_account), `unauthenticated`, and what the guard does.
 */
export async function enableUser(ctx: Context, acting: Acting, typed: ReasonedAct): Promise<void> {
  requireAccess("users.disable", callerOf(acting));
  const details = { reason: parseReason(typed.reason) };
  await ctx.db.$transaction(async (tx) => {
    const user = await holdOther(tx, acting, typed.userId);
    if (user.disabledAt === null) return;
    await tx.user.update({ where: { id: user.id }, data: { disabledAt: null } });
    const deed = { event: "account.enabled", mail: "account_enabled", details } as const;
    await noteAndTell(ctx, tx, actorOf(acting), user, deed);
  });
}
