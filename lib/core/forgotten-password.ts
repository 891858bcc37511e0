import { requireRoomToHash } from "@/lib/crypto/argon2";
import { hashPassword } from "@/lib/crypto/passwords";
import { hashToken } from "@/lib/crypto/tokens";
import { Prisma } from "@/lib/db/generated/client";
import { type Context, secondsAfter } from "./context";
import { endAccess } from "./end-access";
import { eventRow, noteEventPart } from "./events";
import { isUsedUp } from "./factor-budget";
import { newId } from "./ids";
import { parseEmail, parsePassword } from "./input";
import { expectBrowser } from "./known-browsers";
import { LIMITS } from "./limits";
import { findMailLink, mailLinkEnd, spendMailLink } from "./mail-links";
import { mailRow, queueMailPart } from "./mail-queue";
import { refuse } from "./refusals";
import { addressKey, hashedEmail, spendAddressTry, takeAccountTry } from "./try-budget";

const PURPOSE = "new_password";
/** What a password may be chosen by: a link that was asked for, or the invitation to an account that somebody else made. */
const PURPOSES = [PURPOSE, "invitation"] as const;

/**
 * Mails whoever has this address a link to choose a new password; the newest link is the only one. Nothing tells whether
 * somebody has it, nor whether they were sent as many mails as one may be sent: the same statement runs for everybody.
 * Refuses `invalid_input`, `too_many_requests` (by network address alone).
 */
export async function askForNewPassword(ctx: Context, typed: { email: string }): Promise<void> {
  const email = parseEmail(typed.email);
  await spendAddressTry(ctx, "mailRequest");
  const emailHash = hashedEmail(ctx, email);
  const browserHash = ctx.browserToken === null ? null : hashToken(ctx.browserToken);
  const linkId = newId(ctx.now);
  const link = Prisma.sql`link AS source`;
  // Strangers must not use up what the owner may ask for: each network address has its own count, and so have the browsers
  // that the account knows, which what all others asked for does not hold back either. Where addresses are not ours to limit
  // they may be one for everybody: each ask stands for itself then.
  const network = ctx.settings.rateLimitAddress ? addressKey(ctx.address) : linkId;
  const asker = Prisma.sql`${emailHash}::text || ':' || CASE WHEN asked.is_known THEN 'known' ELSE ${network}::text END`;
  await ctx.db.$queryRaw`
    WITH asked AS (
      SELECT EXISTS (
        SELECT 1 FROM known_browser b JOIN "user" u ON u.id = b.user_id
        WHERE u.email = ${email} AND b.token_hash = ${browserHash} AND b.expires_at > ${ctx.now}::timestamptz
      ) AS is_known
    ),
    taken AS (${takeAccountTry(ctx, "newPasswordMail", asker, Prisma.sql`asked`)}),
    stranger AS (SELECT 1 FROM asked, taken WHERE NOT asked.is_known),
    taken_of_all AS (${takeAccountTry(ctx, "newPasswordMailByAll", emailHash, Prisma.sql`stranger`)}),
    person AS (
      SELECT u.id AS user_id FROM "user" u, asked, taken
      WHERE u.email = ${email} AND u.disabled_at IS NULL AND (asked.is_known OR EXISTS (SELECT 1 FROM taken_of_all))
    ),
    link AS (
      INSERT INTO mail_link (id, user_id, purpose, email, created_at, expires_at)
      SELECT ${linkId}, user_id, ${PURPOSE}, ${email}, ${ctx.now}::timestamptz, ${mailLinkEnd(ctx, PURPOSE)}::timestamptz
      FROM person
      ON CONFLICT (user_id, purpose) DO UPDATE SET id = excluded.id, email = excluded.email,
        created_at = excluded.created_at, expires_at = excluded.expires_at
      RETURNING user_id
    ),
    mailed AS (${queueMailPart(ctx, link, "new_password_asked", { linkId })})
    ${noteEventPart(ctx, Prisma.sql`(SELECT (SELECT user_id FROM link) AS user_id FROM taken) AS source`, "password.reset_asked")}
    RETURNING 1`;
}

/** What a link is that is good now, or null. Looking at it changes nothing: programs that read mails open links, too. */
export async function readPasswordLink(
  ctx: Context,
  token: string,
): Promise<{ isInvitation: boolean } | null> {
  const link = await findMailLink(ctx, token, PURPOSES);
  return link && { isInvitation: link.purpose === "invitation" };
}

/**
 * Gives the account that a mailed link is for a new password. Everything that the old one opened or began ends, and so do
 * the waits after wrong passwords. It opens nothing: the next sign-in asks for the password and the second factor as ever.
 * Where strangers had used up the tries of unknown browsers they are given back, as the password that those strangers know
 * is gone; that is the owner's way in, and it is limited too. Nor do those who go on with the old one make this browser wait.
 * Refuses `invalid_input`, `conflict` (link_gone).
 * @returns a token for the browser to keep, or null if the one it brought stays good
 */
export async function chooseNewPassword(
  ctx: Context,
  typed: { token: string; newPassword: string },
): Promise<{ browserToken: string | null }> {
  const newPassword = parsePassword(typed.newPassword, "newPassword", true);
  // Hashing is work; only holders of a link are worth it.
  if ((await readPasswordLink(ctx, typed.token)) === null) refuse({ code: "conflict", reason: "link_gone" });
  requireRoomToHash();
  const passwordHash = await hashPassword(newPassword);
  return ctx.db.$transaction(async (tx) => {
    const { user } = await spendMailLink(ctx, tx, typed.token, PURPOSES);
    const userId = user.id;
    // Whoever has the link reads the mailbox that it was sent to.
    await tx.user.update({
      where: { id: userId },
      data: { passwordHash, emailVerifiedAt: ctx.now, passwordChangeDemandedAt: null },
    });
    await endAccess(tx, userId);
    await tx.passwordBudget.deleteMany({ where: { key: { in: [userId, `own:${userId}`] } } });
    await tx.event.create({ data: eventRow(ctx, { kind: "password.reset", userId }) });
    await unlock(ctx, tx, userId);
    await tx.mail.create({ data: mailRow(ctx, user.email, "password_changed") });
    return { browserToken: await expectBrowser(ctx, tx, userId) };
  });
}

async function unlock(ctx: Context, tx: Prisma.TransactionClient, userId: string): Promise<void> {
  const { times, windowDays } = LIMITS.unlock;
  const kind = "sign_in.unlocked";
  const since = secondsAfter(ctx.now, -windowDays * 86_400);
  const unlocked = await tx.$queryRaw<unknown[]>`
    UPDATE factor_budget AS b SET failures = '{}', wait_until = NULL
    WHERE b.user_id = ${userId}
      AND ${isUsedUp(ctx.now)}
      AND (SELECT count(*) FROM event e
        WHERE e.user_id = b.user_id AND e.kind = ${kind} AND e.created_at > ${since}::timestamptz) < ${times}
    RETURNING 1`;
  if (unlocked.length > 0) await tx.event.create({ data: eventRow(ctx, { kind, userId }) });
}
