import type { Context } from "../context";
import type { Spent, Unspent } from "../factor-budget";
import { type CodeHint, refuse } from "../refusals";
import type { TypedCode } from "./factor";

/**
 * Why a code was wrong, if this browser may know: only where the guess was paid for from a known browser's own budget.
 * What a stranger learned so would save them guesses.
 */
export function hintFor(
  ctx: Context,
  userId: string,
  { code, factor }: TypedCode,
  candidates: unknown,
  spent: Spent | Unspent,
): CodeHint | null {
  return spent.from === "browser" ? (factor?.diagnose?.(ctx, userId, code, candidates) ?? null) : null;
}

/** Refuses `invalid_code`, with what is known of its cause. */
export function refuseCode(triesLeft: number | null, hint: CodeHint | null): never {
  return refuse({ code: "invalid_code", triesLeft, ...(hint ? { hint } : {}) });
}
