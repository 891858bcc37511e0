import { hashToken } from "@/lib/crypto/tokens";
import { Prisma } from "@/lib/db/generated/client";
import { type Context, secondsAfter, secondsUntil } from "./context";
import { LIMITS } from "./limits";
import { refuse } from "./refusals";

/** What was taken, and from which budget; `accountFailures` is the account's count after it. */
export type Spent = { from: "browser" | "account"; units: number; accountFailures: number };

/** Nothing was taken: there is a wait (null: the account's year is used up). */
export type Unspent = { from: null; waitUntil: Date | null };

/** The columns of `spentColumns`. */
export type SpentRow = {
  units: number;
  byBrowser: boolean;
  accountFailures: number | null;
  waitUntil: Date | null;
  isSpent: boolean | null;
};

const { windowDays, units: ACCOUNT_UNITS, waits } = LIMITS.account;
const LONGEST_STEP = waits.toReversed();

/**
 * The account's failures within the rolling year. A fragment over the row `budget`, evaluated again by PostgreSQL when a
 * parallel request changed the row in between (READ COMMITTED), which is what makes the cap exact.
 */
function liveFailures(now: Date): Prisma.Sql {
  const since = secondsAfter(now, -windowDays * 86_400);
  return Prisma.sql`ARRAY(SELECT failure FROM unnest(budget.failures) AS failure WHERE failure > ${since}::timestamptz)`;
}

/** The wait that begins when a number of failures is reached. */
function waitAfter(now: Date, before: Prisma.Sql): Prisma.Sql {
  const cases = LONGEST_STEP.map(
    ({ failures, seconds }) => Prisma.sql`
      WHEN ${before} < ${failures} AND ${before} + guess.units >= ${failures} THEN ${secondsAfter(now, seconds)}::timestamptz`,
  );
  return Prisma.sql`CASE ${Prisma.join(cases, " ")} ELSE budget.wait_until END`;
}

/**
 * Statement parts that reserve the price of one guess before anything is compared: from the known browser's budget first,
 * then from the account's. They stand behind a part `guess` with the columns user_id and units (how many devices the guess
 * will be compared with). The statement must be committed before the comparison, and select `spentColumns`.
 */
export function spendUnitsParts(ctx: Context): Prisma.Sql {
  const browserHash = ctx.browserToken === null ? null : hashToken(ctx.browserToken);
  const live = liveFailures(ctx.now);
  const count = Prisma.sql`cardinality(${live})`;
  return Prisma.sql`
    browser AS (
      UPDATE known_browser AS b SET spent = b.spent + guess.units FROM guess
      WHERE b.user_id = guess.user_id AND b.token_hash = ${browserHash} AND b.expires_at > ${ctx.now}::timestamptz
        AND b.spent + guess.units <= ${LIMITS.knownBrowser.units}
      RETURNING b.id
    ),
    account AS (
      UPDATE factor_budget AS budget SET
        failures = ${live} || array_fill(${ctx.now}::timestamptz, ARRAY[guess.units]),
        wait_until = ${waitAfter(ctx.now, count)}
      FROM guess
      WHERE budget.user_id = guess.user_id AND NOT EXISTS (SELECT 1 FROM browser)
        AND (budget.wait_until IS NULL OR budget.wait_until <= ${ctx.now}::timestamptz)
        AND ${count} + guess.units <= ${ACCOUNT_UNITS}
      RETURNING cardinality(budget.failures) AS failures
    )`;
}

/** For a row that had units taken by `spendUnitsParts` in this statement: what it adds to those it holds, to be given back. */
export const TAKEN_ACCOUNT_UNITS = Prisma.sql`CASE WHEN EXISTS (SELECT 1 FROM account) THEN guess.units ELSE 0 END`;
export const TAKEN_BROWSER_UNITS = Prisma.sql`CASE WHEN EXISTS (SELECT 1 FROM browser) THEN guess.units ELSE 0 END`;

/** What `spendUnitsParts` did, as columns over `guess` and its user's row `budget` of factor_budget (as it was before). */
export function spentColumns(ctx: Context): Prisma.Sql {
  return Prisma.sql`guess.units, EXISTS (SELECT 1 FROM browser) AS "byBrowser",
    (SELECT failures FROM account) AS "accountFailures", budget.wait_until AS "waitUntil",
    cardinality(${liveFailures(ctx.now)}) + guess.units > ${ACCOUNT_UNITS} AS "isSpent"`;
}

/** Reads the columns of `spentColumns`. */
export function spentFrom(
  ctx: Context,
  { units, byBrowser, accountFailures, isSpent, waitUntil }: SpentRow,
): Spent | Unspent {
  if (byBrowser) return { from: "browser", units, accountFailures: 0 };
  if (accountFailures !== null) return { from: "account", units, accountFailures };
  return { from: null, waitUntil: isSpent ? null : (waitUntil ?? secondsAfter(ctx.now, 1)) };
}

/** What the next guess at an authenticator of a user costs at least: a unit for each device that shows as many digits. */
export function guessPrice(userId: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`coalesce((
    SELECT min(devices) FROM (
      SELECT count(*) AS devices FROM totp_factor f
      WHERE f.user_id = ${userId} AND f.confirmed_at IS NOT NULL GROUP BY f.digits) AS guesses
  ), 1)`;
}

/** Whether the year has no room for one more guess, for the row `b` of factor_budget. Some may be left that none fits into. */
export function isUsedUp(now: Date): Prisma.Sql {
  const since = secondsAfter(now, -windowDays * 86_400);
  const spent = Prisma.sql`(SELECT count(*) FROM unnest(b.failures) AS failure WHERE failure > ${since}::timestamptz)`;
  return Prisma.sql`(${spent} + ${guessPrice(Prisma.sql`b.user_id`)} > ${ACCOUNT_UNITS})`;
}

/** How somebody's tries of codes from unknown browsers stand. `units`: of how many, within the year. */
export type FactorLock = { failures: number; units: number; waitUntil: Date | null; isUsedUp: boolean };

/** Whoever asks must have asked the guard. */
export async function readFactorLock(ctx: Context, userId: string): Promise<FactorLock> {
  const [row] = await ctx.db.$run<Omit<FactorLock, "units">>(Prisma.sql`
    SELECT cardinality(ARRAY(SELECT failure FROM unnest(b.failures) AS failure
        WHERE failure > ${secondsAfter(ctx.now, -windowDays * 86_400)}::timestamptz)) AS failures,
      CASE WHEN b.wait_until > ${ctx.now}::timestamptz THEN b.wait_until END AS "waitUntil",
      ${isUsedUp(ctx.now)} AS "isUsedUp"
    FROM factor_budget b WHERE b.user_id = ${userId}`);
  return { failures: 0, waitUntil: null, isUsedUp: false, ...row, units: ACCOUNT_UNITS };
}

/** The owner is told when a year's failures reach this number, and when no further guess has room. */
const TOLD_AT = 10;

/** The number of failures that the owner is to be told of, when these units reached it. */
export function milestoneOf({ from, units, accountFailures }: Spent): number | null {
  if (from !== "account") return null;
  const isHardStop = accountFailures + units > ACCOUNT_UNITS;
  const isCrossed = accountFailures >= TOLD_AT && accountFailures - units < TOLD_AT;
  return isHardStop || isCrossed ? accountFailures : null;
}

/** Refuses `locked` with the wait in seconds, or null for the hard stop. */
export function refuseLocked(ctx: Context, waitUntil: Date | null): never {
  return refuse({ code: "locked", retryAfterSeconds: waitUntil && secondsUntil(waitUntil, ctx.now) });
}

/**
 * A statement part that gives units back to the account. `source` is a FROM item with the columns user_id and
 * account_units. A wait that these units brought about ends with them.
 */
export function returnAccountUnits(source: Prisma.Sql): Prisma.Sql {
  const left = Prisma.sql`greatest(cardinality(budget.failures) - account_units, 0)`;
  const crossed = waits.map(
    ({ failures }) => Prisma.sql`(cardinality(budget.failures) >= ${failures} AND ${left} < ${failures})`,
  );
  return Prisma.sql`
    UPDATE factor_budget AS budget SET
      failures = budget.failures[1:${left}],
      wait_until = CASE WHEN ${Prisma.join(crossed, " OR ")} THEN NULL ELSE budget.wait_until END
    FROM ${source} WHERE budget.user_id = source.user_id AND source.account_units > 0`;
}
