import type { Database } from "@/lib/db/client";
import { Prisma } from "@/lib/db/generated/client";
import { secondsAfter } from "./context";
import { eventRow, type Origin } from "./events";
import { LIMITS } from "./limits";
import { mailRow } from "./mail-queue";
import { TWO_FACTOR_IS_ON } from "./sessions";

const DAY = 86_400;
/** So many people in one transaction. */
const BATCH = 500;

type Reminded = { userId: string; email: string; endsAt: Date; step: number };

/**
 * Mails everybody who is in their grace period and has no two-factor sign-in yet: when it begins, when half of it or three
 * days are left, and for its last day. What was missed is not made up for: one mail says how things stand. Several
 * processes may do so at once: each step of each person is taken by one of them.
 * @returns how many were reminded
 */
export async function remindOfPolicy(db: Database, now: Date): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await remindSome(db, now);
    total += count;
    if (count < BATCH) return total;
  }
}

function remindSome(db: Database, now: Date): Promise<number> {
  const origin: Origin = { now, via: "server", address: "", userAgent: "" };
  return db.$transaction(async (tx) => {
    const reminded = await tx.$queryRaw<Reminded[]>(takeSteps(now));
    await tx.mail.createMany({
      data: reminded.map(({ email, endsAt }) => {
        const daysLeft = Math.ceil((endsAt.getTime() - now.getTime()) / (DAY * 1000));
        return mailRow(origin, email, "two_factor_required", { daysLeft });
      }),
    });
    await tx.event.createMany({
      data: reminded.map(({ userId, endsAt, step }) => {
        const details = { reminder: step, enrolBy: endsAt.toISOString() };
        return eventRow(origin, { kind: "policy.reminded", userId, actor: "server", details });
      }),
    });
    return reminded.length;
  });
}

/**
 * The statement that takes the steps which are due. Another process that is at it holds its rows, which are left to it; one
 * that was at it has raised what was sent.
 */
function takeSteps(now: Date): Prisma.Sql {
  const [soonDays, lastDays] = LIMITS.grace.remindDays;
  const left = (days: number) => Prisma.sql`ends_at <= ${secondsAfter(now, days * DAY)}::timestamptz`;
  return Prisma.sql`
    WITH running AS (
      SELECT g.user_id, g.reminders_sent, g.started_at + make_interval(secs => p.grace_days * ${DAY}) AS ends_at,
        g.started_at + make_interval(secs => p.grace_days * ${DAY / 2}) AS half_at
      FROM grace_period g JOIN policy p ON g.started_at >= p.required_from AND p.required_from <= ${now}::timestamptz
    ),
    steps AS (
      SELECT user_id, ends_at, reminders_sent,
        CASE WHEN ${left(lastDays)} THEN 3 WHEN ${left(soonDays)} AND half_at <= ${now}::timestamptz THEN 2 ELSE 1 END AS step
      FROM running WHERE ends_at > ${now}::timestamptz
    ),
    due AS (
      SELECT steps.user_id, steps.ends_at, steps.step, u.email
      FROM steps JOIN grace_period g ON g.user_id = steps.user_id JOIN "user" u ON u.id = steps.user_id
      WHERE steps.reminders_sent < steps.step AND u.disabled_at IS NULL AND NOT u.is_admin AND NOT ${TWO_FACTOR_IS_ON}
      LIMIT ${BATCH} FOR UPDATE OF g SKIP LOCKED
    )
    UPDATE grace_period g SET reminders_sent = due.step FROM due
    WHERE g.user_id = due.user_id AND g.reminders_sent < due.step
    RETURNING g.user_id AS "userId", due.email, due.ends_at AS "endsAt", due.step`;
}
