import { Prisma } from "@/lib/db/generated/client";
import { requireAccess } from "./access/guard";
import { type Context, secondsAfter } from "./context";
import { noteEventPart } from "./events";
import { newId } from "./ids";
import { LIMITS } from "./limits";
import { queueMailPart } from "./mail-queue";
import { matchOwnCode, spendOwnCodeParts } from "./own-code";
import { readChallenge, type ShownChallenge } from "./read-challenge";
import { refuse } from "./refusals";
import type { SignedIn } from "./sessions";
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
  await mailCode(ctx, challenge, Prisma.sql`challenge`, "sign_in_code", "sign_in.code_mailed");
}

/**
 * Mails a code to somebody who is signed in, with two-factor sign-in on; one mailed to them before is void. It proves that
 * they read the mailbox, which is enough for nothing sensitive. To whom as `mailSignInCode`.
 * Refuses `conflict` (two_factor_off, email_unconfirmed), `forbidden`, `too_many_requests`.
 */
export async function mailOwnCode(ctx: Context, signedIn: SignedIn): Promise<void> {
  requireAccess("email_code.send", { kind: "session", signedIn });
  if (!signedIn.twoFactor.isOn) refuse({ code: "conflict", reason: "two_factor_off" });
  if (!ctx.settings.emailCodes || signedIn.user.isAdmin) refuse({ code: "forbidden" });
  if (!signedIn.user.isEmailConfirmed) refuse({ code: "conflict", reason: "email_unconfirmed" });
  const holder = { id: signedIn.session.id, userId: signedIn.user.id };
  await mailCode(ctx, holder, Prisma.sql`session`, "own_code", "code.mailed");
}

/**
 * Checks and uses up a code that `mailOwnCode` mailed. It opens nothing, and is no fresh proof.
 * Refuses as `matchOwnCode`.
 */
export async function checkOwnMailedCode(
  ctx: Context,
  signedIn: SignedIn,
  typed: { code: string },
): Promise<void> {
  requireAccess("email_code.verify", { kind: "session", signedIn });
  const asked = { code: typed.code, failure: "code.mailed_failed", factor: "email" } as const;
  const ownCode = await matchOwnCode(ctx, signedIn, asked);
  const spent = await ctx.db.$queryRaw<unknown[]>`
    WITH ${spendOwnCodeParts(ctx, ownCode)}
    ${noteEventPart(ctx, Prisma.sql`source`, "code.mailed_used")} RETURNING 1`;
  if (spent.length === 0) await ownCode.refuse();
}

/** Of any number of parallel requests one sends a mail. */
async function mailCode(
  ctx: Context,
  holder: { id: string; userId: string },
  table: Prisma.Sql,
  mail: "sign_in_code" | "own_code",
  event: "sign_in.code_mailed" | "code.mailed",
): Promise<void> {
  await spendAddressTry(ctx, "mailRequest");
  await spendAccountTry(ctx, "signInCodeMail", holder.userId);
  const codeId = newId(ctx.now);
  const asked = Prisma.sql`asked AS source`;
  const sent = await ctx.db.$queryRaw<unknown[]>`
    WITH asked AS (
      UPDATE ${table} SET mailed_code_id = ${codeId}, mailed_at = ${ctx.now}::timestamptz
      WHERE id = ${holder.id} AND (mailed_at IS NULL OR mailed_at <= ${secondsAfter(ctx.now, -resendSeconds)}::timestamptz)
      RETURNING user_id
    ),
    mailed AS (${queueMailPart(ctx, asked, mail, { codeId })})
    ${noteEventPart(ctx, asked, event)} RETURNING 1`;
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
