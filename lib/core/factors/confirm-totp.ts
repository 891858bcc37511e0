import { requireRoomToHash } from "@/lib/crypto/argon2";
import { totpStep } from "@/lib/crypto/totp";
import { Prisma } from "@/lib/db/generated/client";
import { callerOf, requireAccess } from "../access/guard";
import { holdActing } from "../admin/hold-user";
import type { TokenHolder } from "../api-tokens";
import type { Context } from "../context";
import { endOpenSignIns } from "../end-access";
import { actorOf, eventRow, recordEvent, withActor } from "../events";
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
import { pendingOf } from "./totp";
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
 * @param typed.hasRoomForCodes false: whoever asks cannot be shown recovery codes, so their owner is told to make new ones
 */
export async function confirmTotp(
  ctx: Context,
  signedIn: SignedIn,
  typed: { code: string; name?: string | null; id?: string; hasRoomForCodes?: boolean },
): Promise<ConfirmedTotp> {
  requireAccess("totp.confirm", { kind: "session", signedIn });
  const code = parseCode(typed.code);
  const name = parseOptionalName(typed.name, LIMITS.authenticators.nameLength);
  const pending = await findPending(ctx, signedIn, typed.id);
  const needsSet = !signedIn.twoFactor.isOn;
  const { hasRoomForCodes = true } = typed;
  const seen = needsSet && hasRoomForCodes ? seenRecoverySet(pending) : null;
  const needsHashes = needsSet && seen === null;
  if (needsHashes) requireRoomToHash();
  const step = await matchFirstCode(ctx, pending, code);
  const proven = { pending, step, name: name ?? pending.name };
  const made = needsHashes ? await makeRecoveryCodes(ctx, signedIn.user.id) : null;
  const recovery = seen ?? (made && !hasRoomForCodes ? unseen(made) : made);
  return ctx.db.$transaction(async (tx) => {
    const renewal = renewSessionPart(ctx, signedIn, Prisma.sql`source`, "factor");
    const { user, session } = signedIn;
    const isOwn = Prisma.sql`(session_id = ${session.id} OR provisioned_by IS NOT NULL)`;
    const prover = { user, signedIn, isOwn, renew: renewal.part, areCodesSeen: hasRoomForCodes };
    const row = await makeLive(ctx, tx, prover, proven, recovery);
    const expiresAt = row.expiresAt ?? refuse({ code: "unauthenticated" });
    const { recoveryCodes, hasReplaced } = row;
    return {
      token: renewal.token,
      expiresAt,
      userId: user.id,
      factorId: pending.id,
      hasReplaced,
      recoveryCodes,
    };
  });
}

/**
 * As `confirmTotp`, by a program with an API token, of an authenticator that was provisioned: for the token's own user, or
 * with the scope for it for somebody else. Where it is the first one, nobody has seen the recovery codes that come with it,
 * so its owner is told to make new ones; all sessions end, as they were opened by a password alone.
 * Refuses `invalid_input`, `forbidden`, `insufficient_scope`, `not_found`, `conflict` (already_confirmed,
 * too_many_authenticators), `invalid_code`, `locked`, `too_many_requests`.
 */
export async function confirmProvisionedTotp(
  ctx: Context,
  holder: TokenHolder,
  typed: { userId: string; id: string; code: string },
): Promise<void> {
  const { userId, id } = typed;
  requireAccess(userId === holder.user.id ? "totp.confirm" : "devices.create", callerOf(holder));
  const code = parseCode(typed.code);
  const row = await ctx.db.totpFactor.findFirst({
    where: { id, userId },
    include: {
      user: { select: { id: true, email: true, recoveryCodes: { select: { id: true }, take: 1 } } },
    },
  });
  if (row === null) return refuse({ code: "not_found" });
  const { user, ...pending } = row;
  if (pending.confirmedAt !== null) refuse({ code: "conflict", reason: "already_confirmed" });
  if (pending.provisionedBy === null || (pending.expiresAt !== null && pending.expiresAt <= ctx.now))
    refuse({ code: "not_found" });
  const needsSet = user.recoveryCodes.length === 0;
  if (needsSet) requireRoomToHash();
  const step = await matchProgramsCode(ctx, holder, pending, code);
  const recovery = needsSet ? unseen(await makeRecoveryCodes(ctx, userId)) : null;
  const who = {
    user,
    signedIn: null,
    isOwn: Prisma.sql`provisioned_by IS NOT NULL`,
    renew: null,
    areCodesSeen: false,
    actor: holder,
  };
  await ctx.db.$transaction((tx) => makeLive(ctx, tx, who, { pending, step, name: pending.name }, recovery));
}

/** A set that nobody can be shown. */
const unseen = ({ stored }: RecoverySet): NewRecoverySet => ({ stored, shown: null });

/** Whose authenticator becomes live, and who proved it: somebody signed in, or a program. */
type Prover = {
  user: { id: string; email: string };
  signedIn: SignedIn | null;
  /** A condition for the row of totp_factor: it may be proven by this prover. */
  isOwn: Prisma.Sql;
  /** The statement part that renews the session of whoever is signed in. */
  renew: Prisma.Sql | null;
  /** Whether somebody is shown the recovery codes that come with the first one. */
  areCodesSeen: boolean;
  actor?: TokenHolder;
};

type Pending = Prisma.TotpFactorGetPayload<object>;

/** The set that was shown with the secret, if one was. */
function seenRecoverySet({ recoverySet }: Pending): NewRecoverySet | null {
  // As startTotpSetupWithRecoveryCodes stored it.
  return recoverySet === null ? null : { shown: null, stored: recoverySet as RecoverySet["stored"] };
}

/** The one that is named; else what this session has begun, or the newest that was provisioned for its owner. */
async function findPending(ctx: Context, signedIn: SignedIn, id: string | undefined): Promise<Pending> {
  const live = { OR: [{ expiresAt: null }, { expiresAt: { gt: ctx.now } }] };
  const find = (which: Prisma.TotpFactorWhereInput) =>
    ctx.db.totpFactor.findFirst({ where: { AND: [which, live] }, orderBy: { createdAt: "desc" } });
  const provisioned = { userId: signedIn.user.id, confirmedAt: null, provisionedBy: { not: null } };
  const pending =
    (await find(pendingOf(signedIn, id))) ?? (id === undefined ? await find(provisioned) : null);
  return pending ?? refuse({ code: "conflict", reason: "nothing_pending" });
}

async function matchFirstCode(ctx: Context, pending: Pending, code: string): Promise<number> {
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
  await recordEvent(ctx, { kind: FAILED, userId: pending.userId });
  // Whoever sees this page sees the secret itself.
  return refuseCode(null, diagnoseSealedTotp(ctx.keys, pending.userId, totp, code, ctx.now));
}

/**
 * As `matchFirstCode`, where a program has the code: its tries are counted on the authenticator that it is to prove. Those of
 * the account are for its owner, who would else be locked out by whoever holds a token.
 */
async function matchProgramsCode(
  ctx: Context,
  holder: TokenHolder,
  pending: Pending,
  code: string,
): Promise<number> {
  await spendAddressTry(ctx, "factor");
  const { count } = await ctx.db.totpFactor.updateMany({
    where: { id: pending.id, confirmedAt: null, programTries: { lt: LIMITS.provisioned.programTries } },
    data: { programTries: { increment: 1 } },
  });
  if (count === 0) refuseLocked(ctx, null);
  const totp = { ...pending, ...totpParameters(pending) };
  const step = matchSealedTotp(ctx.keys, pending.userId, totp, code, ctx.now);
  if (step !== null) return step;
  await recordEvent(ctx, withActor({ kind: FAILED, userId: pending.userId }, actorOf(holder)));
  return refuse({ code: "invalid_code", triesLeft: null });
}

const FAILED = "totp.confirm_failed";

async function makeLive(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { user, signedIn, isOwn, renew, areCodesSeen, actor }: Prover,
  { pending, step, name }: { pending: Pending; step: number; name: string },
  recovery: NewRecoverySet | null,
): Promise<Pick<ConfirmedTotp, "hasReplaced" | "recoveryCodes"> & { expiresAt: Date | null }> {
  // One at a time per account: two set-ups confirmed at once must not make two sets of codes.
  await tx.$queryRaw`SELECT 1 FROM "user" WHERE id = ${user.id} FOR NO KEY UPDATE`;
  if (actor) {
    await holdActing(tx, actor);
    const waiting = await tx.totpFactor.count({ where: { id: pending.id, confirmedAt: null } });
    if (waiting === 0) refuse({ code: "conflict", reason: "already_confirmed" });
  }
  const isFirst = (await tx.recoveryCode.count({ where: { userId: user.id } })) === 0;
  // Turned on or off since the read: what was proven then is not what an authenticator asks for now.
  if (isFirst !== (recovery !== null)) refuse({ code: "unauthenticated" });
  const live = await tx.totpFactor.count({ where: { userId: user.id, confirmedAt: { not: null } } });
  const { replacesId } = pending;
  if (live >= LIMITS.authenticators.perUser && replacesId === null)
    refuse({ code: "conflict", reason: "too_many_authenticators" });
  const renewed = renew ?? Prisma.sql`SELECT NULL::timestamptz AS expires_at FROM source`;
  const [row] = await tx.$queryRaw<{ expiresAt: Date | null }[]>`
    WITH source AS (
      UPDATE totp_factor SET confirmed_at = ${ctx.now}::timestamptz, last_used_at = ${ctx.now}::timestamptz,
        last_step = ${step}, drift_steps = ${step - totpStep(ctx.now, pending.periodSeconds)}, name = ${name},
        expires_at = NULL, session_id = NULL, provisioned_by = NULL, replaces_id = NULL, recovery_set = NULL
      WHERE id = ${pending.id} AND ${isOwn} AND confirmed_at IS NULL
      RETURNING user_id, account_units
    ),
    ${returnGuessParts(ctx)},
    renewed AS (${renewed})
    SELECT expires_at AS "expiresAt" FROM renewed`;
  if (!row) return refuse({ code: "conflict", reason: "nothing_pending" });
  const since = isFirst ? { twoFactorSince: ctx.now } : {};
  await tx.user.update({ where: { id: user.id }, data: { factorsChangedAt: ctx.now, ...since } });
  // The row that it replaces is there still: with it, this one would have gone.
  if (replacesId !== null) await tx.totpFactor.deleteMany({ where: { id: replacesId, userId: user.id } });
  const hasReplaced = replacesId !== null;
  const details = { name };
  const kind = hasReplaced ? "totp.replaced" : "totp.confirmed";
  const by = actor ? actorOf(actor) : {};
  await tx.event.create({ data: eventRow(ctx, withActor({ kind, userId: user.id, details }, by)) });
  await endOpenSignIns(tx, user.id);
  if (isFirst && recovery) await turnOn(ctx, tx, { userId: user.id, signedIn, by }, recovery);
  const on = areCodesSeen ? "two_factor_on" : "two_factor_on_elsewhere";
  const mail = hasReplaced ? "authenticator_replaced" : isFirst ? on : "authenticator_added";
  await tx.mail.create({ data: mailRow(ctx, user.email, mail, details) });
  return { expiresAt: row.expiresAt, hasReplaced, recoveryCodes: recovery?.shown ?? null };
}

async function turnOn(
  ctx: Context,
  tx: Prisma.TransactionClient,
  {
    userId,
    signedIn,
    by,
  }: { userId: string; signedIn: SignedIn | null; by: Parameters<typeof withActor>[1] },
  recovery: NewRecoverySet,
) {
  await storeRecoveryCodes(ctx, tx, { userId, sessionId: signedIn?.session.id ?? null, by }, recovery);
  const others = signedIn ? { id: { not: signedIn.session.id } } : {};
  await tx.session.deleteMany({ where: { userId, ...others } });
  // Known by a password alone: such a browser is a stranger where a code is asked for.
  await tx.knownBrowser.deleteMany({ where: { userId } });
  await tx.event.create({ data: eventRow(ctx, withActor({ kind: "two_factor.on", userId }, by)) });
}
