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
import { hintFor, wrongCode } from "./factors/code-hints";
import { guessed, type Match, type TypedCode } from "./factors/factor";
import { isNoneMailed } from "./factors/mailed-code-factor";
import { type AskedFactor, readTypedCode } from "./factors/registry";
import { totpFactorOf } from "./factors/totp-factor";
import { parseCode } from "./input";
import { returnBrowserUnits } from "./known-browsers";
import { mailRow } from "./mail-queue";
import { type Refusal, refuse } from "./refusals";
import { returnGuessParts } from "./return-guess";
import type { SignedIn } from "./sessions";
import { refuseAddress, takeAddressTry } from "./try-budget";

/** What a signed-in person is asked a code for. */
export type OwnCodeAsked = {
  code: string;
  /** What is written down when it is wrong. */
  failure: EventKind;
  /** Judged against this authenticator alone, on a page that tells its owner why a code is wrong. */
  device?: string;
  /** The one kind of factor that counts; else any whose form it has. */
  factor?: AskedFactor;
};

/** Evidence that a signed-in person typed a code of their own, not used up yet. */
export type OwnCode = { match: Match; sessionId: string; spent: Spent | null; refuse: () => Promise<never> };

/**
 * Compares a code that a signed-in person typed, for a step-up or a sensitive act. It costs the same budgets as at
 * sign-in. Refuses `invalid_input`, `too_many_requests`, `locked`, `invalid_code`.
 */
export async function matchOwnCode(ctx: Context, signedIn: SignedIn, asked: OwnCodeAsked): Promise<OwnCode> {
  const typedCode = readAsked(asked);
  const { code, factor } = typedCode;
  const userId = signedIn.user.id;
  const isLimited = ctx.settings.rateLimitAddress;
  const [row] = await ctx.db.$run<SpentRow & { candidates: unknown }>(Prisma.sql`
    WITH once AS (SELECT ${userId}::text AS user_id),
    address AS (${isLimited ? takeAddressTry(ctx, "factor", Prisma.sql`once`) : Prisma.sql`SELECT 1`}),
    guess AS (
      SELECT once.user_id, guessed.candidates, guessed.units
      FROM once, ${guessed(typedCode, { userId: Prisma.sql`once.user_id`, sessionId: Prisma.sql`${signedIn.session.id}` })} WHERE EXISTS (SELECT 1 FROM address)
    ),
    ${spendUnitsParts(ctx)}
    SELECT guess.candidates, ${spentColumns(ctx)}
    FROM guess LEFT JOIN factor_budget AS budget ON budget.user_id = guess.user_id`);
  if (!row) return refuseAddress(ctx, "factor");
  const spent = spentFrom(ctx, row);
  if (spent.from === null && (factor?.isHeldByAccountLimit ?? true)) refuseLocked(ctx, spent.waitUntil);
  const match = await factor?.match(ctx, userId, code, row.candidates);
  const taken = spent.from === null ? null : spent;
  const refuseIt = () => {
    const hint = asked.device
      ? (factor?.diagnose?.(ctx, userId, code, row.candidates) ?? null)
      : hintFor(ctx, userId, typedCode, row.candidates, spent);
    const refusal = isNoneMailed(ctx, typedCode, row.candidates)
      ? ({ code: "invalid_code", triesLeft: null, isNoneMailed: true } as const)
      : wrongCode(null, hint);
    return refuseOwnCode(ctx, signedIn, asked.failure, taken, refusal);
  };
  const sessionId = signedIn.session.id;
  return match ? { match, sessionId, spent: taken, refuse: refuseIt } : refuseIt();
}

function readAsked({ code: typed, device, factor: asked }: OwnCodeAsked): TypedCode {
  if (device === undefined) return readTypedCode(typed, asked);
  const code = parseCode(typed);
  const factor = totpFactorOf(device);
  return { code, factor: factor.recognises(code) ? factor : null };
}

/** Writes the failure down, tells the owner of a milestone, and refuses. */
async function refuseOwnCode(
  ctx: Context,
  signedIn: SignedIn,
  failure: EventKind,
  spent: Spent | null,
  refusal: Refusal,
): Promise<never> {
  const failures = spent && milestoneOf(spent);
  const { id: userId, email } = signedIn.user;
  await ctx.db.$transaction([
    ctx.db.event.create({ data: eventRow(ctx, { kind: failure, userId }) }),
    ...(failures ? [ctx.db.mail.create({ data: mailRow(ctx, email, "sign_in_locked", { failures }) })] : []),
  ]);
  return refuse(refusal);
}

/**
 * Statement parts that use a matched code up and give back what the guess cost. `source` has one row, with user_id, for
 * exactly one of any number of parallel requests; everything that the code opens must hang on it.
 */
export function spendOwnCodeParts(ctx: Context, { match, sessionId, spent }: OwnCode): Prisma.Sql {
  const source = Prisma.sql`source`;
  const accountUnits = spent?.from === "account" ? spent.units : 0;
  const browserUnits = spent?.from === "browser" ? spent.units : 0;
  const useMail = match.factor.queueUseMail?.(ctx, source);
  const mail = useMail ? Prisma.sql`, mailed AS (${useMail})` : Prisma.empty;
  return Prisma.sql`
    asking AS (SELECT 1 FROM session WHERE id = ${sessionId} FOR KEY SHARE),
    used AS (${match.spend(Prisma.sql`EXISTS (SELECT 1 FROM asking)`)}),
    source AS (SELECT user_id, ${accountUnits}::int AS account_units, ${browserUnits}::int AS browser_units FROM used),
    ${returnGuessParts(ctx)},
    browser_returned AS (${returnBrowserUnits(ctx, Prisma.sql`settled AS source`)}) ${mail}`;
}
