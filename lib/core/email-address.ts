import { Prisma } from "@/lib/db/generated/client";
import { requireAccess } from "./access/guard";
import type { Context } from "./context";
import { type EventActor, eventRow, withActor } from "./events";
import { maskEmail, parseEmail } from "./input";
import { findMailLink, type MailLinkPurpose, makeMailLink, spendMailLink } from "./mail-links";
import { mailRow } from "./mail-queue";
import { refuse } from "./refusals";
import { holdSession, type SignedIn } from "./sessions";
import { proveOwnPassword } from "./sign-in";
import { hashedEmail, spendAccountTry, spendAddressTry, takeAccountTry } from "./try-budget";

const PURPOSES: readonly MailLinkPurpose[] = ["confirm_email", "change_email"];

/** What a mailed link would do, for the page that asks whether to. */
export type EmailLink = { email: string; isChange: boolean };

/** When one's own address was confirmed; null: never. */
export async function readEmailConfirmation(ctx: Context, signedIn: SignedIn): Promise<Date | null> {
  requireAccess("email.confirm", { kind: "session", signedIn });
  const where = { id: signedIn.user.id };
  return (
    (await ctx.db.user.findUnique({ where, select: { emailVerifiedAt: true } }))?.emailVerifiedAt ?? null
  );
}

/** Mails one a link that confirms one's own address. Refuses `too_many_requests`. */
export async function askToConfirmEmail(ctx: Context, signedIn: SignedIn): Promise<void> {
  requireAccess("email.confirm", { kind: "session", signedIn });
  const { id: userId, email } = signedIn.user;
  await spendAddressTry(ctx, "mailRequest");
  await spendAccountTry(ctx, "emailLinkMail", userId);
  await ctx.db.$transaction(async (tx) => {
    await holdSession(tx, signedIn);
    await mailConfirmation(ctx, tx, { userId, email });
  });
}

/**
 * Mails the link that confirms an account's address, in the transaction of what it is for.
 * @param by the administrator who made the account, where it was not its owner
 */
export async function mailConfirmation(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { userId, email }: { userId: string; email: string },
  by: EventActor = {},
): Promise<void> {
  const linkId = await makeMailLink(ctx, tx, { userId, email, purpose: "confirm_email" });
  const event = { kind: "email.confirmation_asked", userId } as const;
  await tx.event.create({ data: eventRow(ctx, withActor(event, by)) });
  const isByOther = by.actor !== undefined && by.actor !== userId;
  const details = { linkId, ...(isByOther ? { isByAdministrator: true } : {}) };
  await tx.mail.create({ data: mailRow(ctx, email, "email_confirmation_asked", details) });
}

/**
 * Mails a link to a new address, and tells the old one; only when the link is used is the new one the account's. Whether
 * it is somebody else's already is told to nobody but its owner, by mail: whatever the asker can see is the same, the link
 * that nobody gets included. An address is mailed so often at most, whoever asks.
 * Refuses `invalid_input`, `step_up_required`, `wrong_password`, `too_many_requests`.
 */
export async function askToChangeEmail(
  ctx: Context,
  signedIn: SignedIn,
  typed: { email: string; password: string },
): Promise<void> {
  requireAccess("email.change", { kind: "session", signedIn });
  const email = parseEmail(typed.email);
  const passwordHash = await proveOwnPassword(ctx, signedIn, typed.password, "email.change_failed");
  const userId = signedIn.user.id;
  await spendAddressTry(ctx, "mailRequest");
  await spendAccountTry(ctx, "emailLinkMail", userId);
  await ctx.db.$transaction(async (tx) => {
    await holdSession(tx, signedIn);
    // A new password ends what was begun with the old one; this must not begin behind it.
    const [owner] = await tx.$queryRaw<{ email: string }[]>`
      SELECT email FROM "user" WHERE id = ${userId} AND password_hash = ${passwordHash} FOR NO KEY UPDATE`;
    if (!owner) return refuse({ code: "wrong_password" });
    const linkId = await makeMailLink(ctx, tx, { userId, email, purpose: "change_email" });
    await tx.event.create({ data: eventRow(ctx, { kind: "email.change_asked", userId }) });
    const once = Prisma.sql`(SELECT 1) AS once`;
    const mayMail = takeAccountTry(ctx, "newAddressMail", hashedEmail(ctx, email), once);
    if ((await tx.$queryRaw<unknown[]>(mayMail)).length > 0) {
      const isTaken = (await tx.user.count({ where: { email } })) > 0;
      const toNew = isTaken
        ? mailRow(ctx, email, "email_in_use")
        : mailRow(ctx, email, "email_change_asked", { linkId });
      await tx.mail.create({ data: toNew });
    }
    const newEmail = maskEmail(email);
    await tx.mail.create({ data: mailRow(ctx, owner.email, "email_change_announced", { newEmail }) });
  });
}

/** What a link would do now, or null: it is none of ours, used, or lapsed. Looking at it changes nothing. */
export async function readEmailLink(ctx: Context, token: string): Promise<EmailLink | null> {
  const link = await findMailLink(ctx, token, PURPOSES);
  return link && { email: link.email, isChange: link.purpose === "change_email" };
}

/**
 * Uses a link up: whoever holds it reads that mailbox. A changed address takes the place of the old one, which is told;
 * whatever was on its way to the old one, links and codes, is void.
 * Refuses `conflict` (link_gone, or address_in_use: somebody else has it by now).
 */
export async function confirmEmail(ctx: Context, typed: { token: string }): Promise<void> {
  try {
    await ctx.db.$transaction((tx) => confirm(ctx, tx, typed.token));
  } catch (error) {
    // Prisma's code for a row that is there already: somebody else got the address in the meantime.
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002")
      refuse({ code: "conflict", reason: "address_in_use" });
    throw error;
  }
}

async function confirm(ctx: Context, tx: Prisma.TransactionClient, token: string): Promise<void> {
  const { link, user } = await spendMailLink(ctx, tx, token, PURPOSES);
  const { userId, email } = link;
  const isChange = link.purpose === "change_email";
  if (isChange) {
    await tx.mailLink.deleteMany({ where: { userId } });
    await tx.challenge.deleteMany({ where: { userId } });
    await tx.session.updateMany({ where: { userId }, data: { mailedCodeId: null } });
    const newEmail = maskEmail(email);
    await tx.mail.create({ data: mailRow(ctx, user.email, "email_changed", { newEmail }) });
  }
  const kind = isChange ? "email.changed" : "email.confirmed";
  await tx.event.create({ data: eventRow(ctx, { kind, userId }) });
  // At the end: a unique column's change locks out whoever refers to this user, and they may hold what was deleted above.
  await tx.user.update({ where: { id: userId }, data: { email, emailVerifiedAt: ctx.now } });
}
