import type { Context } from "../context";
import { recordEvent } from "../events";
import { type RefusalCode, Refused } from "../refusals";
import type { SignedIn } from "../sessions";

/** What the guard says no with; what was typed wrongly is told in an event of its own, or not at all. */
const GUARDED: ReadonlySet<string> = new Set<RefusalCode>([
  "step_up_required",
  "enrolment_required",
  "forbidden",
  "not_found",
]);

/** Lets `work` through; an act that was not allowed is written into the account's audit trail. */
export async function notingRefusals<T>(ctx: Context, signedIn: SignedIn, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Refused && GUARDED.has(error.refusal.code)) {
      const details = { refusal: error.refusal.code };
      await recordEvent(ctx, { kind: "access.refused", userId: signedIn.user.id, details });
    }
    throw error;
  }
}
