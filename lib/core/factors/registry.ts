import { parseCode } from "../input";
import type { CodeFactor, TypedCode } from "./factor";
import { recoveryCodeFactor } from "./recovery-code-factor";
import { totpFactor } from "./totp-factor";

/** Every kind of second factor. Their forms do not overlap. */
const FACTORS: readonly CodeFactor[] = [totpFactor, recoveryCodeFactor];

/** Reads what a person typed and tells by its form which factor it may belong to. Refuses `invalid_input`. */
export function readTypedCode(typed: string): TypedCode {
  const code = parseCode(typed);
  return { code, factor: FACTORS.find((factor) => factor.recognises(code)) ?? null };
}
