import { parseCode } from "../input";
import type { CodeFactor, TypedCode } from "./factor";
import { mailedCodeFactor } from "./mailed-code-factor";
import { recoveryCodeFactor } from "./recovery-code-factor";
import { totpFactor } from "./totp-factor";

/** The kinds that a code tells by its form, which do not overlap. */
const FACTORS: readonly CodeFactor[] = [totpFactor, recoveryCodeFactor];

/** Kinds whose codes look like another kind's: they are typed where they alone are asked for. */
const ASKED_FOR = { email: mailedCodeFactor };
export type AskedFactor = keyof typeof ASKED_FOR;

/**
 * Reads what a person typed and tells by its form which factor it may belong to. Refuses `invalid_input`.
 * @param asked the one kind that was asked for, where its form does not tell it
 */
export function readTypedCode(typed: string, asked?: AskedFactor): TypedCode {
  const code = parseCode(typed);
  const kinds = asked === undefined ? FACTORS : [ASKED_FOR[asked]];
  return { code, factor: kinds.find((factor) => factor.recognises(code)) ?? null };
}
