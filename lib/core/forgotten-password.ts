import { createHmac } from "node:crypto";
import { hashPassword } from "@/lib/crypto/passwords";
import { hashToken } from "@/lib/crypto/tokens";
import { Prisma } from "@/lib/db/generated/client";
import { type Context, secondsAfter } from "./context";
import { eventRow, noteEventPart } from "./events";
import { isUsedUp } from "./factor-budget";
import { newId } from "./ids";
import { parseEmail, parsePassword } from "./input";
import { LIMITS } from "./limits";
import { mailRow, queueMailPart } from "./mail-queue";
import { mailLinkId } from "./mail-secrets";
import { refuse } from "./refusals";
import { spendAddressTry, takeAccountTry } from "./try-budget";

const PURPOSE = "new_password";

/**
 * Mails whoever has this address a link to choose a new password; the newest link is the only one. Nothing tells whether
 * somebody has it, nor whether they were sent as many mails as one may be sent: the same statement runs for everybody.
 * Refuses `invalid_input`, `too_many_requests` (by network address alone).
 */
export async function askForNewPassword(ctx: Context, typed: { email: string }): Promise<void> {
  const email = parseEmail(typed.email);
  await spendAddressTry(ctx, "mailRequest");
  // By what was typed: an address that nobody has is counted like any other. Browsers that the account knows have a count
  // of their own, or strangers could use up the owner's.
  const typedHash = createHmac("sha256", ctx.keys.pepper).update(email).digest("base64url");
  const browserHash = ctx.browserToken === null ? null : hashToken(ctx.browserToken);
  const linkId = newId(ctx.now);
  const expiresAt = secondsAfter(ctx.now, LIMITS.newPasswordLink.ttlSeconds);
  const link = Prisma.sql`link AS source`;
  await ctx.db.$queryRaw`
    WITH asked AS (
      SELECT ${typedHash} || CASE WHEN EXISTS (
        SELECT 1 FROM known_browser b JOIN "user" u ON u.id = b.user_id
        WHERE u.email = ${email} AND b.token_hash = ${browserHash} AND b.expires_at > ${ctx.now}::timestamptz
      ) THEN ':known' ELSE '' END AS account
    ),
    taken AS (${takeAccountTry(ctx, "newPasswordMail", Prisma.sql`asked.account`, Prisma.sql`asked`)}),
    person AS (SELECT u.id AS user_id FROM "user" u, taken WHERE u.email = ${email} AND u.disabled_at IS NULL),
    older AS (
      DELETE FROM mail_link AS l USING person WHERE l.user_id = person.user_id AND l.purpose = ${PURPOSE}
    ),
    link AS (
      INSERT INTO mail_link (id, user_id, purpose, email, created_at, expires_at)
      SELECT ${linkId}, user_id, ${PURPOSE}, ${email}, ${ctx.now}::timestamptz, ${expiresAt}::timestamptz FROM person
      RETURNING user_id
    ),
    mailed AS (${queueMailPart(ctx, link, "new_password_asked", { linkId })})
    ${noteEventPart(ctx, link, "password.reset_asked")} RETURNING 1`;
}

/** Whether a link is good now. Looking at it changes nothing: programs that read mails open links, too. */
export async function canChooseNewPassword(ctx: Context, token: string): Promise<boolean> {
  return (await ctx.db.mailLink.count({ where: liveLink(ctx, token) })) > 0;
}

function liveLink(ctx: Context, token: string) {
  return { id: mailLinkId(ctx.keys, token) ?? "", purpose: PURPOSE, expiresAt: { gt: ctx.now } };
}

/**
 * Gives the account that a mailed link is for a new password. All its sessions, open challenges and trust in browsers
 * end, and so do the waits after wrong passwords. It opens nothing: the next sign-in asks for the password and the second
 * factor as ever. Where strangers had used up the tries of unknown browsers they are given back, as the password that
 * those strangers know is gone; that is the owner's way in, and it is limited too.
 * Refuses `invalid_input`, `conflict` (link_gone).
 */
export async function chooseNewPassword(
  ctx: Context,
  typed: { token: string; newPassword: string },
): Promise<void> {
  const newPassword = parsePassword(typed.newPassword, "newPassword", true);
  const gone = { code: "conflict", reason: "link_gone" } as const;
  // Hashing is work; only holders of a link are worth it.
  if (!(await canChooseNewPassword(ctx, typed.token))) refuse(gone);
  const passwordHash = await hashPassword(newPassword);
  await ctx.db.$transaction(async (tx) => {
    const link = await tx.mailLink.findFirst({ where: liveLink(ctx, typed.token) });
    if (link === null) return refuse(gone);
    const { userId } = link;
    await tx.$queryRaw`SELECT 1 FROM "user" WHERE id = ${userId} FOR NO KEY UPDATE`;
    // Of any number of parallel requests one finds it.
    const { count } = await tx.mailLink.deleteMany({ where: liveLink(ctx, typed.token) });
    if (count === 0) refuse(gone);
    const where = { id: userId, disabledAt: null };
    const user = await tx.user.findFirst({ where, select: { email: true } });
    if (user === null) return refuse(gone);
    // Whoever has the link reads the mailbox that it was sent to.
    const verified = link.email === user.email ? { emailVerifiedAt: ctx.now } : {};
    await tx.user.update({ where: { id: userId }, data: { passwordHash, ...verified } });
    await tx.session.deleteMany({ where: { userId } });
    await tx.challenge.deleteMany({ where: { userId } });
    await tx.trustedBrowser.deleteMany({ where: { userId } });
    await tx.passwordBudget.deleteMany({ where: { key: { in: [userId, `own:${userId}`] } } });
    await tx.event.create({ data: eventRow(ctx, { kind: "password.reset", userId }) });
    await unlock(ctx, tx, userId);
    await tx.mail.create({ data: mailRow(ctx, user.email, "password_changed") });
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
