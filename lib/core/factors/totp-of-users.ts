import type { Prisma } from "@/lib/db/generated/client";
import { type Acting, callerOf, requireAccess } from "../access/guard";
import { holdActing, holdUser, isLastAdministrator } from "../admin/hold-user";
import type { Context } from "../context";
import { endOpenSignIns } from "../end-access";
import { noteByActing } from "../events";
import { parseName, parseReason } from "../input";
import { LIMITS } from "../limits";
import { mailRow } from "../mail-queue";
import { refuse } from "../refusals";
import { clearTwoFactor } from "./remove-totp";
import { PROVISIONED } from "./totp-factor";

// Everybody's authenticators, as administrators and their programs see them, rename them and take them away.

/** Somebody's authenticator, as administrators see it: never a secret. */
export type TotpOfUser = Prisma.TotpFactorGetPayload<{ select: typeof SEEN }>;

/** Of the owner, what is read with it. */
export const OWNER = {
  id: true,
  number: true,
  email: true,
  name: true,
  isAdmin: true,
  disabledAt: true,
} as const;
/** What `TotpOfUser` is read by. */
export const SEEN = {
  id: true,
  number: true,
  name: true,
  createdAt: true,
  confirmedAt: true,
  renamedAt: true,
  lastUsedAt: true,
  provisionedBy: true,
  user: { select: OWNER },
} as const;

/** Those that are no half-done set-up: nobody but its owner knows of one. */
export const KNOWN: Prisma.TotpFactorWhereInput = { OR: [{ confirmedAt: { not: null } }, PROVISIONED] };

/** One authenticator, by its id or the integer that dialects show. */
export type WhichTotp = ({ id: string } | { number: number }) & { userId?: string };

/** The user with the integer that dialects show. Refuses `not_found`, and what the guard does. */
export async function findOwnerByNumber(ctx: Context, acting: Acting, number: number): Promise<string> {
  requireAccess("devices.create", callerOf(acting));
  // PostgreSQL's integers end there.
  const where = { number: number < 1 || number > 2_147_483_647 ? 0 : number };
  const user = await ctx.db.user.findUnique({ where, select: { id: true } });
  return user?.id ?? refuse({ code: "not_found" });
}

/** How a list of authenticators is asked for. `search` looks into names and addresses, `name` is the whole of it. */
export type TotpQuery = {
  name?: string;
  search?: string;
  orderBy?: readonly Prisma.TotpFactorOrderByWithRelationInput[];
  offset: number;
  limit: number;
};
export type TotpPage = { count: number; rows: TotpOfUser[] };

/** Everybody's authenticators, or those of the user with a number, a page at a time, with how many there are. Refuses what the guard does. */
export function listTotpOfUsers(
  ctx: Context,
  acting: Acting,
  query: TotpQuery & { number?: number },
): Promise<TotpPage> {
  requireAccess("users.list", callerOf(acting));
  const { number } = query;
  return readPage(ctx, number === undefined ? KNOWN : { AND: [KNOWN, { user: { number } }] }, query);
}

/** As `listTotpOfUsers`, of one's own that are live. */
export function listOwnTotp(ctx: Context, acting: Acting, query: TotpQuery): Promise<TotpPage> {
  requireAccess("two_factor.read", callerOf(acting));
  return readPage(ctx, { userId: acting.user.id, confirmedAt: { not: null } }, query);
}

async function readPage(
  ctx: Context,
  which: Prisma.TotpFactorWhereInput,
  { name, search, orderBy = [{ number: "asc" }], offset, limit }: TotpQuery,
): Promise<TotpPage> {
  const contains = { contains: likeText(search ?? ""), mode: "insensitive" } as const;
  const found = { OR: [{ name: contains }, { user: { email: contains } }, { user: { name: contains } }] };
  const where = { AND: [which, ...(name === undefined ? [] : [{ name }]), ...(search ? [found] : [])] };
  const [count, rows] = await Promise.all([
    ctx.db.totpFactor.count({ where }),
    ctx.db.totpFactor.findMany({ where, orderBy: [...orderBy], skip: offset, take: limit, select: SEEN }),
  ]);
  return { count, rows };
}

/** What LIKE would read as a pattern stands for itself. */
function likeText(search: string): string {
  return search.replaceAll(/[\\%_]/g, "\\$&");
}

/** Those of one user, the oldest first. Whoever asks must have asked the guard. */
export function totpOf(ctx: Context, userId: string): Promise<TotpOfUser[]> {
  return ctx.db.totpFactor.findMany({
    where: { AND: [{ userId }, KNOWN] },
    orderBy: { number: "asc" },
    select: SEEN,
  });
}

/** One of them. Refuses `not_found`, `forbidden`, `insufficient_scope`. */
export async function findTotpOfUser(ctx: Context, acting: Acting, which: WhichTotp): Promise<TotpOfUser> {
  requireAccess("users.list", callerOf(acting));
  const row = await ctx.db.totpFactor.findFirst({ where: { AND: [which, KNOWN] }, select: SEEN });
  return row ?? refuse({ code: "not_found" });
}

/**
 * Gives somebody's authenticator another name; without one nothing changes.
 * Refuses `not_found`, `invalid_input`, and what the guard does.
 */
export async function renameTotpOfUser(
  ctx: Context,
  acting: Acting,
  which: WhichTotp,
  typed: { name?: string | undefined },
): Promise<TotpOfUser> {
  requireAccess("devices.rename", callerOf(acting));
  const name = typed.name === undefined ? null : parseName(typed.name, LIMITS.authenticators.nameLength);
  const where = { AND: [which, KNOWN] };
  return ctx.db.$transaction(async (tx) => {
    const row = await tx.totpFactor.findFirst({ where, select: SEEN });
    if (row === null) return refuse({ code: "not_found" });
    if (name === null) return row;
    await holdActing(tx, acting);
    const { count } = await tx.totpFactor.updateMany({ where, data: { name, renamedAt: ctx.now } });
    if (count === 0) refuse({ code: "not_found" });
    await noteByActing(ctx, tx, acting, { kind: "totp.renamed", userId: row.user.id, details: { name } });
    return { ...row, name, renamedAt: ctx.now };
  });
}

/**
 * Removes one of somebody's authenticators, or all that they have. Removing their last one turns their two-factor sign-in off;
 * they are told by mail. One that waits to be proven is only withdrawn. Refuses `not_found`, `forbidden` (one's own account, or
 * the last administrator's last one), and what the guard does.
 * @param typed.reason for the audit trail and the mail
 */
export async function removeTotpOfUser(
  ctx: Context,
  acting: Acting,
  which: WhichTotp | { userId: string },
  typed: { reason?: string } = {},
): Promise<void> {
  requireAccess("devices.remove", callerOf(acting));
  const reason = typed.reason === undefined ? {} : { reason: parseReason(typed.reason) };
  await ctx.db.$transaction(async (tx) => {
    const found = await tx.totpFactor.findMany({ where: { AND: [which, KNOWN] }, select: SEEN });
    const user = found[0]?.user ?? refuse({ code: "not_found" });
    await holdUser(tx, user.id);
    await holdActing(tx, acting);
    const live = found.filter(({ confirmedAt }) => confirmedAt !== null);
    const waiting = found.filter(({ confirmedAt }) => confirmedAt === null);
    const tell = (details: { name: string; isWaiting?: true; isOff?: true }) =>
      tx.mail.create({
        data: mailRow(ctx, user.email, "authenticator_taken_away", { ...details, ...reason }),
      });
    if (live.length > 0) await requireRemovable(tx, acting, user, live.length);
    const { count } = await tx.totpFactor.deleteMany({
      where: { OR: found.map(({ id, confirmedAt }) => ({ id, confirmedAt })) },
    });
    // Proven or removed in the meantime.
    if (count < found.length) refuse({ code: "not_found" });
    for (const { name, confirmedAt } of found) {
      const kind = confirmedAt === null ? "totp.provision_withdrawn" : "totp.removed";
      await noteByActing(ctx, tx, acting, { kind, userId: user.id, details: { name, ...reason } });
    }
    for (const { name } of waiting) await tell({ name, isWaiting: true });
    if (live.length === 0) return;
    const left = await tx.totpFactor.count({ where: { userId: user.id, confirmedAt: { not: null } } });
    if (left === 0) {
      await clearTwoFactor(tx, user.id);
      await noteByActing(ctx, tx, acting, { kind: "two_factor.off", userId: user.id });
    }
    await tx.user.update({ where: { id: user.id }, data: { factorsChangedAt: ctx.now } });
    await endOpenSignIns(tx, user.id);
    for (const { name } of live) await tell({ name, ...(left === 0 ? { isOff: true } : {}) });
  });
}

/** The matrix, row 20: one's own goes by one's own settings, and the last active administrator must stay one. */
async function requireRemovable(
  tx: Prisma.TransactionClient,
  acting: Acting,
  user: { id: string; isAdmin: boolean },
  removed: number,
): Promise<void> {
  if (user.id === acting.user.id) refuse({ code: "forbidden" });
  const held = await tx.totpFactor.count({ where: { userId: user.id, confirmedAt: { not: null } } });
  if (held <= removed && (await isLastAdministrator(tx, user))) refuse({ code: "forbidden" });
}
