import { Secret, TOTP } from "otpauth";

export const TOTP_ALGORITHMS = ["SHA1", "SHA256", "SHA512"] as const;
export type TotpAlgorithm = (typeof TOTP_ALGORITHMS)[number];

/** How an authenticator makes its codes (RFC 6238). */
export type TotpParameters = { algorithm: TotpAlgorithm; digits: 6 | 8; periodSeconds: number };

/** What every authenticator app understands; some ignore anything else. */
export const DEFAULT_TOTP: TotpParameters = { algorithm: "SHA1", digits: 6, periodSeconds: 30 };

/** 160 random bits: the length RFC 4226 section 4 recommends. */
export function newTotpSecret(): Uint8Array {
  return new Secret({ size: 20 }).bytes;
}

/** Base32 without padding (RFC 4648), as authenticator apps take it. */
export function toBase32(secret: Uint8Array): string {
  return secretOf(secret).base32;
}

/** The bytes of a base32 text, in any case, with or without blanks and padding. Throws TypeError for other characters. */
export function fromBase32(text: string): Uint8Array {
  return Secret.fromBase32(text.replace(/[\s=]/g, "")).bytes;
}

/** How many steps before and behind the present one a code may belong to (RFC 6238 section 5.2). */
export const TOTP_WINDOW_STEPS = 1;

/** The counter of a moment: whole periods since 1970 (RFC 6238 section 4.2). */
export function totpStep(now: Date, periodSeconds: number): number {
  return Math.floor(now.getTime() / 1000 / periodSeconds);
}

/** The code of one step, as the phone shows it. */
export function totpCode(secret: Uint8Array, parameters: TotpParameters, step: number): string {
  return totpOf(secret, parameters).generate({ timestamp: step * parameters.periodSeconds * 1000 });
}

/**
 * Which step's code this is, looking `TOTP_WINDOW_STEPS` to each side of `now` (RFC 6238 section 5.2), or null. The comparison is
 * constant-time. The caller must still refuse a step that is not newer than the last one used.
 * @param window look further than that, for a diagnosis that accepts nothing
 */
export function matchTotp(
  secret: Uint8Array,
  parameters: TotpParameters,
  code: string,
  now: Date,
  window = TOTP_WINDOW_STEPS,
): number | null {
  const delta = totpOf(secret, parameters).validate({ token: code, timestamp: now.getTime(), window });
  return delta === null ? null : totpStep(now, parameters.periodSeconds) + delta;
}

function totpOf(secret: Uint8Array, { algorithm, digits, periodSeconds }: TotpParameters): TOTP {
  return new TOTP({ secret: secretOf(secret), algorithm, digits, period: periodSeconds });
}

function secretOf(secret: Uint8Array): Secret {
  // otpauth takes an ArrayBuffer of exactly the secret; a Buffer is often a window into a larger pool.
  return new Secret({ buffer: new Uint8Array(secret).buffer });
}
