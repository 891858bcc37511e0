import { hashToken, newToken } from "@/lib/crypto/tokens";
import { Prisma } from "@/lib/db/generated/client";
import { type Context, secondsAfter } from "./context";
import { newId } from "./ids";
import { LIMITS } from "./limits";

/**
 * Statement parts that make the caller's browser known to the user of each row of `source` (a FROM item with user_id),
 * at the end of a full two-factor sign-in. A browser that is known already keeps its token and what it has spent. One
 * that is not gets a new token: a token brought along may have been planted by somebody who holds it too.
 * `known` returns a row when the token that was brought stays. A caller that keeps no cookies is given no token and takes
 * no browser's place.
 */
export function rememberBrowserParts(
  ctx: Context,
  source: Prisma.Sql,
): { token: string | null; parts: Prisma.Sql } {
  const token = newToken();
  const brought = ctx.browserToken === null ? null : hashToken(ctx.browserToken);
  const expiresAt = secondsAfter(ctx.now, LIMITS.knownBrowser.ttlDays * 86_400);
  const parts = Prisma.sql`
    known AS (
      UPDATE known_browser AS b SET last_seen_at = ${ctx.now}::timestamptz, expires_at = ${expiresAt}::timestamptz,
        spent = greatest(b.spent - source.browser_units, 0)
      FROM ${source} WHERE b.user_id = source.user_id AND b.token_hash = ${brought}
        AND b.expires_at > ${ctx.now}::timestamptz
        AND b.spent - source.browser_units < ${LIMITS.knownBrowser.units}
      RETURNING b.id
    ),
    remembered AS (
      INSERT INTO known_browser (id, user_id, token_hash, created_at, last_seen_at, expires_at)
      SELECT ${newId(ctx.now)}, user_id, ${hashToken(token)}::bytea, ${ctx.now}::timestamptz, ${ctx.now}::timestamptz,
        ${expiresAt}::timestamptz
      FROM ${source} WHERE NOT EXISTS (SELECT 1 FROM known) AND ${ctx.keepsCookies}::bool
    ),
    forgotten AS (
      DELETE FROM known_browser USING ${source} WHERE known_browser.user_id = source.user_id
        AND known_browser.id IN (
          SELECT b.id FROM known_browser b WHERE b.user_id = source.user_id
          ORDER BY b.last_seen_at DESC, b.id DESC OFFSET ${LIMITS.knownBrowser.perUser - 1})
        AND NOT EXISTS (SELECT 1 FROM known) AND ${ctx.keepsCookies}::bool
    )`;
  return { token: ctx.keepsCookies ? token : null, parts };
}

/**
 * Makes the caller's browser known to an account whose new password was chosen in it, for as long as a link to one is good:
 * strangers who go on sending wrong passwords do not make it wait. It has no tries of codes of its own, since whoever reads
 * the mailbox would get more with each link: its codes count as those of an unknown browser. One that is known stays as it is.
 * @returns the token for the browser to keep, or null if the one it brought stays good
 */
export async function expectBrowser(
  ctx: Context,
  tx: Prisma.TransactionClient,
  userId: string,
): Promise<string | null> {
  const brought = ctx.browserToken === null ? null : hashToken(ctx.browserToken);
  const where = { userId, expiresAt: { gt: ctx.now } };
  if (brought && (await tx.knownBrowser.count({ where: { ...where, tokenHash: brought } })) > 0) return null;
  const token = newToken();
  const { units } = LIMITS.knownBrowser;
  const expiresAt = secondsAfter(ctx.now, LIMITS.newPasswordLink.ttlSeconds);
  // One at a time, so that whoever reads the mailbox does not push out those that are known.
  await tx.knownBrowser.deleteMany({
    where: { userId, spent: { gte: units }, expiresAt: { lte: expiresAt } },
  });
  await tx.$executeRaw`
    INSERT INTO known_browser (id, user_id, token_hash, created_at, last_seen_at, expires_at, spent)
    VALUES (${newId(ctx.now)}, ${userId}, ${hashToken(token)}::bytea, ${ctx.now}::timestamptz, ${ctx.now}::timestamptz,
      ${expiresAt}::timestamptz, ${units})`;
  return token;
}

/** A statement part that gives units back to the browser the caller brought. `source` has user_id and browser_units. */
export function returnBrowserUnits(ctx: Context, source: Prisma.Sql): Prisma.Sql {
  const brought = ctx.browserToken === null ? null : hashToken(ctx.browserToken);
  return Prisma.sql`
    UPDATE known_browser AS b SET spent = greatest(b.spent - source.browser_units, 0)
    FROM ${source} WHERE b.user_id = source.user_id AND b.token_hash = ${brought} AND source.browser_units > 0`;
}
