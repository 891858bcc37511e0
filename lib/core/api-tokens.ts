import { hashToken, newToken } from "@/lib/crypto/tokens";
import { Prisma } from "@/lib/db/generated/client";
import { requireAccess } from "./access/guard";
import { isAdministrators, SCOPES } from "./access/scopes";
import { type Context, secondsAfter } from "./context";
import { eventRow } from "./events";
import { newId } from "./ids";
import { normaliseEmail, parseName } from "./input";
import { LIMITS } from "./limits";
import { mailRow } from "./mail-queue";
import { refuse } from "./refusals";
import {
  ACTING_USER_COLUMNS,
  type ActingUserRow,
  actingUserFrom,
  holdSession,
  type SignedIn,
} from "./sessions";

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
 * Makes a token for oneself. It is shown this once; its owner is told by mail.
 * Refuses `invalid_input`, `step_up_required`, `forbidden` (without two-factor sign-in, or scopes that only administrators
 * have), `conflict` (too_many_tokens).
 */
export async function createApiToken(
  ctx: Context,
  signedIn: SignedIn,
  asked: AskedToken,
): Promise<NewApiToken> {
  requireAccess("api_tokens.create", { kind: "session", signedIn });
  const parsed = parseAsked(asked);
  return ctx.db.$transaction(async (tx) => {
    await holdSession(tx, signedIn);
    return insertToken(ctx, tx, signedIn.user, parsed);
  });
}

/**
 * Makes a token for somebody, on behalf of whoever runs the service.
 * Refuses `not_found`, `invalid_input`, `forbidden` (scopes that only administrators have), `conflict` (too_many_tokens).
 */
export async function createApiTokenFor(
  ctx: Context,
  asked: AskedToken & { email: string; actor: string },
): Promise<NewApiToken> {
  const user = await ctx.db.user.findUnique({
    where: { email: normaliseEmail(asked.email), disabledAt: null },
  });
  if (user === null) return refuse({ code: "not_found" });
  const parsed = parseAsked(asked);
  return ctx.db.$transaction((tx) => insertToken(ctx, tx, user, parsed, asked.actor));
}

async function insertToken(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { id: userId, email, isAdmin }: Pick<SignedIn["user"], "id" | "email" | "isAdmin">,
  { name, scopes, days }: ReturnType<typeof parseAsked>,
  actor?: string,
): Promise<NewApiToken> {
  if (!isAdmin && scopes.some(isAdministrators)) refuse({ code: "forbidden" });
  // One at a time per account: the number of tokens is limited.
  await tx.$queryRaw`SELECT 1 FROM "user" WHERE id = ${userId} FOR NO KEY UPDATE`;
  await tx.apiToken.deleteMany({ where: { userId, expiresAt: { lte: ctx.now } } });
  const held = await tx.apiToken.count({ where: { userId } });
  if (held >= LIMITS.apiTokens.perUser) refuse({ code: "conflict", reason: "too_many_tokens" });
  const token = `${TOKEN_PREFIX}${newToken()}`;
  const tokenHash = hashOf(token);
  if (tokenHash === null) throw new Error("a token just made is one");
  const id = newId(ctx.now);
  const expiresAt = secondsAfter(ctx.now, days * 86_400);
  await tx.apiToken.create({ data: { id, userId, name, tokenHash, scopes, createdAt: ctx.now, expiresAt } });
  const event = { kind: "api_token.made", userId, details: { name, scopes } } as const;
  await tx.event.create({ data: eventRow(ctx, actor ? { ...event, actor } : event) });
  await tx.mail.create({ data: mailRow(ctx, email, "api_token_made", { name }) });
  return { token, id, expiresAt };
}

/** One's own tokens that are live, the newest first; never the token itself. */
export async function listApiTokens(ctx: Context, signedIn: SignedIn): Promise<ApiTokenSummary[]> {
  requireAccess("api_tokens.list", { kind: "session", signedIn });
  return apiTokensOf(ctx, signedIn.user.id);
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
  const userId = signedIn.user.id;
  await ctx.db.$transaction(async (tx) => {
    const where = { id, userId };
    const token = await tx.apiToken.findFirst({ where, select: { name: true } });
    const { count } = await tx.apiToken.deleteMany({ where });
    if (token === null || count === 0) return refuse({ code: "not_found" });
    const details = { name: token.name };
    await tx.event.create({ data: eventRow(ctx, { kind: "api_token.revoked", userId, details }) });
  });
}
