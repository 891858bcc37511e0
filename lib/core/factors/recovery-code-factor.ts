import { parseRecoveryCode, verifyRecoverySecret } from "@/lib/crypto/recovery-code";
import { Prisma } from "@/lib/db/generated/client";
import { queueRecoveryMailPart } from "../mail-queue";
import type { CodeFactor } from "./factor";

type StoredCode = { id: string; hash: string };

/**
 * Recovery codes. 84 secret bits cannot be guessed, so the account's waits do not hold them back: they are the owner's
 * way in while somebody else burns the budget. The challenge's tries and the address's limits count them all the same.
 */
export const recoveryCodeFactor: CodeFactor = {
  kind: "recovery",
  recognises: (code) => parseRecoveryCode(code) !== null,
  isHeldByAccountLimit: false,
  isHashed: true,
  isStrong: true,
  // Whoever had to fall back on one may have lost a browser, too.
  trust: "ends",
  candidates: ({ userId }, code) => Prisma.sql`(
    SELECT coalesce(json_agg(json_build_object('id', r.id, 'hash', r.hash)), '[]'::json) FROM recovery_code r
    WHERE r.user_id = ${userId} AND r.used_at IS NULL AND r.selector = ${parseRecoveryCode(code)?.selector ?? null})`,
  async match(ctx, userId, code, candidates) {
    const typed = parseRecoveryCode(code);
    // The row that `candidates` selects; a selector is unique within a user's set.
    const [stored] = candidates as StoredCode[];
    if (!typed || !stored) return null;
    if (!(await verifyRecoverySecret(ctx.keys.pepper, userId, typed.secret, stored.hash))) return null;
    const spend = (when: Prisma.Sql) => Prisma.sql`
      UPDATE recovery_code SET used_at = ${ctx.now}::timestamptz
      WHERE id = ${stored.id} AND user_id = ${userId} AND used_at IS NULL AND ${when}
      RETURNING user_id`;
    return { factor: recoveryCodeFactor, factorId: stored.id, spend };
  },
  queueUseMail: queueRecoveryMailPart,
};
