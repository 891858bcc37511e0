import { Prisma } from "@/lib/db/generated/client";
import { requireAccess } from "./access/guard";
import { type Context, secondsAfter } from "./context";
import { recordEvent } from "./events";
import { DEMAND_COLUMNS, type Demand, type DemandRow, demandOf } from "./policy";
import { refuse } from "./refusals";
import { type SignedIn, TWO_FACTOR_IS_ON } from "./sessions";

// How far two-factor sign-in has come among the people who can sign in. Disabled accounts are left out.

/** Everybody; or those with it, without it, in a grace period that has begun, or late. */
export const ADOPTION_FILTERS = ["all", "with", "without", "grace", "late"] as const;
export type AdoptionFilter = (typeof ADOPTION_FILTERS)[number];

/** How many people there are of each kind. `grace` and `late` are part of `without`. */
export type AdoptionTotals = Record<AdoptionFilter, number>;

/** Somebody, and what they have. */
export type AdoptionRow = {
  id: string;
  email: string;
  name: string | null;
  isAdmin: boolean;
  isOn: boolean;
  /** Since when it is on, where that is known. */
  since: Date | null;
  authenticators: number;
  recoveryCodesLeft: number;
  trustedBrowsers: number;
  lastSignInAt: Date | null;
  /** As policy has it; `enrolBy` only where the grace has begun. */
  demand: Demand;
  /** When a grace period ended without it. */
  lateSince: Date | null;
};

const NOT_IN_FORCE = Prisma.sql`FALSE`;

/** The moment before which graces must have begun to be over, and the one before which they are those of an earlier policy. */
async function readWindow(
  ctx: Context,
): Promise<{ requiredFrom: Date; endedBefore: Date; graceDays: number } | null> {
  const { requiredFrom, graceDays } = await ctx.db.policy.findFirstOrThrow();
  if (requiredFrom === null || requiredFrom > ctx.now) return null;
  return { requiredFrom, graceDays, endedBefore: secondsAfter(ctx.now, -graceDays * 86_400) };
}

type Window = Awaited<ReturnType<typeof readWindow>>;

/** Of the row `u` of "user": its grace has begun under the policy in force, and is over or not. */
function graceIs(state: "running" | "over", window: Window): Prisma.Sql {
  if (window === null) return NOT_IN_FORCE;
  const ended = Prisma.sql`g.started_at <= ${window.endedBefore}::timestamptz`;
  return Prisma.sql`EXISTS (SELECT 1 FROM grace_period g WHERE g.user_id = u.id
    AND g.started_at >= ${window.requiredFrom}::timestamptz AND ${state === "over" ? ended : Prisma.sql`NOT ${ended}`})`;
}

/** Of the row `u` of "user", without two-factor sign-in: administrators are late from the first moment. */
const isLate = (window: Window) => Prisma.sql`(u.is_admin OR ${graceIs("over", window)})`;
const isInGrace = (window: Window) => Prisma.sql`(NOT u.is_admin AND ${graceIs("running", window)})`;

function matching(filter: AdoptionFilter, window: Window): Prisma.Sql {
  switch (filter) {
    case "all":
      return Prisma.sql`TRUE`;
    case "with":
      return TWO_FACTOR_IS_ON;
    case "without":
      return Prisma.sql`NOT ${TWO_FACTOR_IS_ON}`;
    case "grace":
      return Prisma.sql`(${isInGrace(window)} AND NOT ${TWO_FACTOR_IS_ON})`;
    case "late":
      return Prisma.sql`(${isLate(window)} AND NOT ${TWO_FACTOR_IS_ON})`;
  }
}

/** Counts everybody. Refuses `forbidden`. */
export async function readAdoption(ctx: Context, signedIn: SignedIn): Promise<AdoptionTotals> {
  requireAccess("users.list", { kind: "session", signedIn });
  const window = await readWindow(ctx);
  // Materialized, or the database looks each person's rows up again for each count.
  const [totals] = await ctx.db.$queryRaw<AdoptionTotals[]>`
    WITH people AS MATERIALIZED (
      SELECT u.id, u.is_admin, ${TWO_FACTOR_IS_ON} AS is_on FROM "user" u WHERE u.disabled_at IS NULL
    ), without AS MATERIALIZED (
      SELECT ${isInGrace(window)} AS in_grace, ${isLate(window)} AS is_late FROM people u WHERE NOT u.is_on
    )
    SELECT count(*)::int AS "all", (count(*) FILTER (WHERE is_on))::int AS "with",
      (count(*) FILTER (WHERE NOT is_on))::int AS "without",
      (SELECT count(*) FROM without WHERE in_grace)::int AS grace,
      (SELECT count(*) FROM without WHERE is_late)::int AS late
    FROM people`;
  return totals ?? { all: 0, with: 0, without: 0, grace: 0, late: 0 };
}

type Row = Omit<AdoptionRow, "demand" | "lateSince"> & DemandRow;

/**
 * People by e-mail address, a page at a time.
 * @param page.after an e-mail address: only those behind it
 * @returns with them the address to page on from, or null if they are the last
 */
export async function listAdoption(
  ctx: Context,
  signedIn: SignedIn,
  page: { filter: AdoptionFilter; limit: number; after?: string },
): Promise<{ people: AdoptionRow[]; nextAfter: string | null }> {
  requireAccess("users.list", { kind: "session", signedIn });
  const window = await readWindow(ctx);
  // The page is found first: what is asked of each row besides is asked of no others.
  const rows = await ctx.db.$queryRaw<Row[]>`
    WITH page AS MATERIALIZED (
      SELECT u.id FROM "user" u
      WHERE u.email > ${page.after ?? ""} AND u.disabled_at IS NULL AND ${matching(page.filter, window)}
      ORDER BY u.email LIMIT ${page.limit + 1}
    )
    SELECT u.id, u.email, u.name, u.is_admin AS "isAdmin", ${TWO_FACTOR_IS_ON} AS "isOn", u.two_factor_since AS since,
      (SELECT count(*)::int FROM totp_factor f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL) AS authenticators,
      (SELECT count(*)::int FROM recovery_code r WHERE r.user_id = u.id AND r.used_at IS NULL) AS "recoveryCodesLeft",
      (SELECT count(*)::int FROM trusted_browser t WHERE t.user_id = u.id AND t.expires_at > ${ctx.now}::timestamptz)
        AS "trustedBrowsers",
      (SELECT e.created_at FROM event e WHERE e.user_id = u.id AND e.kind = 'sign_in.succeeded' ORDER BY e.id DESC LIMIT 1)
        AS "lastSignInAt", ${DEMAND_COLUMNS}
    FROM page JOIN "user" u ON u.id = page.id ORDER BY u.email`;
  const people = rows.slice(0, page.limit).map((row) => adoptionOf(row, ctx.now));
  return { people, nextAfter: rows.length > page.limit ? (people.at(-1)?.email ?? null) : null };
}

function adoptionOf(row: Row, now: Date): AdoptionRow {
  const { requiredFrom: _from, graceDays: _days, graceStartedAt: _at, ...shown } = row;
  return { ...shown, since: row.isOn ? row.since : null, ...standingOf(row, now) };
}

/** How somebody stands: what policy asks of them, and since when they are late. */
export type Standing = Pick<AdoptionRow, "demand" | "lateSince">;

function standingOf(row: DemandRow & { isAdmin: boolean; isOn: boolean }, now: Date): Standing {
  const { requiredFrom, graceDays, graceStartedAt, isAdmin } = row;
  const demand = demandOf(row, now);
  const isInForce = requiredFrom !== null && requiredFrom <= now;
  const hasBegun = isInForce && graceStartedAt !== null && graceStartedAt >= requiredFrom;
  const endsAt = hasBegun && !isAdmin ? secondsAfter(graceStartedAt, graceDays * 86_400) : null;
  return {
    demand: { ...demand, enrolBy: hasBegun ? demand.enrolBy : null },
    lateSince: demand.isDue ? endsAt : null,
  };
}

/** How one account stands, as the list has it. Whoever asks must have asked the guard. Refuses `not_found`. */
export async function readStanding(ctx: Context, userId: string): Promise<Standing> {
  const [row] = await ctx.db.$queryRaw<(DemandRow & { isAdmin: boolean; isOn: boolean })[]>`
    SELECT u.is_admin AS "isAdmin", ${TWO_FACTOR_IS_ON} AS "isOn", ${DEMAND_COLUMNS} FROM "user" u WHERE u.id = ${userId}`;
  return row ? standingOf(row, ctx.now) : refuse({ code: "not_found" });
}

/** Lets everybody be read, page by page, by whoever exports them, which is written down first. Refuses `forbidden`. */
export async function* exportAdoption(
  ctx: Context,
  signedIn: SignedIn,
  filter: AdoptionFilter,
): AsyncGenerator<AdoptionRow[]> {
  requireAccess("users.list", { kind: "session", signedIn });
  const details = { what: "adoption", filter };
  await recordEvent(ctx, { kind: "audit.exported", userId: signedIn.user.id, details });
  let after = "";
  for (;;) {
    const { people, nextAfter } = await listAdoption(ctx, signedIn, { filter, limit: 1000, after });
    yield people;
    if (nextAfter === null) return;
    after = nextAfter;
  }
}
