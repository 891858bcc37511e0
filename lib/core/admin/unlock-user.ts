import { type Acting, callerOf, requireAccess } from "../access/guard";
import type { Context } from "../context";
import { actorOf } from "../events";
import { parseReason } from "../input";
import type { ReasonedAct } from "./disable-user";
import { holdOther } from "./hold-user";
import { noteAndTell } from "./note-and-tell";

/**
 * Gives somebody all their tries back, of codes and of passwords. Whoever used them up may know the password, so nothing but
 * the choice of a new one is open to them until they made it. Refuses `invalid_input`, `not_found`, `conflict` (own_account),
 * `unauthenticated`, and what the guard does.
 */
export async function unlockUser(ctx: Context, acting: Acting, typed: ReasonedAct): Promise<void> {
  requireAccess("access.unlock", callerOf(acting));
  const details = { reason: parseReason(typed.reason) };
  await ctx.db.$transaction(async (tx) => {
    const user = await holdOther(tx, acting, typed.userId);
    const { id } = user;
    const codes = await tx.factorBudget.updateMany({
      where: { userId: id, NOT: { failures: { isEmpty: true }, waitUntil: null } },
      data: { failures: [], waitUntil: null },
    });
    const passwords = await tx.passwordBudget.deleteMany({ where: { key: { in: [id, `own:${id}`] } } });
    const { passwordChangeDemandedAt } = await tx.user.findUniqueOrThrow({
      where: { id },
      select: { passwordChangeDemandedAt: true },
    });
    // Another operator, or another tab, was faster.
    if (codes.count + passwords.count === 0 && passwordChangeDemandedAt !== null) return;
    await tx.user.update({ where: { id }, data: { passwordChangeDemandedAt: ctx.now } });
    const deed = { event: "account.unlocked", mail: "account_unlocked", details } as const;
    await noteAndTell(ctx, tx, actorOf(acting), user, deed);
  });
}
