import { type Acting, callerOf, requireAccess } from "../access/guard";
import { readStanding, type Standing } from "../adoption";
import { type ApiTokenSummary, apiTokensOf } from "../api-tokens";
import type { Context } from "../context";
import { eventsAbout } from "../events";
import { type FactorLock, readFactorLock } from "../factor-budget";
import { type TotpOfUser, totpOf } from "../factors/totp-of-users";
import { refuse } from "../refusals";
import { type ListedSession, liveSessionsOf } from "../sessions";
import { trustedBrowsersOf } from "../trusted-browsers";
import { findUser, listUsers, type UserFilter, type UserPage, type UserSummary } from "../user-summary";
import { isInvited } from "./make-user";

type Trusted = Awaited<ReturnType<typeof trustedBrowsersOf>>[number];
type EventAbout = Awaited<ReturnType<typeof eventsAbout>>["events"][number];

/** An account with all that an administrator sees of it: never a secret, a code or a token. */
export type UserDetails = UserSummary & {
  emailVerifiedAt: Date | null;
  twoFactorSince: Date | null;
  standing: Standing;
  /** A new password was asked for, and is not chosen yet. */
  passwordChangeDemandedAt: Date | null;
  /** An invitation was mailed and not accepted; `endsAt` null: it has lapsed. */
  invitation: { endsAt: Date | null } | null;
  factors: TotpOfUser[];
  sessions: ListedSession[];
  trustedBrowsers: Trusted[];
  apiTokens: ApiTokenSummary[];
  /** How tries of codes stand, and until when passwords from unknown browsers wait. */
  lock: FactorLock & { passwordWaitUntil: Date | null };
  events: EventAbout[];
  /** E-mail addresses by the ids of accounts that are named as who did something. */
  people: ReadonlyMap<string, string>;
};

const SHOWN_EVENTS = 20;

/** Accounts, a page at a time. Refuses what the guard does. */
export async function listUsersFor(
  ctx: Context,
  acting: Acting,
  query: UserFilter & UserPage,
): Promise<UserSummary[]> {
  requireAccess("users.list", callerOf(acting));
  return listUsers(ctx, query);
}

/** An account in short. Refuses `not_found`, and what the guard does. */
export async function findUserFor(ctx: Context, acting: Acting, id: string): Promise<UserSummary> {
  requireAccess("users.list", callerOf(acting));
  return findUser(ctx, { id });
}

/** An account with everything. Refuses `not_found`, and what the guard does. */
export async function readUser(ctx: Context, acting: Acting, id: string): Promise<UserDetails> {
  const summary = await findUserFor(ctx, acting, id);
  const [account, standing, invitation, factors, sessions, trustedBrowsers, apiTokens, lock, { events }] =
    await Promise.all([
      readAccount(ctx, id),
      readStanding(ctx, id),
      readInvitation(ctx, id),
      totpOf(ctx, id),
      liveSessionsOf(ctx, id),
      trustedBrowsersOf(ctx, id),
      apiTokensOf(ctx, id),
      readLock(ctx, id),
      eventsAbout(ctx, id, { limit: SHOWN_EVENTS }),
    ]);
  const ids = [...events.map(({ actor }) => actor), ...factors.map(({ provisionedBy }) => provisionedBy)];
  const people = await emailsOf(ctx, ids);
  const lists = { factors, sessions, trustedBrowsers, apiTokens, events, people };
  return { ...summary, ...account, standing, invitation, lock, ...lists };
}

async function readAccount(ctx: Context, id: string) {
  const select = { emailVerifiedAt: true, twoFactorSince: true, passwordChangeDemandedAt: true };
  return (await ctx.db.user.findUnique({ where: { id }, select })) ?? refuse({ code: "not_found" });
}

async function readInvitation(ctx: Context, userId: string): Promise<UserDetails["invitation"]> {
  if (!(await isInvited(ctx.db, userId))) return null;
  const where = { userId, purpose: "invitation", expiresAt: { gt: ctx.now } };
  const link = await ctx.db.mailLink.findFirst({ where, select: { expiresAt: true } });
  return { endsAt: link?.expiresAt ?? null };
}

async function readLock(ctx: Context, userId: string): Promise<UserDetails["lock"]> {
  const waiting = { key: userId, waitUntil: { gt: ctx.now } };
  const [factors, password] = await Promise.all([
    readFactorLock(ctx, userId),
    ctx.db.passwordBudget.findFirst({ where: waiting, select: { waitUntil: true } }),
  ]);
  return { ...factors, passwordWaitUntil: password?.waitUntil ?? null };
}

async function emailsOf(ctx: Context, ids: readonly (string | null)[]): Promise<Map<string, string>> {
  const named = [...new Set(ids)].filter((id) => id !== null);
  const users = await ctx.db.user.findMany({
    where: { id: { in: named } },
    select: { id: true, email: true },
  });
  return new Map(users.map(({ id, email }) => [id, email]));
}
