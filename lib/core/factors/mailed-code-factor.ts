import { timingSafeEqual } from "node:crypto";
import { Prisma } from "@/lib/db/generated/client";
import { LIMITS } from "../limits";
import { mailedCode } from "../mail-secrets";
import type { CodeFactor } from "./factor";

/** The code that was mailed last for a challenge, by its id; `mailedAt` in seconds since 1970. */
type MailedCode = { id: string; challengeId: string; mailedAt: number };

const CODE = new RegExp(`^\\d{${LIMITS.mailedCode.digits}}$`);

/**
 * Codes that were mailed for one sign-in. Each is bound to its challenge, and the newest is the only one: it is the
 * challenge's column. Where the operator offers them, and never to administrators: see mailed-code.ts.
 */
export const mailedCodeFactor: CodeFactor = {
  kind: "email",
  recognises: (code) => CODE.test(code),
  isHeldByAccountLimit: true,
  isStrong: false,
  trust: "is not given",
  candidates: ({ challengeId }) => Prisma.sql`(
    SELECT coalesce(json_agg(json_build_object('id', c.mailed_code_id, 'challengeId', c.id,
      'mailedAt', extract(epoch FROM c.mailed_at))), '[]'::json)
    FROM challenge c JOIN "user" u ON u.id = c.user_id
    WHERE c.id = ${challengeId} AND c.mailed_code_id IS NOT NULL AND NOT u.is_admin)`,
  async match(ctx, userId, code, candidates) {
    // The row that `candidates` selects.
    const [mailed] = candidates as MailedCode[];
    if (!ctx.settings.emailCodes || !mailed) return null;
    if (ctx.now.getTime() / 1000 >= mailed.mailedAt + LIMITS.mailedCode.ttlSeconds) return null;
    const expected = Buffer.from(mailedCode(ctx.keys, mailed.id));
    if (!timingSafeEqual(expected, Buffer.from(code))) return null;
    // The challenge is used up with the code, by the statement that this is part of.
    const spend = (when: Prisma.Sql) => Prisma.sql`
      SELECT user_id FROM challenge
      WHERE id = ${mailed.challengeId} AND user_id = ${userId} AND mailed_code_id = ${mailed.id} AND ${when}
      FOR UPDATE`;
    return { factor: mailedCodeFactor, factorId: mailed.id, spend };
  },
};
