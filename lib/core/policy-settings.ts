import { requireAccess } from "./access/guard";
import type { Context } from "./context";
import { eventRow } from "./events";
import { LIMITS } from "./limits";
import { refuse } from "./refusals";
import { holdSession, type SignedIn } from "./sessions";

/** Who must have two-factor sign-in besides administrators, and how long they have for it. */
export type PolicySettings = {
  /** From when on everyone must; null: administrators alone. */
  requiredFrom: Date | null;
  /** From somebody's first sign-in after that. */
  graceDays: number;
};

/** As typed: a day ("2031-12-31", from its first moment in UTC on), "now" or "never"; and a whole number of days. */
export type TypedPolicy = { requiredFrom: string; graceDays: string };

/** What the policy is. Refuses `forbidden` to people who are no administrators. */
export async function readPolicy(ctx: Context, signedIn: SignedIn): Promise<PolicySettings> {
  requireAccess("policy.read", { kind: "session", signedIn });
  return ctx.db.policy.findFirstOrThrow({ select: { requiredFrom: true, graceDays: true } });
}

/**
 * Says who must have two-factor sign-in. A policy in force that stays in force keeps its date, and with it the graces that
 * have begun; with another date they begin anew.
 * Refuses `invalid_input`, `forbidden`, `step_up_required`, `unauthenticated`.
 */
export async function changePolicy(ctx: Context, signedIn: SignedIn, typed: TypedPolicy): Promise<void> {
  requireAccess("policy.change", { kind: "session", signedIn });
  const graceDays = parseGraceDays(typed.graceDays);
  await ctx.db.$transaction(async (tx) => {
    // Held, so that the event tells of the change that was made.
    await tx.$queryRaw`SELECT 1 FROM policy FOR UPDATE`;
    await holdSession(tx, signedIn);
    const before = await tx.policy.findFirstOrThrow({ select: { requiredFrom: true, graceDays: true } });
    const after = {
      requiredFrom: parseRequiredFrom(typed.requiredFrom, before.requiredFrom, ctx.now),
      graceDays,
    };
    if (after.requiredFrom?.getTime() === before.requiredFrom?.getTime() && graceDays === before.graceDays)
      return;
    await tx.policy.updateMany({ data: after });
    const details = { before: inDetails(before), after: inDetails(after) };
    await tx.event.create({
      data: eventRow(ctx, { kind: "policy.changed", userId: signedIn.user.id, details }),
    });
  });
}

function inDetails({ requiredFrom, graceDays }: PolicySettings) {
  return { requiredFrom: requiredFrom?.toISOString() ?? null, graceDays };
}

function parseGraceDays(typed: string): number {
  const text = typed.normalize("NFKC").trim();
  if (text === "") refuse({ code: "invalid_input", field: "graceDays", problem: "missing" });
  const isRight = /^\d{1,2}$/.test(text) && Number(text) <= LIMITS.grace.maxDays;
  return isRight ? Number(text) : refuse({ code: "invalid_input", field: "graceDays", problem: "malformed" });
}

const dayOf = (moment: Date) => moment.toISOString().slice(0, 10);

function parseRequiredFrom(typed: string, current: Date | null, now: Date): Date | null {
  const text = typed.trim();
  if (text === "never") return null;
  if (text === "") refuse({ code: "invalid_input", field: "requiredFrom", problem: "missing" });
  const day = text === "now" ? dayOf(now) : parseDay(text);
  if (current !== null && (day === dayOf(current) || (text === "now" && current <= now))) return current;
  // A day that is past would make graces of an earlier policy count; today, too, but for the rest of it.
  if (day < dayOf(now)) refuse({ code: "invalid_input", field: "requiredFrom", problem: "malformed" });
  return day === dayOf(now) ? now : new Date(`${day}T00:00:00Z`);
}

/** A day of the calendar, as a date field writes it. Refuses `invalid_input`. */
function parseDay(text: string): string {
  const moment = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
  // Date takes 30 February for 2 March.
  const isDay = moment !== null && !Number.isNaN(moment.getTime()) && dayOf(moment) === text;
  return isDay ? text : refuse({ code: "invalid_input", field: "requiredFrom", problem: "malformed" });
}
