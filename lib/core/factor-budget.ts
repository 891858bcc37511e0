import { hashToken } from "@/lib/crypto/tokens";
import { Prisma } from "@/lib/db/generated/client";
import { type Context, secondsAfter, secondsUntil } from "./context";
import { LIMITS } from "./limits";
import { refuse } from "./refusals";

/**
 * The row in whose lifetime tries are counted, so that they can be given back if it ends in success: a challenge, a
 * set-up that is pending, or nothing (a signed-in person's single proof).
 */
export type Holder = { table: "challenge" | "totp_factor"; id: string } | null;

/** What was taken, and from which budget; `accountFailures` is the account's count after it. */
export type Spent = { from: "browser" | "account"; units: number; accountFailures: number };

/** Nothing was taken: the holder is gone, or there is a wait (null: the account's year is used up). */
export type Unspent = { from: null; isHolderGone: boolean; waitUntil: Date | null };

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
function waitAfter(now: Date, before: Prisma.Sql, units: number): Prisma.Sql {
  const cases = LONGEST_STEP.map(
    ({ failures, seconds }) => Prisma.sql`
      WHEN ${before} < ${failures} AND ${before} + ${units} >= ${failures} THEN ${secondsAfter(now, seconds)}::timestamptz`,
  );
  return Prisma.sql`CASE ${Prisma.join(cases, " ")} ELSE budget.wait_until END`;
}

function lockHolder(holder: Holder): Prisma.Sql {
  if (holder === null) return Prisma.sql`SELECT 1`;
  return Prisma.sql`SELECT 1 FROM ${Prisma.raw(holder.table)} WHERE id = ${holder.id} FOR UPDATE`;
}

function noteOnHolder(holder: Holder, units: number): Prisma.Sql {
  if (holder === null) return Prisma.sql`SELECT 1`;
  const browserUnits =
    holder.table === "challenge"
      ? Prisma.sql`, browser_units = browser_units + CASE WHEN EXISTS (SELECT 1 FROM browser) THEN ${units} ELSE 0 END`
      : Prisma.empty;
  return Prisma.sql`
    UPDATE ${Prisma.raw(holder.table)} SET
      account_units = account_units + CASE WHEN EXISTS (SELECT 1 FROM account) THEN ${units} ELSE 0 END ${browserUnits}
    WHERE id = ${holder.id}`;
}

/**
 * Reserves the price of one guess before anything is compared, in a transaction of its own: the known browser's budget
 * first, then the account's. One statement.
 * @param units how many devices the guess will be compared with
 */
export async function spendUnits(
  ctx: Context,
  userId: string,
  units: number,
  holder: Holder,
): Promise<Spent | Unspent> {
  const browserHash = ctx.browserToken === null ? null : hashToken(ctx.browserToken);
  const live = liveFailures(ctx.now);
  const count = Prisma.sql`cardinality(${live})`;
  const [row] = await ctx.db.$queryRaw<
    {
      isHeld: boolean;
      byBrowser: boolean;
      accountFailures: number | null;
      waitUntil: Date | null;
      isSpent: boolean;
    }[]
  >`
    WITH holder AS (${lockHolder(holder)}),
    browser AS (
      UPDATE known_browser SET spent = spent + ${units}
      WHERE user_id = ${userId} AND token_hash = ${browserHash} AND expires_at > ${ctx.now}::timestamptz
        AND spent + ${units} <= ${LIMITS.knownBrowser.units} AND EXISTS (SELECT 1 FROM holder)
      RETURNING id
    ),
    account AS (
      UPDATE factor_budget AS budget SET
        failures = ${live} || array_fill(${ctx.now}::timestamptz, ARRAY[${units}::int]),
        wait_until = ${waitAfter(ctx.now, count, units)}
      WHERE user_id = ${userId} AND NOT EXISTS (SELECT 1 FROM browser) AND EXISTS (SELECT 1 FROM holder)
        AND (wait_until IS NULL OR wait_until <= ${ctx.now}::timestamptz)
        AND ${count} + ${units} <= ${ACCOUNT_UNITS}
      RETURNING cardinality(failures) AS failures
    ),
    noted AS (${noteOnHolder(holder, units)} ${holder === null ? Prisma.empty : Prisma.sql`RETURNING 1`})
    SELECT EXISTS (SELECT 1 FROM holder) AS "isHeld", EXISTS (SELECT 1 FROM browser) AS "byBrowser", (SELECT failures FROM account) AS "accountFailures",
      budget.wait_until AS "waitUntil", ${count} + ${units} > ${ACCOUNT_UNITS} AS "isSpent"
    FROM factor_budget AS budget WHERE user_id = ${userId}`;
  if (row?.byBrowser) return { from: "browser", units, accountFailures: 0 };
  if (typeof row?.accountFailures === "number")
    return { from: "account", units, accountFailures: row.accountFailures };
  const waitUntil = row?.isSpent ? null : (row?.waitUntil ?? secondsAfter(ctx.now, 1));
  return { from: null, isHolderGone: row?.isHeld !== true, waitUntil };
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
