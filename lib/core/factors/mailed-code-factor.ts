import { timingSafeEqual } from "node:crypto";
import { Prisma } from "@/lib/db/generated/client";
import type { Context } from "../context";
import { LIMITS } from "../limits";
import { mailedCode } from "../mail-secrets";
import type { CodeFactor, TypedCode } from "./factor";

/** The code that was mailed last for a challenge or a session, by its id; `mailedAt` in seconds since 1970. */
type MailedCode = { id: string; mailedAt: number } & ({ challengeId: string } | { sessionId: string });

const CODE = new RegExp(`^\\d{${LIMITS.mailedCode.digits}}$`);

/**
 * Codes that were mailed for one sign-in, or to somebody who is signed in. Each is bound to its challenge or session, and the
 * newest is the only one: it is a column of that. Where the operator offers them, and never to administrators: see
 * mailed-code.ts.
 */
export const mailedCodeFactor: CodeFactor = {
  kind: "email",
  recognises: (code) => CODE.test(code),
  isHeldByAccountLimit: true,
  isHashed: false,
  isStrong: false,
  trust: "is not given",
  candidates: (whose) => {
    const [table, name, id] =
      "challengeId" in whose
        ? [Prisma.sql`challenge`, "challengeId", whose.challengeId]
        : [Prisma.sql`session`, "sessionId", whose.sessionId];
    return Prisma.sql`(
      SELECT coalesce(json_agg(json_build_object('id', c.mailed_code_id, ${name}::text, c.id,
        'mailedAt', extract(epoch FROM c.mailed_at))), '[]'::json)
      FROM ${table} c JOIN "user" u ON u.id = c.user_id
      WHERE c.id = ${id} AND c.mailed_code_id IS NOT NULL AND NOT u.is_admin)`;
  },
  async match(ctx, userId, code, candidates) {
    const mailed = outstandingCode(ctx, candidates);
    if (mailed === null) return null;
    const expected = Buffer.from(mailedCode(ctx.keys, mailed.id));
    if (!timingSafeEqual(expected, Buffer.from(code))) return null;
    // A challenge is used up with its code, by the statement that this is part of.
    const spend = (when: Prisma.Sql) =>
      "challengeId" in mailed
        ? Prisma.sql`
      SELECT user_id FROM challenge
      WHERE id = ${mailed.challengeId} AND user_id = ${userId} AND mailed_code_id = ${mailed.id} AND ${when}
      FOR UPDATE`
        : Prisma.sql`
      UPDATE session SET mailed_code_id = NULL
      WHERE id = ${mailed.sessionId} AND user_id = ${userId} AND mailed_code_id = ${mailed.id} AND ${when}
      RETURNING user_id`;
    return { factor: mailedCodeFactor, factorId: mailed.id, spend };
  },
};

/** The code that can still be typed; null: none was mailed, or it has lapsed, or they are not offered any more. */
function outstandingCode(ctx: Context, candidates: unknown): MailedCode | null {
  // The row that `candidates` selects.
  const [mailed] = candidates as MailedCode[];
  if (!ctx.settings.emailCodes || !mailed) return null;
  return ctx.now.getTime() / 1000 < mailed.mailedAt + LIMITS.mailedCode.ttlSeconds ? mailed : null;
}

/** Whether a mailed code was asked for where none can be typed any more. */
export function isNoneMailed(ctx: Context, { factor }: TypedCode, candidates: unknown): boolean {
  return factor === mailedCodeFactor && outstandingCode(ctx, candidates) === null;
}
