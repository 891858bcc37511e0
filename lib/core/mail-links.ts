import type { Prisma } from "@/lib/db/generated/client";
import { type Context, secondsAfter } from "./context";
import { newId } from "./ids";
import { LIMITS } from "./limits";
import { mailLinkId } from "./mail-secrets";
import { refuse } from "./refusals";

/** What a link in a mail does when it is used. An account has one of each at most: the newest. */
export type MailLinkPurpose = "new_password" | "invitation" | "confirm_email" | "change_email";

const TTL_SECONDS: Record<MailLinkPurpose, number> = {
  new_password: LIMITS.newPasswordLink.ttlSeconds,
  invitation: LIMITS.invitation.ttlSeconds,
  confirm_email: LIMITS.emailLink.ttlSeconds,
  change_email: LIMITS.emailLink.ttlSeconds,
};

/** A link's end, from now. */
export function mailLinkEnd(ctx: Context, purpose: MailLinkPurpose): Date {
  return secondsAfter(ctx.now, TTL_SECONDS[purpose]);
}

/** Makes the link of its purpose that counts from now on; returns its id, from which its mail is made. */
export async function makeMailLink(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { userId, email, purpose }: { userId: string; email: string; purpose: MailLinkPurpose },
): Promise<string> {
  const id = newId(ctx.now);
  const link = { id, email, createdAt: ctx.now, expiresAt: mailLinkEnd(ctx, purpose) };
  const where = { userId_purpose: { userId, purpose } };
  await tx.mailLink.upsert({ where, create: { userId, purpose, ...link }, update: link });
  return id;
}

/** What a token of these purposes is good for now, or null: none of ours, used, or lapsed. Looking changes nothing. */
export async function findMailLink(ctx: Context, token: string, purposes: readonly MailLinkPurpose[]) {
  const where = live(ctx, token, purposes);
  const link = await ctx.db.mailLink.findFirst({ where, include: { user: { select: { email: true } } } });
  return link && isOfItsAddress(link, link.user) ? link : null;
}

/**
 * Uses a link up, in the transaction of what it does. Exactly one of any number of parallel requests gets past this.
 * The user's row is held until the transaction ends. Refuses `conflict` (link_gone).
 */
export async function spendMailLink(
  ctx: Context,
  tx: Prisma.TransactionClient,
  token: string,
  purposes: readonly MailLinkPurpose[],
) {
  const where = live(ctx, token, purposes);
  const link = await tx.mailLink.findFirst({ where });
  if (link === null) return refuse({ code: "conflict", reason: "link_gone" });
  // The user first, as everything else that changes an account does, so that no two wait for each other.
  await tx.$queryRaw`SELECT 1 FROM "user" WHERE id = ${link.userId} FOR NO KEY UPDATE`;
  const { count } = await tx.mailLink.deleteMany({ where });
  const user = await tx.user.findFirst({ where: { id: link.userId, disabledAt: null } });
  if (count === 0 || user === null || !isOfItsAddress(link, user))
    return refuse({ code: "conflict", reason: "link_gone" });
  return { link, user };
}

/** A link that was mailed to an address which is the account's no longer is worth nothing; a change is to another one. */
function isOfItsAddress(link: { purpose: string; email: string }, user: { email: string }): boolean {
  return link.purpose === "change_email" || link.email === user.email;
}

function live(ctx: Context, token: string, purposes: readonly MailLinkPurpose[]) {
  const id = mailLinkId(ctx.keys, token) ?? "";
  return { id, purpose: { in: [...purposes] }, expiresAt: { gt: ctx.now } };
}
