import { Secret, TOTP, URI } from "otpauth";
import { TOTP_ALGORITHMS, type TotpParameters } from "./totp";

/** What a QR code tells an authenticator app. */
export type OtpauthAccount = TotpParameters & { issuer: string; account: string; secret: Uint8Array };

/** The key URI (`otpauth://totp/<issuer>:<account>?…`) that authenticator apps scan. */
export function otpauthUri({
  issuer,
  account,
  secret,
  algorithm,
  digits,
  periodSeconds,
}: OtpauthAccount): string {
  const buffer = new Uint8Array(secret).buffer;
  return new TOTP({
    issuer,
    label: account,
    secret: new Secret({ buffer }),
    algorithm,
    digits,
    period: periodSeconds,
  }).toString();
}

/** Reads a key URI back. Throws TypeError or URIError if it is not one of a TOTP account we could have made. */
export function parseOtpauthUri(uri: string): OtpauthAccount {
  const parsed = URI.parse(uri);
  if (!(parsed instanceof TOTP)) throw new TypeError("not a TOTP account");
  const algorithm = TOTP_ALGORITHMS.find((name) => name === parsed.algorithm);
  const { digits } = parsed;
  if (!algorithm || (digits !== 6 && digits !== 8)) throw new TypeError("not an algorithm or length we use");
  return {
    issuer: parsed.issuer,
    account: parsed.label,
    secret: parsed.secret.bytes,
    algorithm,
    digits,
    periodSeconds: parsed.period,
  };
}
