import type { Context } from "../context";
import { actorOf, recordEvent, withActor } from "../events";
import { type RefusalCode, Refused } from "../refusals";
import { hasAccountTry } from "../try-budget";
import type { Acting } from "./guard";

/** What the guard says no with; what was typed wrongly is told in an event of its own, or not at all. */
const GUARDED: ReadonlySet<string> = new Set<RefusalCode>([
  "step_up_required",
  "enrolment_required",
  "password_change_required",
  "insufficient_scope",
  "forbidden",
  "not_found",
]);

/**
 * Lets `work` through; an act that was not allowed is written into the account's audit trail, up to so many an hour: nobody is
 * to fill what nothing is deleted from.
 */
export async function notingRefusals<T>(ctx: Context, acting: Acting, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Refused && GUARDED.has(error.refusal.code)) {
      const event = {
        kind: "access.refused",
        userId: acting.user.id,
        details: { refusal: error.refusal.code },
      } as const;
      if (await hasAccountTry(ctx, "refusalNote", acting.user.id))
        await recordEvent(ctx, withActor(event, actorOf(acting)));
    }
    throw error;
  }
}
