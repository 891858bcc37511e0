import { seal } from "@/lib/crypto/seal";
import { DEFAULT_TOTP, newTotpSecret } from "@/lib/crypto/totp";
import { type Acting, callerOf, requireAccess } from "../access/guard";
import { holdActing } from "../admin/hold-user";
import type { TokenHolder } from "../api-tokens";
import { type Context, secondsAfter } from "../context";
import { noteByActing } from "../events";
import { newId } from "../ids";
import { parseOptionalName } from "../input";
import { LIMITS } from "../limits";
import { mailRow } from "../mail-queue";
import { refuse } from "../refusals";
import { spendAccountTry } from "../try-budget";
import { freeName, shownSecret } from "./totp";
import { totpBinding } from "./totp-factor";
import { OWNER, SEEN, type TotpOfUser } from "./totp-of-users";

// Authenticators that somebody else than their owner's session made: an administrator, or a program with an API token. Until
// their owner proves one with its first code it is no factor, and gates nothing.

/** One that was just made. The secret is for whoever may hand it to its owner: most callers drop it. */
export type ProvisionedTotp = TotpOfUser & { secret: string; uri: string };

/**
 * Makes an authenticator for somebody, which waits for its owner however long; they are told by mail.
 * Refuses `step_up_required`, `forbidden`, `insufficient_scope`, `not_found` (no such user), `invalid_input`, `conflict`
 * (too_many_authenticators), `too_many_requests`.
 */
export async function provisionTotp(
  ctx: Context,
  acting: Acting,
  typed: { userId: string; name?: string | null },
): Promise<ProvisionedTotp> {
  requireAccess("devices.create", callerOf(acting));
  return insertProvisioned(ctx, acting, typed, null);
}

/**
 * Begins to set an authenticator up for the owner of an API token: it lapses like what a session begins.
 * Refuses `forbidden`, `insufficient_scope`, `conflict` (too_many_authenticators), `too_many_requests`.
 */
export async function startTotpByToken(ctx: Context, holder: TokenHolder): Promise<ProvisionedTotp> {
  requireAccess("totp.start", callerOf(holder));
  const expiresAt = secondsAfter(ctx.now, LIMITS.pendingSetup.ttlSeconds);
  return insertProvisioned(ctx, holder, { userId: holder.user.id }, expiresAt);
}

async function insertProvisioned(
  ctx: Context,
  acting: Acting,
  typed: { userId: string; name?: string | null },
  expiresAt: Date | null,
): Promise<ProvisionedTotp> {
  const typedName = parseOptionalName(typed.name, LIMITS.authenticators.nameLength);
  const { userId } = typed;
  // Each tells its owner by mail.
  await spendAccountTry(ctx, "provisionedTotp", userId);
  const id = newId(ctx.now);
  const secret = newTotpSecret();
  return ctx.db.$transaction(async (tx) => {
    // One at a time per account: how many wait is limited.
    await tx.$queryRaw`SELECT 1 FROM "user" WHERE id = ${userId} FOR NO KEY UPDATE`;
    const user = await tx.user.findUnique({ where: { id: userId }, select: OWNER });
    if (user === null) return refuse({ code: "not_found" });
    await holdActing(tx, acting);
    await tx.totpFactor.deleteMany({ where: { userId, confirmedAt: null, expiresAt: { lte: ctx.now } } });
    const held = await tx.totpFactor.findMany({
      where: { userId },
      select: { name: true, provisionedBy: true },
    });
    if (held.filter(({ provisionedBy }) => provisionedBy !== null).length >= LIMITS.provisioned.perUser)
      refuse({ code: "conflict", reason: "too_many_authenticators" });
    const name = typedName ?? freeName(held);
    const sealedSecret = seal(ctx.keys.ring, secret, totpBinding(userId, id));
    const provisionedBy = acting.user.id;
    const data = {
      id,
      userId,
      name,
      sealedSecret,
      ...DEFAULT_TOTP,
      createdAt: ctx.now,
      expiresAt,
      provisionedBy,
    };
    const made = await tx.totpFactor.create({ data, select: SEEN });
    await noteByActing(ctx, tx, acting, { kind: "totp.provisioned", userId, details: { name } });
    if (expiresAt === null)
      await tx.mail.create({ data: mailRow(ctx, user.email, "authenticator_provisioned", { name }) });
    const shown = shownSecret(ctx, { user }, secret, { ...DEFAULT_TOTP, issuer: null });
    return { ...made, secret: shown.secret, uri: shown.uri };
  });
}
