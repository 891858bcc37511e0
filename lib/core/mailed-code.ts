import { hashToken } from "@/lib/crypto/tokens";
import { Prisma } from "@/lib/db/generated/client";
import { requireAccess } from "./access/guard";
import { liveChallenge } from "./challenges";
import { type Context, secondsAfter, secondsUntil } from "./context";
import { noteEventPart } from "./events";
import { newId } from "./ids";
import { LIMITS } from "./limits";
import { queueMailPart } from "./mail-queue";
import { refuse } from "./refusals";
import { spendAccountTry, spendAddressTry } from "./try-budget";

const { resendSeconds } = LIMITS.mailedCode;

/**
 * Mails a code for a sign-in whose second factor is owed, where the operator offers that; one mailed before is void. Only
 * to an address that was confirmed, and never for an administrator.
 * Refuses `challenge_expired`, `forbidden`, `conflict` (email_unconfirmed), `too_many_requests`.
 */
export async function mailSignInCode(ctx: Context, typed: { challengeToken: string }): Promise<void> {
  requireAccess("email_code.send", { kind: "challenge" });
  const challenge = await readMailable(ctx, typed.challengeToken);
  await spendAddressTry(ctx, "mailRequest");
  await spendAccountTry(ctx, "signInCodeMail", challenge.userId);
  const codeId = newId(ctx.now);
  const asked = Prisma.sql`asked AS source`;
  // Of any number of parallel requests one sends a mail.
  const sent = await ctx.db.$queryRaw<unknown[]>`
    WITH asked AS (
      UPDATE challenge SET mailed_code_id = ${codeId}, mailed_at = ${ctx.now}::timestamptz
      WHERE id = ${challenge.id} AND (mailed_at IS NULL OR mailed_at <= ${secondsAfter(ctx.now, -resendSeconds)}::timestamptz)
      RETURNING user_id
    ),
    mailed AS (${queueMailPart(ctx, asked, "sign_in_code", { codeId })})
    ${noteEventPart(ctx, asked, "sign_in.code_mailed")} RETURNING 1`;
  if (sent.length === 0) refuse({ code: "too_many_requests", retryAfterSeconds: resendSeconds });
}

async function readMailable(ctx: Context, token: string): Promise<{ id: string; userId: string }> {
  const tokenHash = hashToken(token) ?? refuse({ code: "challenge_expired" });
  type Row = { id: string; userId: string; isAdmin: boolean; isVerified: boolean; mailedAt: Date | null };
  const [row] = await ctx.db.$queryRaw<Row[]>`
    SELECT c.id, c.user_id AS "userId", u.is_admin AS "isAdmin", u.email_verified_at IS NOT NULL AS "isVerified",
      c.mailed_at AS "mailedAt"
    FROM challenge c JOIN "user" u ON u.id = c.user_id AND u.disabled_at IS NULL WHERE ${liveChallenge(ctx, tokenHash)}`;
  if (!row) return refuse({ code: "challenge_expired" });
  if (!ctx.settings.emailCodes || row.isAdmin) refuse({ code: "forbidden" });
  if (!row.isVerified) refuse({ code: "conflict", reason: "email_unconfirmed" });
  const nextAt = row.mailedAt && secondsAfter(row.mailedAt, resendSeconds);
  if (nextAt && nextAt > ctx.now)
    refuse({ code: "too_many_requests", retryAfterSeconds: secondsUntil(nextAt, ctx.now) });
  return row;
}
