import { hashToken, newToken } from "@/lib/crypto/tokens";
import { Prisma } from "@/lib/db/generated/client";
import { requireAccess } from "./access/guard";
import { isAdministrators, SCOPES } from "./access/scopes";
import { type Context, secondsAfter } from "./context";
import { type EventInput, eventRow } from "./events";
import { newId } from "./ids";
import { parseName } from "./input";
import { LIMITS } from "./limits";
import { mailRow } from "./mail-queue";
import { refuse } from "./refusals";
import {
  ACTING_USER_COLUMNS,
  type ActingUserRow,
  actingUserFrom,
  holdSession,
  type SignedIn,
  TWO_FACTOR_IS_ON,
} from "./sessions";
import { revealOnce } from "./token-reveal";
import { spendAccountTry } from "./try-budget";
import { findUser } from "./user-summary";

// What programs prove themselves with. A token is for one account and within its scopes, lives for at most 90 days, and can
// do nothing that makes another.

/** How every token begins, so that whoever scans for leaked secrets knows one when they see it. */
export const TOKEN_PREFIX = "countersign_";

/** Evidence of a live API token, read from the database in this request. */
export type TokenHolder = {
  token: { id: string; name: string; scopes: readonly string[]; expiresAt: Date };
} & Pick<SignedIn, "user" | "twoFactor">;

/** A token just made. It is handed out this once. */
export type NewApiToken = { token: string; id: string; expiresAt: Date };

/** What somebody asks for. `days`: for how long, at most 90. */
export type AskedToken = { name: string; scopes: readonly string[]; days?: number };

/** A token as its owner sees it. */
export type ApiTokenSummary = {
  id: string;
  name: string;
  scopes: string[];
  createdAt: Date;
  expiresAt: Date;
  lastUsedAt: Date | null;
};

/** What is stored of a token and looked up by; null for text that is no token of ours. */
function hashOf(token: string): Uint8Array<ArrayBuffer> | null {
  return token.startsWith(TOKEN_PREFIX) ? hashToken(token.slice(TOKEN_PREFIX.length)) : null;
}

/** Tokens write down that they were used at most once in so many seconds. */
const USED_EVERY_SECONDS = 60;

/**
 * The live token that a text is, with its owner, or null: unknown, revoked, lapsed, or its owner disabled. One statement,
 * which also notes that it was used.
 */
export async function readApiToken(ctx: Context, token: string): Promise<TokenHolder | null> {
  const tokenHash = hashOf(token);
  if (tokenHash === null) return null;
  const [row] = await ctx.db.$run<
    ActingUserRow & Omit<TokenHolder["token"], "name"> & { tokenName: string }
  >(Prisma.sql`
    WITH found AS (
      SELECT t.id, t.name AS "tokenName", t.scopes, t.expires_at AS "expiresAt", t.last_used_at AS "lastUsedAt",
        ${ACTING_USER_COLUMNS}
      FROM api_token t JOIN "user" u ON u.id = t.user_id
      WHERE t.token_hash = ${tokenHash} AND t.expires_at > ${ctx.now}::timestamptz AND u.disabled_at IS NULL
    ), used AS (
      UPDATE api_token SET last_used_at = ${ctx.now}::timestamptz FROM found
      WHERE api_token.id = found.id AND (found."lastUsedAt" IS NULL
        OR found."lastUsedAt" < ${secondsAfter(ctx.now, -USED_EVERY_SECONDS)}::timestamptz)
    )
    SELECT * FROM found`);
  if (!row) return null;
  const { id, tokenName: name, scopes, expiresAt } = row;
  return { token: { id, name, scopes, expiresAt }, ...actingUserFrom(row) };
}

function parseAsked({ name, scopes, days = LIMITS.apiTokens.defaultDays }: AskedToken) {
  if (scopes.length === 0) refuse({ code: "invalid_input", field: "scopes", problem: "missing" });
  if (!scopes.every((scope) => SCOPES.includes(scope)))
    refuse({ code: "invalid_input", field: "scopes", problem: "malformed" });
  if (!Number.isInteger(days) || days < 1)
    refuse({ code: "invalid_input", field: "days", problem: "malformed" });
  if (days > LIMITS.apiTokens.maxDays) refuse({ code: "invalid_input", field: "days", problem: "too_long" });
  return {
    name: parseName(name, LIMITS.apiTokens.nameLength),
    scopes: SCOPES.filter((scope) => scopes.includes(scope)),
    days,
  };
}

/**
 * Makes a token for oneself. It is returned this once, and the session's page can show it once: see token-reveal.ts. Its
 * owner is told by mail.
 * Refuses `invalid_input`, `step_up_required`, `forbidden` (without two-factor sign-in, or scopes that only administrators
 * have), `conflict` (too_many_tokens), `too_many_requests`, `unauthenticated`.
 */
export async function createApiToken(
  ctx: Context,
  signedIn: SignedIn,
  asked: AskedToken,
): Promise<NewApiToken> {
  requireAccess("api_tokens.create", { kind: "session", signedIn });
  const parsed = parseAsked(asked);
  // Each is told by mail.
  await spendAccountTry(ctx, "apiToken", signedIn.user.id);
  return ctx.db.$transaction(async (tx) => {
    const owner = await holdOwner(tx, signedIn.user.id);
    await holdSession(tx, signedIn);
    // Turned off since the session was read: whoever did so has ended all tokens, and this one would stay.
    if (!owner?.isOn) return refuse({ code: "forbidden" });
    const made = await insertToken(ctx, tx, owner, parsed);
    await revealOnce(ctx, tx, signedIn, made);
    return made;
  });
}

/**
 * Makes a token for somebody, on behalf of whoever runs the service: also for an account without two-factor sign-in, which
 * a program may be there to set up.
 * Refuses `not_found` (also for an account that is disabled), `invalid_input`, `forbidden` (scopes that only administrators
 * have), `conflict` (too_many_tokens).
 */
export async function createApiTokenFor(
  ctx: Context,
  asked: AskedToken & { email: string; actor: string },
): Promise<NewApiToken> {
  const { id: userId } = await findUser(ctx, { email: asked.email });
  const parsed = parseAsked(asked);
  return ctx.db.$transaction(async (tx) => {
    const owner = (await holdOwner(tx, userId)) ?? refuse({ code: "not_found" });
    return insertToken(ctx, tx, owner, parsed, asked.actor);
  });
}

type Owner = { id: string; email: string; isAdmin: boolean; isOn: boolean };

/**
 * The owner of a token to be, as they are once nobody else changes them or makes another; null if they are disabled. The
 * user's row comes before the session's, as wherever both are held.
 */
async function holdOwner(tx: Prisma.TransactionClient, userId: string): Promise<Owner | null> {
  await tx.$queryRaw`SELECT 1 FROM "user" WHERE id = ${userId} FOR NO KEY UPDATE`;
  // A statement of its own: the one that waited for the row would see the factors as they were before.
  const [owner] = await tx.$queryRaw<Owner[]>`
    SELECT u.id, u.email, u.is_admin AS "isAdmin", ${TWO_FACTOR_IS_ON} AS "isOn"
    FROM "user" u WHERE u.id = ${userId} AND u.disabled_at IS NULL`;
  return owner ?? null;
}

async function insertToken(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { id: userId, email, isAdmin }: Owner,
  { name, scopes, days }: ReturnType<typeof parseAsked>,
  actor?: string,
): Promise<NewApiToken> {
  if (!isAdmin && scopes.some(isAdministrators)) refuse({ code: "forbidden" });
  await tx.apiToken.deleteMany({ where: { userId, expiresAt: { lte: ctx.now } } });
  const held = await tx.apiToken.count({ where: { userId } });
  if (held >= LIMITS.apiTokens.perUser) refuse({ code: "conflict", reason: "too_many_tokens" });
  const token = `${TOKEN_PREFIX}${newToken()}`;
  const tokenHash = hashOf(token);
  if (tokenHash === null) throw new Error("a token just made is one");
  const id = newId(ctx.now);
  const expiresAt = secondsAfter(ctx.now, days * 86_400);
  await tx.apiToken.create({ data: { id, userId, name, tokenHash, scopes, createdAt: ctx.now, expiresAt } });
  await note(
    ctx,
    tx,
    { kind: "api_token.made", userId, details: { name, tokenId: id, scopes, days } },
    actor,
  );
  await tx.mail.create({ data: mailRow(ctx, email, "api_token_made", { name }) });
  return { token, id, expiresAt };
}

function note(ctx: Context, tx: Prisma.TransactionClient, event: EventInput, actor?: string) {
  return tx.event.create({ data: eventRow(ctx, actor ? { ...event, actor } : event) });
}

/** One's own tokens that are live, the newest first; never the token itself. */
export async function listApiTokens(ctx: Context, signedIn: SignedIn): Promise<ApiTokenSummary[]> {
  requireAccess("api_tokens.list", { kind: "session", signedIn });
  return apiTokensOf(ctx, signedIn.user.id);
}

/** Somebody's tokens, as `listApiTokens`, for whoever runs the service. Refuses `not_found`. */
export async function listApiTokensOf(ctx: Context, email: string): Promise<ApiTokenSummary[]> {
  return apiTokensOf(ctx, (await findUser(ctx, { email })).id);
}

/** Somebody's live tokens, as `listApiTokens`. Whoever asks must have asked the guard. */
export function apiTokensOf(ctx: Context, userId: string): Promise<ApiTokenSummary[]> {
  return ctx.db.apiToken.findMany({
    where: { userId, expiresAt: { gt: ctx.now } },
    orderBy: { id: "desc" },
    select: { id: true, name: true, scopes: true, createdAt: true, expiresAt: true, lastUsedAt: true },
  });
}

/** Ends one of one's own tokens, at once. Refuses `not_found`, `step_up_required`, `forbidden`. */
export async function revokeApiToken(ctx: Context, signedIn: SignedIn, id: string): Promise<void> {
  requireAccess("api_tokens.revoke", { kind: "session", signedIn });
  await deleteToken(ctx, { id, userId: signedIn.user.id });
}

/** Ends one of somebody's tokens, on behalf of whoever runs the service. Refuses `not_found`. */
export async function revokeApiTokenOf(
  ctx: Context,
  { email, id, actor }: { email: string; id: string; actor: string },
): Promise<void> {
  await deleteToken(ctx, { id, userId: (await findUser(ctx, { email })).id }, actor);
}

async function deleteToken(
  ctx: Context,
  { id, userId }: { id: string; userId: string },
  actor?: string,
): Promise<void> {
  await ctx.db.$transaction(async (tx) => {
    const [gone] = await tx.$queryRaw<{ name: string }[]>`
      DELETE FROM api_token WHERE id = ${id} AND user_id = ${userId} RETURNING name`;
    if (!gone) return refuse({ code: "not_found" });
    await note(ctx, tx, { kind: "api_token.revoked", userId, details: { ...gone, tokenId: id } }, actor);
  });
}
