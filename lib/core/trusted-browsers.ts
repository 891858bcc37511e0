import { hashToken, newToken } from "@/lib/crypto/tokens";
import { Prisma } from "@/lib/db/generated/client";
import { requireAccess } from "./access/guard";
import { type Context, secondsAfter } from "./context";
import { EVENT_COLUMNS, type EventInput, eventRow, eventValues, noteEventPart } from "./events";
import { isId, newId } from "./ids";
import { LIMITS } from "./limits";
import { queueMailPart } from "./mail-queue";
import { refuse } from "./refusals";
import type { SignedIn } from "./sessions";

/** What the browser keeps: its row's id and the newest token. Handed out this once. */
export type Trust = { token: string; expiresAt: Date };

/**
 * How a token that was brought stands: `good`; `late`, the one before the last, just after a use (a second tab, an answer
 * under way); `old`, used before by somebody, so that one of the two holders has stolen it.
 */
export type TrustState = "good" | "late" | "old";

const { ttlDays, perUser, graceSeconds } = LIMITS.trustedBrowser;

/** The row's id and the hash of the token in what a browser brought; null for what no token of ours can be. */
function readToken(ctx: Context): { id: string; hash: Uint8Array<ArrayBuffer> } | null {
  const [id = "", token = ""] = ctx.trustToken?.split(".") ?? [];
  const hash = hashToken(token);
  return hash !== null && isId(id) ? { id, hash } : null;
}

/** A scalar subquery: the TrustState of the token the caller brought, for the row `u` of "user", or null. */
export function trustState(ctx: Context): Prisma.Sql {
  const brought = readToken(ctx);
  if (brought === null) return Prisma.sql`NULL`;
  const { id, hash } = brought;
  return Prisma.sql`(
    SELECT CASE WHEN t.token_hash = ${hash} THEN 'good'
      WHEN t.previous_hash = ${hash} AND t.rotated_at > ${secondsAfter(ctx.now, -graceSeconds)}::timestamptz THEN 'late'
      ELSE 'old' END
    FROM trusted_browser t
    WHERE t.id = ${id} AND t.user_id = u.id AND t.expires_at > ${ctx.now}::timestamptz AND NOT u.is_admin)`;
}

/**
 * A statement part that uses a good token up and puts the next one in its place. It returns user_id for exactly one of any
 * number of parallel requests; everything the trust opens must hang on it. `source` is a FROM item with user_id.
 */
export function rotateTrustPart(ctx: Context, source: Prisma.Sql): { token: string; part: Prisma.Sql } {
  const token = newToken();
  const { id, hash } = readToken(ctx) ?? { id: "", hash: null };
  const part = Prisma.sql`
    UPDATE trusted_browser AS t SET token_hash = ${hashToken(token)}, previous_hash = t.token_hash,
      rotated_at = ${ctx.now}::timestamptz, last_used_at = ${ctx.now}::timestamptz, address = ${ctx.address},
      user_agent = ${ctx.userAgent}
    FROM ${source} WHERE t.id = ${id} AND t.user_id = source.user_id AND t.token_hash = ${hash}
      AND t.expires_at > ${ctx.now}::timestamptz
    RETURNING t.user_id, t.expires_at AS trusted_until`;
  return { token: `${id}.${token}`, part };
}

/**
 * Statement parts that end the trust whose old token was brought by somebody who knows the password, and tell its owner.
 * `source` is a FROM item with user_id.
 */
export function revokeReusedParts(ctx: Context, source: Prisma.Sql): Prisma.Sql {
  const { id, hash } = readToken(ctx) ?? { id: "", hash: null };
  return Prisma.sql`
    reused AS (
      DELETE FROM trusted_browser AS t USING ${source}
      WHERE t.id = ${id} AND t.user_id = source.user_id AND t.token_hash <> ${hash}
      RETURNING t.user_id
    ),
    reused_told AS (${queueMailPart(ctx, Prisma.sql`reused AS source`, "trusted_browser_reused")}),
    reused_noted AS (${noteEventPart(ctx, Prisma.sql`reused AS source`, "trusted_browser.reused")})`;
}

/**
 * Statement parts that trust the caller's browser from now on, for each row of `source` (a FROM item with user_id) whose
 * user is no administrator. `trusted` returns the trust's end.
 */
export function trustBrowserParts(
  ctx: Context,
  source: Prisma.Sql,
  userId: string,
): { token: string; parts: Prisma.Sql } {
  const id = newId(ctx.now);
  const token = newToken();
  const expiresAt = secondsAfter(ctx.now, ttlDays * 86_400);
  const brought = readToken(ctx)?.id ?? "";
  const event: EventInput = { kind: "trusted_browser.added", userId };
  const parts = Prisma.sql`
    trusted AS (
      INSERT INTO trusted_browser (id, user_id, token_hash, created_at, last_used_at, expires_at, address, user_agent)
      SELECT ${id}, u.id, ${hashToken(token)}::bytea, ${ctx.now}::timestamptz, ${ctx.now}::timestamptz,
        ${expiresAt}::timestamptz, ${ctx.address}, ${ctx.userAgent}
      FROM ${source} JOIN "user" u ON u.id = source.user_id WHERE NOT u.is_admin
      RETURNING user_id, expires_at
    ),
    trust_made_room AS (
      DELETE FROM trusted_browser AS t USING ${source} WHERE t.user_id = source.user_id AND (
        t.id = ${brought} OR t.expires_at <= ${ctx.now}::timestamptz OR t.id IN (
          SELECT n.id FROM trusted_browser n WHERE n.user_id = source.user_id
          ORDER BY n.created_at DESC, n.id DESC OFFSET ${perUser - 1}))
    ),
    trust_told AS (${queueMailPart(ctx, Prisma.sql`trusted AS source`, "trusted_browser_added")}),
    trust_noted AS (INSERT INTO event (${EVENT_COLUMNS}) SELECT ${eventValues(ctx, event)} FROM trusted)`;
  return { token: `${id}.${token}`, parts };
}

/** A statement part that ends all trust for each row of `source` (a FROM item with user_id). */
export function endTrustPart(source: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`DELETE FROM trusted_browser AS t USING ${source} WHERE t.user_id = source.user_id`;
}

/** One's own trusted browsers, the newest first, this one marked. */
export async function listTrustedBrowsers(ctx: Context, signedIn: SignedIn) {
  requireAccess("trusted_browsers.list", { kind: "session", signedIn });
  const rows = await trustedBrowsersOf(ctx, signedIn.user.id);
  const brought = readToken(ctx)?.id;
  return rows.map((row) => ({ ...row, isCurrent: row.id === brought }));
}

/** Somebody's trusted browsers, the newest first. Whoever asks must have asked the guard. */
export function trustedBrowsersOf(ctx: Context, userId: string) {
  return ctx.db.trustedBrowser.findMany({
    where: { userId, expiresAt: { gt: ctx.now } },
    orderBy: { id: "desc" },
    select: { id: true, createdAt: true, lastUsedAt: true, expiresAt: true, address: true, userAgent: true },
  });
}

/** Trusts one of one's own browsers no longer. Refuses `not_found` for an id that is not one's own. */
export async function revokeTrustedBrowser(ctx: Context, signedIn: SignedIn, id: string): Promise<void> {
  requireAccess("trusted_browsers.revoke", { kind: "session", signedIn });
  const userId = signedIn.user.id;
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.trustedBrowser.deleteMany({ where: { id, userId } });
    if (count === 0) refuse({ code: "not_found" });
    await tx.event.create({ data: eventRow(ctx, { kind: "trusted_browser.revoked", userId }) });
  });
}

/** Trusts none of one's own browsers any longer. */
export async function revokeTrustedBrowsers(ctx: Context, signedIn: SignedIn): Promise<void> {
  requireAccess("trusted_browsers.revoke", { kind: "session", signedIn });
  const userId = signedIn.user.id;
  await ctx.db.$transaction(async (tx) => {
    await tx.trustedBrowser.deleteMany({ where: { userId } });
    await tx.event.create({ data: eventRow(ctx, { kind: "trusted_browsers.revoked", userId }) });
  });
}
