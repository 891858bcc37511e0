import { seal } from "@/lib/crypto/seal";
import { DEFAULT_TOTP, newTotpSecret } from "@/lib/crypto/totp";
import type { Prisma } from "@/lib/db/generated/client";
import { type Acting, callerOf, requireAccess } from "../access/guard";
import { holdUser, isLastAdministrator } from "../admin/hold-user";
import type { TokenHolder } from "../api-tokens";
import { type Context, secondsAfter } from "../context";
import { endOpenSignIns } from "../end-access";
import { actorOf, type EventInput, eventRow, withActor } from "../events";
import { newId } from "../ids";
import { parseName, parseOptionalName, parseReason } from "../input";
import { LIMITS } from "../limits";
import { mailRow } from "../mail-queue";
import { refuse } from "../refusals";
import { clearTwoFactor } from "./remove-totp";
import { freeName, shownSecret } from "./totp";
import { totpBinding } from "./totp-factor";

// Authenticators that somebody else than their owner's session made: an administrator, or a program with an API token. Until
// their owner proves one with its first code it is no factor, and gates nothing.

/** One that was just made. The secret is for whoever may hand it to its owner: most callers drop it. */
export type ProvisionedTotp = TotpOfUser & { secret: string; uri: string };

/** Somebody's authenticator, as administrators see it: never a secret. */
export type TotpOfUser = Prisma.TotpFactorGetPayload<{ select: typeof SEEN }>;

const OWNER = {
  id: true,
  number: true,
  email: true,
  name: true,
  isAdmin: true,
  disabledAt: true,
} as const;
const SEEN = {
  id: true,
  number: true,
  name: true,
  createdAt: true,
  confirmedAt: true,
  lastUsedAt: true,
  provisionedBy: true,
  user: { select: OWNER },
} as const;

/** Those that are no half-done set-up of a session: nobody but its owner knows of one. */
export const KNOWN: Prisma.TotpFactorWhereInput = {
  OR: [{ confirmedAt: { not: null } }, { provisionedBy: { not: null }, expiresAt: null }],
};

/**
 * Makes an authenticator for somebody, which waits for its owner however long; they are told by mail.
 * Refuses `step_up_required`, `forbidden`, `insufficient_scope`, `not_found` (no such user), `invalid_input`, `conflict`
 * (too_many_authenticators).
 */
export async function provisionTotp(
  ctx: Context,
  acting: Acting,
  typed: { userId: string; name?: string | null },
): Promise<ProvisionedTotp> {
  requireAccess("devices.create", callerOf(acting));
  return insertProvisioned(ctx, acting, typed, null);
}

/**
 * Begins to set an authenticator up for the owner of an API token: it lapses like what a session begins.
 * Refuses `forbidden`, `insufficient_scope`, `conflict` (too_many_authenticators).
 */
export async function startTotpByToken(ctx: Context, holder: TokenHolder): Promise<ProvisionedTotp> {
  requireAccess("totp.start", callerOf(holder));
  const expiresAt = secondsAfter(ctx.now, LIMITS.pendingSetup.ttlSeconds);
  return insertProvisioned(ctx, holder, { userId: holder.user.id }, expiresAt);
}

async function insertProvisioned(
  ctx: Context,
  acting: Acting,
  typed: { userId: string; name?: string | null },
  expiresAt: Date | null,
): Promise<ProvisionedTotp> {
  const typedName = parseOptionalName(typed.name, LIMITS.authenticators.nameLength);
  const { userId } = typed;
  const id = newId(ctx.now);
  const secret = newTotpSecret();
  return ctx.db.$transaction(async (tx) => {
    // One at a time per account: how many wait is limited.
    await tx.$queryRaw`SELECT 1 FROM "user" WHERE id = ${userId} FOR NO KEY UPDATE`;
    const user = await tx.user.findUnique({ where: { id: userId }, select: OWNER });
    if (user === null) return refuse({ code: "not_found" });
    await tx.totpFactor.deleteMany({ where: { userId, confirmedAt: null, expiresAt: { lte: ctx.now } } });
    const held = await tx.totpFactor.findMany({
      where: { userId },
      select: { name: true, provisionedBy: true },
    });
    if (held.filter(({ provisionedBy }) => provisionedBy !== null).length >= LIMITS.provisioned.perUser)
      refuse({ code: "conflict", reason: "too_many_authenticators" });
    const name = typedName ?? freeName(held);
    const sealedSecret = seal(ctx.keys.ring, secret, totpBinding(userId, id));
    const provisionedBy = acting.user.id;
    const data = {
      id,
      userId,
      name,
      sealedSecret,
      ...DEFAULT_TOTP,
      createdAt: ctx.now,
      expiresAt,
      provisionedBy,
    };
    const made = await tx.totpFactor.create({ data, select: SEEN });
    await note(ctx, tx, acting, { kind: "totp.provisioned", userId, details: { name } });
    if (expiresAt === null)
      await tx.mail.create({ data: mailRow(ctx, user.email, "authenticator_provisioned", { name }) });
    const shown = shownSecret(ctx, { user }, secret, { ...DEFAULT_TOTP, issuer: null });
    return { ...made, secret: shown.secret, uri: shown.uri };
  });
}

function note(ctx: Context, tx: Prisma.TransactionClient, acting: Acting, event: EventInput) {
  return tx.event.create({ data: eventRow(ctx, withActor(event, actorOf(acting))) });
}

/** One authenticator, by its id or the integer that dialects show. */
export type WhichTotp = ({ id: string } | { number: number }) & { userId?: string };

/** The user with the integer that dialects show. Refuses `not_found`, and what the guard does. */
export async function findOwnerByNumber(ctx: Context, acting: Acting, number: number): Promise<string> {
  requireAccess("devices.create", callerOf(acting));
  // PostgreSQL's integers end there.
  const where = { number: number > 2_147_483_647 ? 0 : number };
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
    const { count } = await tx.totpFactor.updateMany({ where, data: { name } });
    if (count === 0) refuse({ code: "not_found" });
    await note(ctx, tx, acting, { kind: "totp.renamed", userId: row.user.id, details: { name } });
    return { ...row, name };
  });
}

/**
 * Removes somebody's authenticator. Removing their last one turns their two-factor sign-in off; they are told by mail. One that
 * waits to be proven is only withdrawn. Refuses `not_found`, `forbidden` (one's own account, or the last administrator's last
 * one), and what the guard does.
 * @param typed.reason for the audit trail and the mail
 */
export async function removeTotpOfUser(
  ctx: Context,
  acting: Acting,
  which: WhichTotp,
  typed: { reason?: string } = {},
): Promise<void> {
  requireAccess("devices.remove", callerOf(acting));
  const reason = typed.reason === undefined ? {} : { reason: parseReason(typed.reason) };
  await ctx.db.$transaction(async (tx) => {
    const where = { AND: [which, KNOWN] };
    const found = await tx.totpFactor.findFirst({ where, select: SEEN });
    if (found === null) return refuse({ code: "not_found" });
    const { user, name, confirmedAt } = found;
    await holdUser(tx, user.id);
    if (confirmedAt !== null) await requireRemovable(tx, acting, user);
    const { count } = await tx.totpFactor.deleteMany({ where: { ...which, confirmedAt } });
    // Proven or removed in the meantime.
    if (count === 0) refuse({ code: "not_found" });
    const details = { name, ...reason };
    const kind = confirmedAt === null ? "totp.provision_withdrawn" : "totp.removed";
    await note(ctx, tx, acting, { kind, userId: user.id, details });
    if (confirmedAt === null) return;
    const left = await tx.totpFactor.count({ where: { userId: user.id, confirmedAt: { not: null } } });
    if (left === 0) {
      await clearTwoFactor(tx, user.id);
      await note(ctx, tx, acting, { kind: "two_factor.off", userId: user.id });
    }
    await tx.user.update({ where: { id: user.id }, data: { factorsChangedAt: ctx.now } });
    await endOpenSignIns(tx, user.id);
    await tx.mail.create({ data: mailRow(ctx, user.email, "authenticator_taken_away", details) });
  });
}

/** The matrix, row 20: one's own goes by one's own settings, and the last active administrator must stay one. */
async function requireRemovable(
  tx: Prisma.TransactionClient,
  acting: Acting,
  user: { id: string; isAdmin: boolean },
): Promise<void> {
  if (user.id === acting.user.id) refuse({ code: "forbidden" });
  const held = await tx.totpFactor.count({ where: { userId: user.id, confirmedAt: { not: null } } });
  if (held <= 1 && (await isLastAdministrator(tx, user))) refuse({ code: "forbidden" });
}
