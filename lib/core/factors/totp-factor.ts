import type { Keys } from "@/lib/crypto/keys";
import { open } from "@/lib/crypto/seal";
import { matchTotp, type TotpAlgorithm, type TotpParameters, totpStep } from "@/lib/crypto/totp";
import { Prisma } from "@/lib/db/generated/client";
import { LIMITS } from "../limits";
import type { CodeHint } from "../refusals";
import type { CodeFactor } from "./factor";

/** An authenticator as the code step reads it. */
export type SealedTotp = { id: string; sealedSecret: string } & TotpParameters;

/** The columns of totp_factor as a JSON object that is a SealedTotp. */
export const SEALED_TOTP_JSON = Prisma.sql`json_build_object('id', f.id, 'sealedSecret', f.sealed_secret,
  'algorithm', f.algorithm, 'digits', f.digits, 'periodSeconds', f.period_seconds)`;

/** Those that an administrator made for their owner, who has not proven them yet. */
export const PROVISIONED = {
  confirmedAt: null,
  provisionedBy: { not: null },
  expiresAt: null,
} as const satisfies Prisma.TotpFactorWhereInput;

/** What a TOTP secret is sealed to: copied to another user or device it does not open. */
export function totpBinding(userId: string, factorId: string): string {
  return `totp:${userId}:${factorId}`;
}

/** The step of the code for this authenticator around `now`, or null. The caller must still spend it. Window: see matchTotp. */
export function matchSealedTotp(
  keys: Keys,
  userId: string,
  totp: SealedTotp,
  code: string,
  now: Date,
  window?: number,
): number | null {
  const secret = open(keys.ring, totp.sealedSecret, totpBinding(userId, totp.id));
  return matchTotp(secret, totp, code, now, window);
}

/** Why a code that was refused is none of this authenticator's now; null: it is none within ten minutes either. */
export function diagnoseSealedTotp(
  keys: Keys,
  userId: string,
  totp: SealedTotp,
  code: string,
  now: Date,
): CodeHint | null {
  const step = matchSealedTotp(keys, userId, totp, code, now, LIMITS.clockDiagnosis.steps);
  if (step === null) return null;
  const stepsOff = step - totpStep(now, totp.periodSeconds);
  if (Math.abs(stepsOff) <= 1) return { kind: "used" };
  return { kind: "clock", secondsOff: stepsOff * totp.periodSeconds };
}

/** Takes a row's text columns for the parameters they were written from. Throws TypeError if they are none. */
export function totpParameters(row: {
  algorithm: string;
  digits: number;
  periodSeconds: number;
}): TotpParameters {
  const algorithms: readonly TotpAlgorithm[] = ["SHA1", "SHA256", "SHA512"];
  const algorithm = algorithms.find((name) => name === row.algorithm);
  if (!algorithm || (row.digits !== 6 && row.digits !== 8))
    throw new TypeError("not an authenticator's parameters");
  return { algorithm, digits: row.digits, periodSeconds: row.periodSeconds };
}

const CODE = /^(?:\d{6}|\d{8})$/;

/** Codes from authenticator apps: 6 or 8 digits, judged only against devices that show that many. */
export const totpFactor: CodeFactor = {
  kind: "totp",
  recognises: (code) => CODE.test(code),
  isHeldByAccountLimit: true,
  isHashed: false,
  isStrong: true,
  trust: "may be given",
  candidates: ({ userId }, code) => sealedTotps(userId, code, Prisma.empty),
  async match(ctx, userId, code, candidates) {
    // The rows that `candidates` selects, each a SEALED_TOTP_JSON.
    for (const totp of candidates as SealedTotp[]) {
      const step = matchSealedTotp(ctx.keys, userId, totp, code, ctx.now);
      if (step === null) continue;
      const stepsOff = step - totpStep(ctx.now, totp.periodSeconds);
      const spend = (when: Prisma.Sql) => Prisma.sql`
        UPDATE totp_factor SET last_step = ${step}, last_used_at = ${ctx.now}::timestamptz, drift_steps = ${stepsOff}
        WHERE id = ${totp.id} AND user_id = ${userId} AND confirmed_at IS NOT NULL AND last_step < ${step}
          AND ${when}
        RETURNING user_id`;
      return { factor: totpFactor, factorId: totp.id, spend, stepsOff };
    }
    return null;
  },
  diagnose(ctx, userId, code, candidates) {
    // As in `match`.
    for (const totp of candidates as SealedTotp[]) {
      const hint = diagnoseSealedTotp(ctx.keys, userId, totp, code, ctx.now);
      if (hint !== null) return hint;
    }
    return null;
  },
};

/** As `totpFactor`, judged against one of the user's authenticators alone. */
export function totpFactorOf(id: string): CodeFactor {
  return {
    ...totpFactor,
    candidates: ({ userId }, code) => sealedTotps(userId, code, Prisma.sql`AND f.id = ${id}`),
  };
}

function sealedTotps(userId: Prisma.Sql, code: string, which: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(
    SELECT coalesce(json_agg(${SEALED_TOTP_JSON} ORDER BY f.last_used_at DESC NULLS LAST), '[]'::json)
    FROM totp_factor f
    WHERE f.user_id = ${userId} AND f.confirmed_at IS NOT NULL AND f.digits = ${code.length} ${which})`;
}
