import { Prisma } from "@/lib/db/generated/client";

// Who must have two-factor sign-in: administrators always; everybody else from a date on, with some days from their first
// sign-in after it.

/** What policy asks of somebody. */
export type Demand = {
  /** They must have two-factor sign-in, now or at the end of their grace: what they have of it they cannot turn off. */
  isRequired: boolean;
  /** Without a second factor, until when they may go on; null: it is on, or nothing is asked, or nothing is left. */
  enrolBy: Date | null;
  /** Nothing is open to them but setting it up. */
  isDue: boolean;
  /** Without a second factor, from when on one will be asked for; null: it is on, or asked for already, or never will be. */
  announcedFor: Date | null;
};

/** What `DEMAND_COLUMNS` selects, and what it is judged by. */
export type DemandRow = { requiredFrom: Date | null; graceDays: number; graceStartedAt: Date | null };

/** Of the row `u` of "user". */
export const DEMAND_COLUMNS = Prisma.sql`(SELECT p.required_from FROM policy p) AS "requiredFrom",
  (SELECT p.grace_days FROM policy p) AS "graceDays",
  (SELECT g.started_at FROM grace_period g WHERE g.user_id = u.id) AS "graceStartedAt"`;

const DAY_MS = 86_400_000;

/** What policy asks of the user of a row at a moment. */
export function demandOf(row: DemandRow & { isAdmin: boolean; isOn: boolean }, now: Date): Demand {
  const { requiredFrom, graceDays, graceStartedAt, isAdmin, isOn } = row;
  const isForAll = requiredFrom !== null && requiredFrom <= now;
  const isRequired = isAdmin || isForAll;
  const demand = { isRequired, enrolBy: null, isDue: false, announcedFor: null };
  if (isOn) return demand;
  if (!isRequired) return { ...demand, announcedFor: requiredFrom };
  if (isAdmin || requiredFrom === null) return { ...demand, isDue: true };
  // A grace of an earlier policy is none; whoever has not signed in since has all of it before them.
  const begun = graceStartedAt !== null && graceStartedAt >= requiredFrom ? graceStartedAt : now;
  const enrolBy = new Date(begun.getTime() + graceDays * DAY_MS);
  return enrolBy > now ? { ...demand, enrolBy } : { ...demand, isDue: true };
}

/**
 * A statement part that begins somebody's grace period at the first sign-in after policy's date. `source` is a FROM item
 * with user_id.
 */
export function beginGracePart(now: Date, source: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    INSERT INTO grace_period AS grace (user_id, started_at, reminders_sent)
    SELECT source.user_id, ${now}::timestamptz, 0 FROM policy p, ${source}
    WHERE p.required_from <= ${now}::timestamptz
    ON CONFLICT (user_id) DO UPDATE SET started_at = EXCLUDED.started_at, reminders_sent = 0
    WHERE grace.started_at < (SELECT p.required_from FROM policy p)`;
}
