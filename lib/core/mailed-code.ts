import { Prisma } from "@/lib/db/generated/client";
import { requireAccess } from "./access/guard";
import { type Context, secondsAfter } from "./context";
import { noteEventPart } from "./events";
import { newId } from "./ids";
import { LIMITS } from "./limits";
import { queueMailPart } from "./mail-queue";
import { readChallenge, type ShownChallenge } from "./read-challenge";
import { refuse } from "./refusals";
import { spendAccountTry, spendAddressTry } from "./try-budget";

const { resendSeconds } = LIMITS.mailedCode;

/**
 * Mails a code for a sign-in whose second factor is owed, where the operator offers that; one mailed before is void. Only
 * to an address that was confirmed, never for an administrator, and not while such codes are held back.
 * Refuses `challenge_expired`, `forbidden`, `conflict` (email_unconfirmed), `locked`, `too_many_requests`.
 */
export async function mailSignInCode(ctx: Context, typed: { challengeToken: string }): Promise<void> {
  requireAccess("email_code.send", { kind: "challenge" });
  const challenge = await readChallenge(ctx, typed.challengeToken);
  if (challenge === null) return refuse({ code: "challenge_expired" });
  refuseUnmailable(challenge);
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

function refuseUnmailable(challenge: ShownChallenge): void {
  const { isMailOffered, isEmailConfirmed, isLocked, waitSeconds, mailAgainSeconds } = challenge;
  if (!isMailOffered) refuse({ code: "forbidden" });
  if (!isEmailConfirmed) refuse({ code: "conflict", reason: "email_unconfirmed" });
  if (isLocked) refuse({ code: "locked", retryAfterSeconds: null });
  if (waitSeconds !== null) refuse({ code: "locked", retryAfterSeconds: waitSeconds });
  if (mailAgainSeconds > 0) refuse({ code: "too_many_requests", retryAfterSeconds: mailAgainSeconds });
}
