import { Prisma } from "@/lib/db/generated/client";
import { requireAccess } from "../access/guard";
import type { Context } from "../context";
import { endOpenSignIns } from "../end-access";
import { eventRow } from "../events";
import { mailRow } from "../mail-queue";
import { matchOwnCode, spendOwnCodeParts } from "../own-code";
import { refuse } from "../refusals";
import { isTokenOfProof, type NewSession, renewSessionPart, type SignedIn } from "../sessions";
import { PROVISIONED } from "./totp-factor";

/** The session goes on; `isOff`: nothing is left that two-factor sign-in could ask for. */
export type RemovedFactors = NewSession & { isOff: boolean };

const FAILED = "totp.remove_failed";

/**
 * Removes one of one's own authenticators, for a fresh step-up and a current code in the same request. Removing the
 * last one turns two-factor off. Refuses `not_found`, `step_up_required`, `conflict` (two_factor_off), `forbidden` (the last
 * one, where policy asks for two-factor), and what `matchOwnCode` refuses.
 */
export async function removeTotpFactor(
  ctx: Context,
  signedIn: SignedIn,
  typed: { id: string; code: string },
): Promise<RemovedFactors> {
  requireAccess("totp.remove", { kind: "session", signedIn });
  const own = { id: typed.id, userId: signedIn.user.id, confirmedAt: { not: null } };
  if ((await ctx.db.totpFactor.count({ where: own })) === 0) refuse({ code: "not_found" });
  const others = { userId: signedIn.user.id, confirmedAt: { not: null }, id: { not: typed.id } };
  if ((await ctx.db.totpFactor.count({ where: others })) === 0) requireFree(signedIn);
  const ownCode = await matchOwnCode(ctx, signedIn, { code: typed.code, failure: FAILED });
  return (await removeFactors(ctx, signedIn, spendOwnCodeParts(ctx, ownCode), own)) ?? ownCode.refuse();
}

/** Removes all of one's own authenticators and recovery codes. Refuses as `removeTotpFactor`. */
export async function disableTwoFactor(
  ctx: Context,
  signedIn: SignedIn,
  typed: { code: string },
): Promise<RemovedFactors> {
  requireAccess("totp.remove", { kind: "session", signedIn });
  requireFree(signedIn);
  const ownCode = await matchOwnCode(ctx, signedIn, { code: typed.code, failure: FAILED });
  const all = { userId: signedIn.user.id };
  return (await removeFactors(ctx, signedIn, spendOwnCodeParts(ctx, ownCode), all)) ?? ownCode.refuse();
}

/**
 * As `disableTwoFactor`, where no code can come along: the second factor that was proven in this session, lately, must do.
 * A token that stays the same must have come with that proof: else one that was stolen long ago would do as soon as its
 * owner proves who they are.
 * Refuses `step_up_required`, `conflict` (two_factor_off), `forbidden` (policy asks for two-factor), `unauthenticated`.
 */
export function disableTwoFactorByProof(ctx: Context, signedIn: SignedIn): Promise<RemovedFactors> {
  return removeByProof(ctx, signedIn, { userId: signedIn.user.id });
}

/** As `disableTwoFactorByProof`, of one live authenticator alone. Refuses `not_found` besides. */
export function removeTotpFactorByProof(
  ctx: Context,
  signedIn: SignedIn,
  id: string,
): Promise<RemovedFactors> {
  return removeByProof(ctx, signedIn, { id, userId: signedIn.user.id, confirmedAt: { not: null } });
}

async function removeByProof(
  ctx: Context,
  signedIn: SignedIn,
  which: Prisma.TotpFactorWhereInput,
): Promise<RemovedFactors> {
  requireAccess("totp.remove", { kind: "session", signedIn });
  if (which.id === undefined) requireFree(signedIn);
  const { session } = signedIn;
  if (ctx.keptToken !== null && !isTokenOfProof(signedIn)) refuse({ code: "step_up_required" });
  // The same proof as the guard saw: no change of factors came in between.
  const proofParts = Prisma.sql`
    source AS (
      SELECT s.user_id FROM session s JOIN "user" u ON u.id = s.user_id
      WHERE s.id = ${session.id} AND s.factor_proven_at = ${session.factorProvenAt}::timestamptz
        AND (u.factors_changed_at IS NULL OR s.factor_proven_at >= u.factors_changed_at)
    )`;
  const removed = await removeFactors(ctx, signedIn, proofParts, which);
  return removed ?? refuse({ code: "unauthenticated" });
}

/** The matrix, row 8: what policy asks for cannot be turned off. */
function requireFree({ demand }: SignedIn): void {
  if (demand.isRequired) refuse({ code: "forbidden" });
}

/** Null: the proof does not hold any more; another request used the code first. */
async function removeFactors(
  ctx: Context,
  signedIn: SignedIn,
  proofParts: Prisma.Sql,
  which: Prisma.TotpFactorWhereInput,
): Promise<RemovedFactors | null> {
  const { user } = signedIn;
  return ctx.db.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM "user" WHERE id = ${user.id} FOR NO KEY UPDATE`;
    const renewal = renewSessionPart(ctx, signedIn, Prisma.sql`source`, "factor");
    const [row] = await tx.$queryRaw<{ expiresAt: Date }[]>`
      WITH ${proofParts}, renewed AS (${renewal.part})
      SELECT expires_at AS "expiresAt" FROM renewed`;
    if (!row) return null;
    const names = await tx.totpFactor.findMany({ where: which, select: { name: true } });
    // Replaced or removed in the meantime: nothing happens, and the code is not used up.
    if (names.length === 0) refuse({ code: "not_found" });
    await tx.totpFactor.deleteMany({ where: which });
    for (const details of names) {
      await tx.event.create({ data: eventRow(ctx, { kind: "totp.removed", userId: user.id, details }) });
    }
    const left = await tx.totpFactor.count({ where: { userId: user.id, confirmedAt: { not: null } } });
    // Another one was removed in the meantime, and this is the last.
    if (left === 0) requireFree(signedIn);
    if (left === 0) await clearTwoFactor(tx, user.id);
    if (left === 0)
      await tx.event.create({ data: eventRow(ctx, { kind: "two_factor.off", userId: user.id }) });
    await tx.user.update({ where: { id: user.id }, data: { factorsChangedAt: ctx.now } });
    // An open challenge was opened for factors that are no longer the same, and so was trust in a browser.
    await endOpenSignIns(tx, user.id);
    const mail = left === 0 ? "two_factor_off" : "authenticator_removed";
    const details = { name: names.map(({ name }) => name).join(", ") };
    await tx.mail.create({ data: mailRow(ctx, user.email, mail, details) });
    return { token: renewal.token, expiresAt: row.expiresAt, userId: user.id, isOff: left === 0 };
  });
}

/**
 * Everything that two-factor sign-in left with an account; afterwards it is off. What an administrator made for its owner, and
 * they have not proven yet, waits on: it may be there to take the place of what goes.
 */
export async function clearTwoFactor(tx: Prisma.TransactionClient, userId: string): Promise<void> {
  await tx.totpFactor.deleteMany({ where: { userId, NOT: PROVISIONED } });
  await tx.recoveryCode.deleteMany({ where: { userId } });
  await tx.recoveryReveal.deleteMany({ where: { userId } });
  await tx.knownBrowser.deleteMany({ where: { userId } });
  // They were given for a proof that nothing asks for any more.
  await tx.apiToken.deleteMany({ where: { userId } });
  await tx.user.update({ where: { id: userId }, data: { twoFactorSince: null } });
  await endOpenSignIns(tx, userId);
}
