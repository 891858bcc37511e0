import type { Context } from "../context";
import type { Spent, Unspent } from "../factor-budget";
import { type CodeHint, type Refusal, refuse } from "../refusals";
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

/** `invalid_code`, with what is known of its cause. */
export function wrongCode(triesLeft: number | null, hint: CodeHint | null): Refusal {
  return { code: "invalid_code", triesLeft, ...(hint ? { hint } : {}) };
}

/** Refuses `wrongCode`. */
export function refuseCode(triesLeft: number | null, hint: CodeHint | null): never {
  return refuse(wrongCode(triesLeft, hint));
}
