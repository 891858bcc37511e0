import { totpStep } from "@/lib/crypto/totp";
import { Prisma } from "@/lib/db/generated/client";
import { requireAccess } from "../access/guard";
import type { Context } from "../context";
import { endOpenSignIns } from "../end-access";
import { eventRow, recordEvent } from "../events";
import {
  refuseLocked,
  type SpentRow,
  spendUnitsParts,
  spentColumns,
  spentFrom,
  TAKEN_ACCOUNT_UNITS,
} from "../factor-budget";
import { parseCode, parseOptionalName } from "../input";
import { LIMITS } from "../limits";
import { mailRow } from "../mail-queue";
import { refuse } from "../refusals";
import { returnGuessParts } from "../return-guess";
import { type NewSession, renewSessionPart, type SignedIn } from "../sessions";
import { spendAddressTry } from "../try-budget";
import { refuseCode } from "./code-hints";
import {
  makeRecoveryCodes,
  type NewRecoverySet,
  type RecoverySet,
  storeRecoveryCodes,
} from "./recovery-codes";
import { diagnoseSealedTotp, matchSealedTotp, totpParameters } from "./totp-factor";

/** An authenticator that counts from now on. */
export type ConfirmedTotp = NewSession & {
  factorId: string;
  /** Another authenticator went in the same transaction. */
  hasReplaced: boolean;
  /** In clear this once: only when the account had no set, and none was shown with the secret. */
  recoveryCodes: string[] | null;
};

/**
 * Proves a pending set-up with its first code, which is thereby used up. In one transaction the authenticator becomes
 * live, an account without recovery codes gets its set (two-factor is on exactly from here), the session a new token,
 * and when this turned two-factor on every other session ends: it was opened by a password alone. One that replaces
 * another takes its place at once: there is no moment in which both or neither counts.
 * Refuses `invalid_input`, `step_up_required`, `conflict` (nothing_pending), `invalid_code`, `locked`, `too_many_requests`.
 */
export async function confirmTotp(
  ctx: Context,
  signedIn: SignedIn,
  typed: { code: string; name?: string | null; id?: string },
): Promise<ConfirmedTotp> {
  requireAccess("totp.confirm", { kind: "session", signedIn });
  const code = parseCode(typed.code);
  const name = parseOptionalName(typed.name, LIMITS.authenticators.nameLength);
  const pending = await findPending(ctx, signedIn, typed.id);
  const step = await matchFirstCode(ctx, signedIn, pending, code);
  const proven = { pending, step, name: name ?? pending.name };
  const recovery = signedIn.twoFactor.isOn ? null : await recoverySetOf(ctx, pending);
  return ctx.db.$transaction((tx) => makeLive(ctx, tx, signedIn, proven, recovery));
}

type Pending = Prisma.TotpFactorGetPayload<object>;

/** The set that was shown with the secret, or a new one. */
async function recoverySetOf(ctx: Context, { userId, recoverySet }: Pending): Promise<NewRecoverySet> {
  if (recoverySet === null) return makeRecoveryCodes(ctx, userId);
  // As startTotpSetupWithRecoveryCodes stored it.
  return { shown: null, stored: recoverySet as RecoverySet["stored"] };
}

async function findPending(ctx: Context, signedIn: SignedIn, id: string | undefined): Promise<Pending> {
  const pending = await ctx.db.totpFactor.findFirst({
    where: {
      userId: signedIn.user.id,
      sessionId: signedIn.session.id,
      confirmedAt: null,
      expiresAt: { gt: ctx.now },
      ...(id === undefined ? {} : { id }),
    },
    orderBy: { createdAt: "desc" },
  });
  return pending ?? refuse({ code: "conflict", reason: "nothing_pending" });
}

async function matchFirstCode(
  ctx: Context,
  signedIn: SignedIn,
  pending: Pending,
  code: string,
): Promise<number> {
  await spendAddressTry(ctx, "factor");
  const [row] = await ctx.db.$run<SpentRow>(Prisma.sql`
    WITH guess AS (SELECT f.id, f.user_id, 1 AS units FROM totp_factor f WHERE f.id = ${pending.id} FOR UPDATE),
    ${spendUnitsParts(ctx)},
    noted AS (
      UPDATE totp_factor f SET account_units = f.account_units + ${TAKEN_ACCOUNT_UNITS} FROM guess WHERE f.id = guess.id
    )
    SELECT ${spentColumns(ctx)} FROM guess LEFT JOIN factor_budget AS budget ON budget.user_id = guess.user_id`);
  if (!row) return refuse({ code: "conflict", reason: "nothing_pending" });
  const spent = spentFrom(ctx, row);
  if (spent.from === null) refuseLocked(ctx, spent.waitUntil);
  const totp = { ...pending, ...totpParameters(pending) };
  const step = matchSealedTotp(ctx.keys, pending.userId, totp, code, ctx.now);
  if (step !== null) return step;
  await recordEvent(ctx, { kind: "totp.confirm_failed", userId: signedIn.user.id });
  // Whoever sees this page sees the secret itself.
  return refuseCode(null, diagnoseSealedTotp(ctx.keys, pending.userId, totp, code, ctx.now));
}

async function makeLive(
  ctx: Context,
  tx: Prisma.TransactionClient,
  signedIn: SignedIn,
  { pending, step, name }: { pending: Pending; step: number; name: string },
  recovery: NewRecoverySet | null,
): Promise<ConfirmedTotp> {
  const { user, session } = signedIn;
  // One at a time per account: two set-ups confirmed at once must not make two sets of codes.
  await tx.$queryRaw`SELECT 1 FROM "user" WHERE id = ${user.id} FOR NO KEY UPDATE`;
  const isFirst = (await tx.recoveryCode.count({ where: { userId: user.id } })) === 0;
  // Turned on or off since the read: what was proven then is not what an authenticator asks for now.
  if (isFirst !== (recovery !== null)) refuse({ code: "unauthenticated" });
  const live = await tx.totpFactor.count({ where: { userId: user.id, confirmedAt: { not: null } } });
  const { replacesId } = pending;
  if (live >= LIMITS.authenticators.perUser && replacesId === null)
    refuse({ code: "conflict", reason: "too_many_authenticators" });
  const source = Prisma.sql`source`;
  const renewal = renewSessionPart(ctx, signedIn, source, "factor");
  const [row] = await tx.$queryRaw<{ expiresAt: Date }[]>`
    WITH source AS (
      UPDATE totp_factor SET confirmed_at = ${ctx.now}::timestamptz, last_used_at = ${ctx.now}::timestamptz,
        last_step = ${step}, drift_steps = ${step - totpStep(ctx.now, pending.periodSeconds)}, name = ${name},
        expires_at = NULL, session_id = NULL, replaces_id = NULL, recovery_set = NULL
      WHERE id = ${pending.id} AND session_id = ${session.id} AND confirmed_at IS NULL
      RETURNING user_id, account_units
    ),
    ${returnGuessParts(ctx)},
    renewed AS (${renewal.part})
    SELECT expires_at AS "expiresAt" FROM renewed`;
  if (!row) return refuse({ code: "conflict", reason: "nothing_pending" });
  await tx.user.update({ where: { id: user.id }, data: { factorsChangedAt: ctx.now } });
  // The row that it replaces is there still: with it, this one would have gone.
  if (replacesId !== null) await tx.totpFactor.deleteMany({ where: { id: replacesId, userId: user.id } });
  const hasReplaced = replacesId !== null;
  const details = { name };
  const kind = hasReplaced ? "totp.replaced" : "totp.confirmed";
  await tx.event.create({ data: eventRow(ctx, { kind, userId: user.id, details }) });
  await endOpenSignIns(tx, user.id);
  if (isFirst && recovery) await turnOn(ctx, tx, signedIn, recovery);
  const mail = hasReplaced ? "authenticator_replaced" : isFirst ? "two_factor_on" : "authenticator_added";
  await tx.mail.create({ data: mailRow(ctx, user.email, mail, details) });
  const recoveryCodes = isFirst && recovery ? recovery.shown : null;
  return {
    token: renewal.token,
    expiresAt: row.expiresAt,
    userId: user.id,
    factorId: pending.id,
    hasReplaced,
    recoveryCodes,
  };
}

async function turnOn(
  ctx: Context,
  tx: Prisma.TransactionClient,
  signedIn: SignedIn,
  recovery: NewRecoverySet,
) {
  const userId = signedIn.user.id;
  await storeRecoveryCodes(ctx, tx, signedIn, recovery);
  await tx.session.deleteMany({ where: { userId, id: { not: signedIn.session.id } } });
  // Known by a password alone: such a browser is a stranger where a code is asked for.
  await tx.knownBrowser.deleteMany({ where: { userId } });
  await tx.event.create({ data: eventRow(ctx, { kind: "two_factor.on", userId }) });
}
