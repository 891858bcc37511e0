import { hashToken } from "@/lib/crypto/tokens";
import { Prisma } from "@/lib/db/generated/client";
import { liveChallenge } from "./challenges";
import { type Context, secondsAfter, secondsUntil } from "./context";
import { guessPrice, isUsedUp } from "./factor-budget";
import { maskEmail } from "./input";
import { LIMITS } from "./limits";

/** A sign-in whose code is owed, as whoever asks for the code sees it. */
export type ShownChallenge = {
  id: string;
  userId: string;
  email: string;
  maskedEmail: string;
  triesLeft: number;
  expiresAt: Date;
  /** Only recovery codes are looked at: strangers used the account's year up. */
  isLocked: boolean;
  /** Only recovery codes are looked at for so long; null: all are. */
  waitSeconds: number | null;
  /** Administrators are asked for a code each time. */
  canTrustBrowser: boolean;
  /** Codes can be mailed here: the operator offers it, and the person is no administrator. */
  isMailOffered: boolean;
  /** Somebody who reads the mailbox said so. */
  isEmailConfirmed: boolean;
  isCodeMailed: boolean;
  /** How long until another code can be mailed; 0: now. */
  mailAgainSeconds: number;
};

type Row = Pick<
  ShownChallenge,
  "id" | "userId" | "email" | "triesLeft" | "expiresAt" | "isEmailConfirmed"
> & {
  isAdmin: boolean;
  mailedAt: Date | null;
  waitUntil: Date | null;
  isUsedUp: boolean | null;
  isKnownBrowser: boolean;
};

/** A live challenge, or null. One statement; takes no try. */
export async function readChallenge(ctx: Context, token: string): Promise<ShownChallenge | null> {
  const tokenHash = hashToken(token);
  if (tokenHash === null) return null;
  const browserHash = ctx.browserToken === null ? null : hashToken(ctx.browserToken);
  const [row] = await ctx.db.$queryRaw<Row[]>`
    SELECT c.id, u.id AS "userId", u.email, u.is_admin AS "isAdmin", u.email_verified_at IS NOT NULL AS "isEmailConfirmed",
      ${LIMITS.challenge.tries} - c.tries AS "triesLeft", c.expires_at AS "expiresAt", c.mailed_at AS "mailedAt",
      b.wait_until AS "waitUntil", ${isUsedUp(ctx.now)} AS "isUsedUp",
      EXISTS (SELECT 1 FROM known_browser k WHERE k.user_id = u.id AND k.expires_at > ${ctx.now}::timestamptz
        AND k.token_hash = ${browserHash}
        AND k.spent + ${guessPrice(Prisma.sql`u.id`)} <= ${LIMITS.knownBrowser.units}) AS "isKnownBrowser"
    FROM challenge c JOIN "user" u ON u.id = c.user_id AND u.disabled_at IS NULL
      LEFT JOIN factor_budget b ON b.user_id = u.id
    WHERE ${liveChallenge(ctx, tokenHash)}`;
  return row ? shownFrom(ctx, row) : null;
}

function shownFrom(ctx: Context, row: Row): ShownChallenge {
  const { id, userId, email, triesLeft, expiresAt, isEmailConfirmed, mailedAt, waitUntil } = row;
  const isLocked = !row.isKnownBrowser && row.isUsedUp === true;
  const isWaiting = !row.isKnownBrowser && !isLocked && waitUntil !== null && waitUntil > ctx.now;
  const mailAgainAt = mailedAt && secondsAfter(mailedAt, LIMITS.mailedCode.resendSeconds);
  return {
    id,
    userId,
    email,
    maskedEmail: maskEmail(email),
    triesLeft,
    expiresAt,
    isLocked,
    waitSeconds: isWaiting ? secondsUntil(waitUntil, ctx.now) : null,
    canTrustBrowser: !row.isAdmin,
    isMailOffered: ctx.settings.emailCodes && !row.isAdmin,
    isEmailConfirmed,
    isCodeMailed: mailedAt !== null,
    mailAgainSeconds: mailAgainAt && mailAgainAt > ctx.now ? secondsUntil(mailAgainAt, ctx.now) : 0,
  };
}

/** Whether a code that is mailed now would be looked at. */
export function canMailCode({
  isMailOffered,
  isEmailConfirmed,
  isLocked,
  waitSeconds,
}: ShownChallenge): boolean {
  return isMailOffered && isEmailConfirmed && !isLocked && waitSeconds === null;
}
