import { hashToken } from "@/lib/crypto/tokens";
import { Prisma } from "@/lib/db/generated/client";
import { type Context, secondsAfter } from "./context";
import { EVENT_COLUMNS, eventValues } from "./events";
import {
  milestoneOf,
  refuseLocked,
  type Spent,
  type SpentRow,
  spendUnitsParts,
  spentColumns,
  spentFrom,
  TAKEN_ACCOUNT_UNITS,
  TAKEN_BROWSER_UNITS,
  type Unspent,
} from "./factor-budget";
import { hintFor, refuseCode } from "./factors/code-hints";
import { type CodeFactor, guessed, type Match, type TypedCode } from "./factors/factor";
import { isNoneMailed } from "./factors/mailed-code-factor";
import { type AskedFactor, readTypedCode } from "./factors/registry";
import { rememberBrowserParts, returnBrowserUnits } from "./known-browsers";
import { LIMITS } from "./limits";
import { queueMailPart } from "./mail-queue";
import { refuse } from "./refusals";
import { returnGuessParts } from "./return-guess";
import {
  FROM_OPENED,
  type OpenedSession,
  openedSession,
  openSessionParts,
  SESSION_COLUMNS,
  type SessionRow,
  weakProof,
} from "./sessions";
import { endTrustPart, type Trust, trustBrowserParts } from "./trusted-browsers";
import { refuseAddress, takeAccountTry, takeAddressTry } from "./try-budget";

/** A challenge as the code step holds it, with one of its tries taken and the price of the guess, if there was room. */
type TakenTry = {
  challengeId: string;
  userId: string;
  triesLeft: number;
  candidates: unknown;
  spent: Spent | Unspent;
};

type TakenRow = SpentRow &
  Omit<TakenTry, "spent"> & { challengeId: string | null; isLive: boolean; isOutOfTries: boolean };

/** A sign-in that is complete. */
export type CompletedSignIn = OpenedSession & {
  factor: CodeFactor["kind"];
  /** A token for the browser to keep, or null if the one it brought stays good. */
  browserToken: string | null;
  /** The browser is trusted from now on, as was asked; null: it was not asked, or may not be. */
  trust: Trust | null;
};

const SUCCEEDED = "sign_in.succeeded";

/** A condition for the row `c`: not past its time, with tries left, and among the newest of its user from its address. */
export function liveChallenge(ctx: Context, tokenHash: Uint8Array): Prisma.Sql {
  return Prisma.sql`c.token_hash = ${tokenHash} AND c.expires_at > ${ctx.now}::timestamptz
    AND c.tries < ${LIMITS.challenge.tries}
    AND c.id IN (SELECT n.id FROM challenge n
      WHERE n.user_id = c.user_id AND n.address_key = c.address_key AND n.is_known_browser = c.is_known_browser
      ORDER BY n.created_at DESC, n.id DESC LIMIT ${LIMITS.challenge.openPerAddress})`;
}

/**
 * The code step: redeems a challenge once, with a code of any factor, for a session. Two statements: take a try and the
 * budget's units (committed before anything is compared), redeem. The second one uses the code up, deletes the challenge
 * and opens the session together, or does none of it.
 * Refuses `invalid_input`, `challenge_expired`, `too_many_requests`, `locked`, `invalid_code`.
 */
export async function completeSignIn(
  ctx: Context,
  typed: { challengeToken: string; code: string; factor?: AskedFactor; trustBrowser?: boolean },
): Promise<CompletedSignIn> {
  const typedCode = readTypedCode(typed.code, typed.factor);
  const taken = await takeTry(ctx, typed.challengeToken, typedCode);
  const { spent } = taken;
  // A form that no factor has is a wrong code like any other; it is only held back, not let through.
  if (spent.from === null && (typedCode.factor?.isHeldByAccountLimit ?? true)) {
    await noteFailure(ctx, taken, "sign_in.locked", null);
    refuseLocked(ctx, spent.waitUntil);
  }
  const match = await typedCode.factor?.match(ctx, taken.userId, typedCode.code, taken.candidates);
  const completed = match ? await redeem(ctx, taken, match, typed.trustBrowser ?? false) : null;
  if (completed !== null) return completed;
  // A right code sent twice: the first one signed in. That is no failure to alarm anybody with.
  if (match && (await isRedeemed(ctx, taken))) refuse({ code: "challenge_expired" });
  await noteFailure(ctx, taken, "sign_in.code_failed", spent.from === null ? null : spent);
  if (taken.triesLeft === 0) refuse({ code: "challenge_expired", outOfTries: "now" });
  if (isNoneMailed(ctx, typedCode, taken.candidates))
    refuse({ code: "invalid_code", triesLeft: taken.triesLeft, isNoneMailed: true });
  return refuseCode(taken.triesLeft, hintFor(ctx, taken.userId, typedCode, taken.candidates, spent));
}

async function takeTry(ctx: Context, token: string, typed: TypedCode): Promise<TakenTry> {
  const tokenHash = hashToken(token) ?? refuse({ code: "challenge_expired" });
  const isLimited = ctx.settings.rateLimitAddress;
  const [row] = await ctx.db.$run<TakenRow>(Prisma.sql`
    WITH live AS (SELECT c.id, c.user_id FROM challenge c WHERE ${liveChallenge(ctx, tokenHash)} FOR UPDATE OF c),
    address AS (${isLimited ? takeAddressTry(ctx, "factor", Prisma.sql`live`) : Prisma.sql`SELECT 1 FROM live`}),
    guess AS (
      SELECT live.id, live.user_id, guessed.candidates, guessed.units
      FROM live, ${guessed(typed, { userId: Prisma.sql`live.user_id`, challengeId: Prisma.sql`live.id` })} WHERE EXISTS (SELECT 1 FROM address)
    ),
    ${spendUnitsParts(ctx)},
    taken AS (
      UPDATE challenge c SET tries = c.tries + 1, account_units = c.account_units + ${TAKEN_ACCOUNT_UNITS},
        browser_units = c.browser_units + ${TAKEN_BROWSER_UNITS} ${weakUnits(typed)}
      FROM guess WHERE c.id = guess.id
      RETURNING c.id AS "challengeId", ${LIMITS.challenge.tries} - c.tries AS "triesLeft"
    )
    SELECT EXISTS (SELECT 1 FROM live) AS "isLive",
      EXISTS (SELECT 1 FROM challenge c WHERE c.token_hash = ${tokenHash} AND c.expires_at > ${ctx.now}::timestamptz
        AND c.tries >= ${LIMITS.challenge.tries}) AS "isOutOfTries", taken.*, guess.user_id AS "userId", guess.candidates,
      ${spentColumns(ctx)}
    FROM (SELECT 1) AS once LEFT JOIN taken ON true LEFT JOIN guess ON true
      LEFT JOIN factor_budget AS budget ON budget.user_id = guess.user_id`);
  if (row?.isOutOfTries) return refuse({ code: "challenge_expired", outOfTries: "before" });
  if (!row?.isLive) return refuse({ code: "challenge_expired" });
  if (row.challengeId === null) return refuseAddress(ctx, "factor");
  const { challengeId, userId, triesLeft, candidates } = row;
  return { challengeId, userId, triesLeft, candidates, spent: spentFrom(ctx, row) };
}

/** Guesses at a weak factor are written down apart from the others: a success of it gives back those alone. */
function weakUnits({ factor }: TypedCode): Prisma.Sql {
  if (factor?.isStrong ?? true) return Prisma.empty;
  return Prisma.sql`, weak_account_units = c.weak_account_units + ${TAKEN_ACCOUNT_UNITS},
    weak_browser_units = c.weak_browser_units + ${TAKEN_BROWSER_UNITS}`;
}

/**
 * The one statement in which a sign-in happens. Null: another request was first. The lock on the user waits for a change
 * of password or factors under way, which ends the challenge.
 */
async function redeem(
  ctx: Context,
  taken: TakenTry,
  match: Match,
  wantsTrust: boolean,
): Promise<CompletedSignIn | null> {
  const { factor } = match;
  const source = Prisma.sql`source`;
  const settled = Prisma.sql`settled AS source`;
  const details = { factor: factor.kind, challenge: taken.challengeId };
  const event = { kind: SUCCEEDED, userId: taken.userId, details } as const;
  const provenAt = factor.isStrong ? ctx.now : weakProof(ctx.now);
  // A sign-in keeps its id: for APIs that name one by it, it is the same session before the code and after.
  const session = openSessionParts(ctx, source, provenAt, event, taken.challengeId);
  const browser = factor.isStrong ? rememberBrowserParts(ctx, settled) : strangeBrowser(ctx, settled);
  const trust =
    wantsTrust && factor.trust === "may be given" ? trustBrowserParts(ctx, source, taken.userId) : null;
  const useMail = factor.queueUseMail?.(ctx, source);
  const more = [
    useMail && Prisma.sql`, use_told AS (${useMail})`,
    factor.trust === "ends" && Prisma.sql`, untrusted AS (${endTrustPart(source)})`,
    trust && Prisma.sql`, ${trust.parts}`,
  ].filter((part) => part instanceof Prisma.Sql);
  const trustedUntil = trust ? Prisma.sql`(SELECT expires_at FROM trusted)` : Prisma.sql`NULL::timestamptz`;
  type Row = SessionRow & { isKnown: boolean; trustedUntil: Date | null };
  const [row] = await ctx.db.$run<Row>(Prisma.sql`
    WITH person AS (SELECT 1 FROM "user" WHERE id = ${taken.userId} AND disabled_at IS NULL FOR SHARE),
    held AS (SELECT 1 FROM challenge WHERE id = ${taken.challengeId} AND EXISTS (SELECT 1 FROM person) FOR UPDATE),
    spent AS (${match.spend(Prisma.sql`EXISTS (SELECT 1 FROM held)`)}),
    source AS (
      DELETE FROM challenge WHERE id = ${taken.challengeId} AND EXISTS (SELECT 1 FROM spent)
      RETURNING user_id, ${returnedUnits(factor)}
    ),
    ${returnGuessParts(ctx)}, ${browser.parts}, ${session.parts} ${Prisma.join([Prisma.empty, ...more], " ")}
    SELECT ${SESSION_COLUMNS}, EXISTS (SELECT 1 FROM known) AS "isKnown", ${trustedUntil} AS "trustedUntil"
    ${FROM_OPENED}`);
  if (!row) return null;
  // The statement counts as of its beginning, before it used the code up.
  const recoveryCodesLeft = row.recoveryCodesLeft - (factor.kind === "recovery" ? 1 : 0);
  return {
    ...openedSession(ctx, session.token, { ...row, recoveryCodesLeft }),
    factor: factor.kind,
    browserToken: row.isKnown ? null : browser.token,
    trust: trust && row.trustedUntil ? { token: trust.token, expiresAt: row.trustedUntil } : null,
  };
}

/** Whether this very challenge ended in a session. That it is gone says nothing: whoever has it can give it up. */
async function isRedeemed(ctx: Context, { challengeId, userId }: TakenTry): Promise<boolean> {
  const createdAt = { gte: secondsAfter(ctx.now, -LIMITS.challenge.ttlSeconds) };
  const details = { path: ["challenge"], equals: challengeId };
  return (await ctx.db.event.count({ where: { userId, kind: SUCCEEDED, createdAt, details } })) > 0;
}

/** What stands for `rememberBrowserParts` where the browser stays as unknown, or known, as it is. */
function strangeBrowser(ctx: Context, settled: Prisma.Sql): { token: null; parts: Prisma.Sql } {
  const parts = Prisma.sql`known AS (${returnBrowserUnits(ctx, settled)} RETURNING b.id)`;
  return { token: null, parts };
}

/** What a success gives back of what its challenge took: see `isStrong`. */
function returnedUnits({ isStrong }: CodeFactor): Prisma.Sql {
  return isStrong
    ? Prisma.sql`account_units, browser_units`
    : Prisma.sql`weak_account_units AS account_units, weak_browser_units AS browser_units`;
}

/** Writes down a refused code and tells the owner what they should know. A challenge without tries is dead as it is. */
async function noteFailure(
  ctx: Context,
  { userId, triesLeft }: TakenTry,
  kind: "sign_in.code_failed" | "sign_in.locked",
  spent: Spent | null,
): Promise<void> {
  const isFirst = triesLeft === LIMITS.challenge.tries - 1;
  const reached = spent && milestoneOf(spent);
  await ctx.db.$queryRaw`
    WITH source AS (SELECT ${userId}::text AS user_id),
    not_told AS (${takeAccountTry(ctx, "codeFailedMail", userId, Prisma.sql`(SELECT 1 FROM source WHERE ${isFirst}::bool) AS first`)}),
    first_failure AS (SELECT user_id FROM source, not_told),
    milestone AS (SELECT user_id FROM source WHERE ${reached !== null}::bool),
    told_first AS (${queueMailPart(ctx, Prisma.sql`first_failure AS source`, "sign_in_code_failed")}),
    told_milestone AS (${queueMailPart(ctx, Prisma.sql`milestone AS source`, "sign_in_locked", { failures: reached ?? 0 })})
    INSERT INTO event (${EVENT_COLUMNS}) SELECT ${eventValues(ctx, { kind, userId })} FROM source RETURNING 1`;
}

/** Gives a sign-in up. Nothing happens for a token that names no challenge. */
export async function abandonChallenge(ctx: Context, token: string): Promise<void> {
  const tokenHash = hashToken(token);
  if (tokenHash !== null) await ctx.db.challenge.deleteMany({ where: { tokenHash } });
}
