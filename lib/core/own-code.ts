import { Prisma } from "@/lib/db/generated/client";
import type { Context } from "./context";
import { type EventKind, eventRow } from "./events";
import {
  milestoneOf,
  refuseLocked,
  type Spent,
  type SpentRow,
  spendUnitsParts,
  spentColumns,
  spentFrom,
} from "./factor-budget";
import { guessed, type Match } from "./factors/factor";
import { readTypedCode } from "./factors/registry";
import { returnBrowserUnits } from "./known-browsers";
import { mailRow, queueMailPart } from "./mail-queue";
import { refuse } from "./refusals";
import { returnGuessParts } from "./return-guess";
import type { SignedIn } from "./sessions";
import { refuseAddress, takeAddressTry } from "./try-budget";

/** Evidence that a signed-in person typed a code of their own, not used up yet. */
export type OwnCode = { match: Match; spent: Spent | null };

/**
 * Compares a code that a signed-in person typed, for a step-up or a sensitive act. It costs the same budgets as at
 * sign-in. Refuses `invalid_input`, `too_many_requests`, `locked`, `invalid_code`.
 */
export async function matchOwnCode(
  ctx: Context,
  signedIn: SignedIn,
  typed: string,
  failure: EventKind,
): Promise<OwnCode> {
  const typedCode = readTypedCode(typed);
  const { code, factor } = typedCode;
  const userId = signedIn.user.id;
  const isLimited = ctx.settings.rateLimitAddress;
  const [row] = await ctx.db.$run<SpentRow & { candidates: unknown }>(Prisma.sql`
    WITH once AS (SELECT ${userId}::text AS user_id),
    address AS (${isLimited ? takeAddressTry(ctx, "factor", Prisma.sql`once`) : Prisma.sql`SELECT 1`}),
    guess AS (
      SELECT once.user_id, guessed.candidates, guessed.units
      FROM once, ${guessed(typedCode, Prisma.sql`once.user_id`)} WHERE EXISTS (SELECT 1 FROM address)
    ),
    ${spendUnitsParts(ctx)}
    SELECT guess.candidates, ${spentColumns(ctx)}
    FROM guess LEFT JOIN factor_budget AS budget ON budget.user_id = guess.user_id`);
  if (!row) return refuseAddress(ctx, "factor");
  const spent = spentFrom(ctx, row);
  if (spent.from === null && (factor?.isHeldByAccountLimit ?? true)) refuseLocked(ctx, spent.waitUntil);
  const match = await factor?.match(ctx, userId, code, row.candidates);
  const taken = spent.from === null ? null : spent;
  if (!match) return refuseOwnCode(ctx, signedIn, failure, taken);
  return { match, spent: taken };
}

/** Writes the failure down, tells the owner of a milestone, and refuses `invalid_code`. */
export async function refuseOwnCode(
  ctx: Context,
  signedIn: SignedIn,
  failure: EventKind,
  spent: Spent | null,
): Promise<never> {
  const failures = spent && milestoneOf(spent);
  const { id: userId, email } = signedIn.user;
  await ctx.db.$transaction([
    ctx.db.event.create({ data: eventRow(ctx, { kind: failure, userId }) }),
    ...(failures ? [ctx.db.mail.create({ data: mailRow(ctx, email, "sign_in_locked", { failures }) })] : []),
  ]);
  return refuse({ code: "invalid_code", triesLeft: null });
}

/**
 * Statement parts that use a matched code up and give back what the guess cost. `source` has one row, with user_id, for
 * exactly one of any number of parallel requests; everything that the code opens must hang on it.
 */
export function spendOwnCodeParts(ctx: Context, { match, spent }: OwnCode): Prisma.Sql {
  const source = Prisma.sql`source`;
  const accountUnits = spent?.from === "account" ? spent.units : 0;
  const browserUnits = spent?.from === "browser" ? spent.units : 0;
  const mail =
    match.kind === "recovery"
      ? Prisma.sql`, mailed AS (${queueMailPart(ctx, source, "recovery_code_used")})`
      : Prisma.empty;
  return Prisma.sql`
    used AS (${match.spend}),
    source AS (SELECT user_id, ${accountUnits}::int AS account_units, ${browserUnits}::int AS browser_units FROM used),
    ${returnGuessParts(ctx)},
    browser_returned AS (${returnBrowserUnits(ctx, Prisma.sql`settled AS source`)}) ${mail}`;
}
