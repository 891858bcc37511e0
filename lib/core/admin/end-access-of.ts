import { type Acting, callerOf, requireAccess } from "../access/guard";
import type { Context } from "../context";
import { endAccess } from "../end-access";
import { actorOf } from "../events";
import { parseReason } from "../input";
import type { ReasonedAct } from "./disable-user";
import { holdOther } from "./hold-user";
import { noteAndTell } from "./note-and-tell";

/**
 * Ends what is open in somebody's account: sessions, half-done sign-ins, trust in browsers, links on their way by mail. API
 * tokens stay. Where nothing is open, nothing is told of. Refuses `invalid_input`, `not_found`, `conflict` (own_account),
 * `unauthenticated`, and what the guard does.
 */
export async function endAccessOf(ctx: Context, acting: Acting, typed: ReasonedAct): Promise<void> {
  requireAccess("access.end", callerOf(acting));
  const details = { reason: parseReason(typed.reason) };
  await ctx.db.$transaction(async (tx) => {
    const user = await holdOther(tx, acting, typed.userId);
    if ((await endAccess(tx, user.id)) === 0) return;
    const deed = { event: "access.ended", mail: "access_ended", details } as const;
    await noteAndTell(ctx, tx, actorOf(acting), user, deed);
  });
}
