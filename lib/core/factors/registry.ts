import { requireRoomToHash } from "@/lib/crypto/argon2";
import { parseCode } from "../input";
import type { CodeFactor, TypedCode } from "./factor";
import { mailedCodeFactor } from "./mailed-code-factor";
import { recoveryCodeFactor } from "./recovery-code-factor";
import { totpFactor } from "./totp-factor";

/** The kinds that a code tells by its form, which do not overlap. */
const FACTORS: readonly CodeFactor[] = [totpFactor, recoveryCodeFactor];

/** What can be asked for by itself. A mailed code must be: it looks like an authenticator's. */
const ASKED_FOR: Readonly<Record<CodeFactor["kind"], CodeFactor>> = {
  totp: totpFactor,
  recovery: recoveryCodeFactor,
  email: mailedCodeFactor,
};
export type AskedFactor = CodeFactor["kind"];

/**
 * Reads what a person typed and tells by its form which factor it may belong to. Refuses `invalid_input`; throws
 * TooManyHashes if there is no room to compare it now.
 * @param asked the one kind that counts; without it those that a code's form tells
 */
export function readTypedCode(typed: string, asked?: AskedFactor): TypedCode {
  const code = parseCode(typed);
  const kinds = asked === undefined ? FACTORS : [ASKED_FOR[asked]];
  const factor = kinds.find((kind) => kind.recognises(code)) ?? null;
  if (factor?.isHashed) requireRoomToHash();
  return { code, factor };
}
