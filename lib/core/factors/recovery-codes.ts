import { timingSafeEqual } from "node:crypto";
import { requireRoomToHash } from "@/lib/crypto/argon2";
import {
  formatRecoveryCode,
  hashRecoverySecret,
  newRecoveryCodes,
  parseRecoveryCode,
} from "@/lib/crypto/recovery-code";
import { open, seal } from "@/lib/crypto/seal";
import type { Prisma } from "@/lib/db/generated/client";
import { requireAccess } from "../access/guard";
import { type Context, secondsAfter } from "../context";
import { eventRow, withActor } from "../events";
import { newId } from "../ids";
import { parseCode } from "../input";
import { LIMITS } from "../limits";
import { mailRow } from "../mail-queue";
import { refuse } from "../refusals";
import { holdSession, type SignedIn } from "../sessions";
import { spendAccountTry } from "../try-budget";

/** A new set: as people see it, and as it is stored. */
export type RecoverySet = { shown: string[]; stored: { selector: string; hash: string }[] };

/** A set to be stored. `shown` is null where its owner has seen it before, and nobody can any more. */
export type NewRecoverySet = Omit<RecoverySet, "shown"> & { shown: string[] | null };

/**
 * Makes and hashes a set of ten. The hashing takes a quarter of a second, and more where others hash, so do it before a
 * transaction; all stand in line together, so that the wait is one and not ten. Ask `requireRoomToHash` before.
 */
export async function makeRecoveryCodes(ctx: Context, userId: string): Promise<RecoverySet> {
  const codes = newRecoveryCodes(LIMITS.recoveryCodes.count);
  const stored = await Promise.all(
    codes.map(async ({ selector, secret }) => ({
      selector,
      hash: await hashRecoverySecret(ctx.keys.pepper, userId, secret),
    })),
  );
  return { shown: codes.map(formatRecoveryCode), stored };
}

/**
 * Puts a set in the place of whatever there was, and lets the page of this session show it for 15 minutes, if it has not
 * been seen.
 */
export async function storeRecoveryCodes(
  ctx: Context,
  tx: Prisma.TransactionClient,
  {
    userId,
    sessionId,
    by = {},
  }: { userId: string; sessionId: string | null; by?: Parameters<typeof withActor>[1] },
  set: NewRecoverySet,
): Promise<void> {
  await tx.recoveryCode.deleteMany({ where: { userId } });
  const rows = set.stored.map((code) => ({ id: newId(ctx.now), userId, createdAt: ctx.now, ...code }));
  await tx.recoveryCode.createMany({ data: rows });
  await tx.recoveryReveal.deleteMany({ where: { userId } });
  if (set.shown !== null && sessionId !== null) {
    const sealedCodes = seal(ctx.keys.ring, Buffer.from(set.shown.join("\n")), revealBinding(userId));
    const expiresAt = secondsAfter(ctx.now, LIMITS.recoveryCodes.revealSeconds);
    await tx.recoveryReveal.create({
      data: { userId, sessionId, sealedCodes, expiresAt },
    });
  }
  await tx.event.create({ data: eventRow(ctx, withActor({ kind: "recovery_codes.made", userId }, by)) });
}

/** What the codes that wait to be shown are sealed to. */
export function revealBinding(userId: string): string {
  return `recovery-reveal:${userId}`;
}

/**
 * Makes a new set; the old one is void in the same transaction, and so is trust in browsers. The codes are returned this once, and shown by
 * `readRevealedCodes` until one is typed back. Refuses `step_up_required`, `conflict` (two_factor_off),
 * `too_many_requests`.
 */
export async function regenerateRecoveryCodes(ctx: Context, signedIn: SignedIn): Promise<string[]> {
  requireAccess("recovery_codes.regenerate", { kind: "session", signedIn });
  const { user } = signedIn;
  requireRoomToHash();
  await spendAccountTry(ctx, "recoveryCodes", user.id);
  const set = await makeRecoveryCodes(ctx, user.id);
  await ctx.db.$transaction(async (tx) => {
    // Holds off a use of an old code at the same moment, and two-factor being turned off.
    await tx.$queryRaw`SELECT 1 FROM "user" WHERE id = ${user.id} FOR NO KEY UPDATE`;
    await holdSession(tx, signedIn);
    const confirmed = await tx.totpFactor.count({ where: { userId: user.id, confirmedAt: { not: null } } });
    if (confirmed === 0) refuse({ code: "conflict", reason: "two_factor_off" });
    await storeRecoveryCodes(ctx, tx, { userId: user.id, sessionId: signedIn.session.id }, set);
    await tx.trustedBrowser.deleteMany({ where: { userId: user.id } });
    await tx.mail.create({ data: mailRow(ctx, user.email, "recovery_codes_made") });
  });
  return set.shown;
}

/** The set that this session made and has not typed back, for 15 minutes; else null. */
export async function readRevealedCodes(ctx: Context, signedIn: SignedIn): Promise<string[] | null> {
  requireAccess("two_factor.read", { kind: "session", signedIn });
  const userId = signedIn.user.id;
  const row = await ctx.db.recoveryReveal.findFirst({
    where: { userId, sessionId: signedIn.session.id, expiresAt: { gt: ctx.now } },
  });
  return row ? open(ctx.keys.ring, row.sealedCodes, revealBinding(userId)).toString().split("\n") : null;
}

/**
 * One of the new codes typed back: proof that they were saved. It is not used up; from here on nobody can see the set
 * again. Refuses `invalid_input`, `invalid_code`, `conflict` (nothing_pending).
 */
export async function proveRecoveryCode(
  ctx: Context,
  signedIn: SignedIn,
  typed: { code: string },
): Promise<void> {
  requireAccess("two_factor.read", { kind: "session", signedIn });
  const code = parseRecoveryCode(parseCode(typed.code));
  const revealed = await readRevealedCodes(ctx, signedIn);
  if (revealed === null) return refuse({ code: "conflict", reason: "nothing_pending" });
  const proof = Buffer.from(code ? formatRecoveryCode(code) : "");
  const isOneOfThem = revealed.some((shown) => {
    const bytes = Buffer.from(shown);
    return bytes.length === proof.length && timingSafeEqual(bytes, proof);
  });
  if (!isOneOfThem) refuse({ code: "invalid_code", triesLeft: null });
  const userId = signedIn.user.id;
  await ctx.db.$transaction(async (tx) => {
    await tx.recoveryReveal.deleteMany({ where: { userId } });
    await tx.event.create({ data: eventRow(ctx, { kind: "recovery_codes.saved", userId }) });
  });
}
