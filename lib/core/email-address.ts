import { Prisma } from "@/lib/db/generated/client";
import { requireAccess } from "./access/guard";
import { maskEmail } from "./challenges";
import { type Context, secondsAfter } from "./context";
import { type EventKind, eventRow } from "./events";
import { newId } from "./ids";
import { parseEmail } from "./input";
import { LIMITS } from "./limits";
import { type MailKind, mailRow } from "./mail-queue";
import { mailLinkId } from "./mail-secrets";
import { refuse } from "./refusals";
import { holdSession, type SignedIn } from "./sessions";
import { proveOwnPassword } from "./sign-in";
import { spendAccountTry, spendAddressTry } from "./try-budget";

/** What a link in a mail about an address says when it is used: this one is mine, or make this one mine. */
type Purpose = "confirm_email" | "change_email";
const PURPOSES: readonly Purpose[] = ["confirm_email", "change_email"];
const MAILS: Record<Purpose, MailKind> = {
  confirm_email: "email_confirmation_asked",
  change_email: "email_change_asked",
};
const ASKED: Record<Purpose, EventKind> = {
  confirm_email: "email.confirmation_asked",
  change_email: "email.change_asked",
};
const GONE = { code: "conflict", reason: "link_gone" } as const;

/** What a mailed link would do, for the page that asks whether to. */
export type EmailLink = { email: string; isChange: boolean };

/** When one's own address was confirmed; null: never. */
export async function readEmailConfirmation(ctx: Context, signedIn: SignedIn): Promise<Date | null> {
  requireAccess("two_factor.read", { kind: "session", signedIn });
  const where = { id: signedIn.user.id };
  return (
    (await ctx.db.user.findUnique({ where, select: { emailVerifiedAt: true } }))?.emailVerifiedAt ?? null
  );
}

/** Mails one a link that confirms one's own address. Refuses `too_many_requests`. */
export async function askToConfirmEmail(ctx: Context, signedIn: SignedIn): Promise<void> {
  requireAccess("two_factor.read", { kind: "session", signedIn });
  const { id, email } = signedIn.user;
  await spendAddressTry(ctx, "mailRequest");
  await spendAccountTry(ctx, "emailLinkMail", id);
  await ctx.db.$transaction(async (tx) => {
    await holdSession(tx, signedIn);
    await mailEmailLink(ctx, tx, { userId: id, email, purpose: "confirm_email" });
  });
}

/**
 * Mails a link to a new address; only when it is used is that the account's. Whether the address is somebody else's is told
 * to nobody but its owner, by mail.
 * Refuses `invalid_input`, `step_up_required`, `wrong_password`, `too_many_requests`.
 */
export async function askToChangeEmail(
  ctx: Context,
  signedIn: SignedIn,
  typed: { email: string; password: string },
): Promise<void> {
  requireAccess("email.change", { kind: "session", signedIn });
  const email = parseEmail(typed.email);
  await proveOwnPassword(ctx, signedIn, typed.password, "email.change_failed");
  const userId = signedIn.user.id;
  await spendAddressTry(ctx, "mailRequest");
  await spendAccountTry(ctx, "emailLinkMail", userId);
  await ctx.db.$transaction(async (tx) => {
    await holdSession(tx, signedIn);
    if ((await tx.user.count({ where: { email } })) === 0)
      return mailEmailLink(ctx, tx, { userId, email, purpose: "change_email" });
    await tx.event.create({ data: eventRow(ctx, { kind: ASKED.change_email, userId }) });
    await tx.mail.create({ data: mailRow(ctx, email, "email_in_use") });
  });
}

/** Makes the link that counts from now on; an older one of its purpose is void. */
export async function mailEmailLink(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { userId, email, purpose }: { userId: string; email: string; purpose: Purpose },
): Promise<void> {
  const id = newId(ctx.now);
  const expiresAt = secondsAfter(ctx.now, LIMITS.emailLink.ttlSeconds);
  await tx.mailLink.deleteMany({ where: { userId, purpose } });
  await tx.mailLink.create({ data: { id, userId, purpose, email, createdAt: ctx.now, expiresAt } });
  await tx.event.create({ data: eventRow(ctx, { kind: ASKED[purpose], userId }) });
  await tx.mail.create({ data: mailRow(ctx, email, MAILS[purpose], { linkId: id }) });
}

function liveLink(ctx: Context, token: string) {
  const id = mailLinkId(ctx.keys, token) ?? "";
  return { id, purpose: { in: [...PURPOSES] }, expiresAt: { gt: ctx.now } };
}

/** What a link would do now, or null: it is none of ours, used, or lapsed. Looking at it changes nothing. */
export async function readEmailLink(ctx: Context, token: string): Promise<EmailLink | null> {
  const link = await ctx.db.mailLink.findFirst({ where: liveLink(ctx, token) });
  return link && { email: link.email, isChange: link.purpose === "change_email" };
}

/**
 * Uses a link up: whoever holds it reads that mailbox. A changed address takes the place of the old one, which is told;
 * whatever was on its way to the old one, links and codes, is void.
 * Refuses `conflict` (link_gone, or address_in_use: somebody else has it by now).
 */
export async function confirmEmail(ctx: Context, typed: { token: string }): Promise<void> {
  try {
    await ctx.db.$transaction((tx) => useLink(ctx, tx, typed.token));
  } catch (error) {
    // Prisma's code for a row that is there already: somebody else got the address in the meantime.
    if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002")
      refuse({ code: "conflict", reason: "address_in_use" });
    throw error;
  }
}

async function useLink(ctx: Context, tx: Prisma.TransactionClient, token: string): Promise<void> {
  const link = await tx.mailLink.findFirst({ where: liveLink(ctx, token) });
  if (link === null) return refuse(GONE);
  const { userId, email } = link;
  await tx.$queryRaw`SELECT 1 FROM "user" WHERE id = ${userId} FOR NO KEY UPDATE`;
  // Of any number of parallel requests one finds it.
  const { count } = await tx.mailLink.deleteMany({ where: liveLink(ctx, token) });
  const user = await tx.user.findFirst({ where: { id: userId, disabledAt: null }, select: { email: true } });
  if (count === 0 || user === null) return refuse(GONE);
  const isChange = link.purpose === "change_email";
  if (!isChange && user.email !== email) refuse(GONE);
  await tx.user.update({ where: { id: userId }, data: { email, emailVerifiedAt: ctx.now } });
  const kind = isChange ? "email.changed" : "email.confirmed";
  await tx.event.create({ data: eventRow(ctx, { kind, userId }) });
  if (!isChange) return;
  await tx.mailLink.deleteMany({ where: { userId } });
  await tx.challenge.deleteMany({ where: { userId } });
  await tx.mail.create({ data: mailRow(ctx, user.email, "email_changed", { name: maskEmail(email) }) });
}
