import { otpauthUri } from "@/lib/crypto/otpauth-uri";
import { open, seal } from "@/lib/crypto/seal";
import { DEFAULT_TOTP, newTotpSecret, type TotpParameters, toBase32 } from "@/lib/crypto/totp";
import { requireAccess } from "../access/guard";
import { type Context, secondsAfter } from "../context";
import { eventRow } from "../events";
import { newId } from "../ids";
import { parseName, parseOptionalName } from "../input";
import { LIMITS } from "../limits";
import { refuse } from "../refusals";
import { holdSession, type SignedIn } from "../sessions";
import { totpBinding, totpParameters } from "./totp-factor";

/** A set-up that waits for its first code. The secret is for its owner's eyes, on the page that sets it up. */
export type PendingTotp = TotpParameters & {
  id: string;
  number: number;
  name: string;
  /** Base32, without padding. */
  secret: string;
  /** The `otpauth://` key URI with that secret. */
  uri: string;
  account: string;
  issuer: string;
  expiresAt: Date;
};

const DEFAULT_NAME = "Authenticator app";
const SHOWN = {
  id: true,
  number: true,
  name: true,
  createdAt: true,
  confirmedAt: true,
  lastUsedAt: true,
  algorithm: true,
  digits: true,
  periodSeconds: true,
} as const;

/**
 * Begins to set an authenticator up: a new secret that gates nothing until a code proves it, for 15 minutes. It takes
 * the place of what this session had begun; live authenticators are not touched.
 * Refuses `invalid_input`, `step_up_required`, `conflict` (too_many_authenticators).
 */
export async function startTotpSetup(
  ctx: Context,
  signedIn: SignedIn,
  typed: { name?: string | null; parameters?: TotpParameters } = {},
): Promise<PendingTotp> {
  requireAccess("totp.start", { kind: "session", signedIn });
  const name = parseOptionalName(typed.name, LIMITS.authenticators.nameLength) ?? DEFAULT_NAME;
  const parameters = typed.parameters ?? DEFAULT_TOTP;
  const userId = signedIn.user.id;
  const confirmed = await ctx.db.totpFactor.count({ where: { userId, confirmedAt: { not: null } } });
  if (confirmed >= LIMITS.authenticators.perUser)
    refuse({ code: "conflict", reason: "too_many_authenticators" });
  const id = newId(ctx.now);
  const secret = newTotpSecret();
  const expiresAt = secondsAfter(ctx.now, LIMITS.pendingSetup.ttlSeconds);
  const { number } = await ctx.db.$transaction(async (tx) => {
    await holdSession(tx, signedIn);
    const pending = { userId, confirmedAt: null };
    const newest = {
      where: pending,
      orderBy: { createdAt: "desc" },
      skip: LIMITS.pendingSetup.perUser - 1,
    } as const;
    const tooMany = await tx.totpFactor.findMany({ ...newest, select: { id: true } });
    const ids = tooMany.map((row) => row.id);
    const lapsed = { expiresAt: { lte: ctx.now } };
    const given = { OR: [{ sessionId: signedIn.session.id }, lapsed, { id: { in: ids } }] };
    await tx.totpFactor.deleteMany({ where: { ...pending, ...given } });
    await tx.event.create({ data: eventRow(ctx, { kind: "totp.started", userId, details: { name } }) });
    const sealedSecret = seal(ctx.keys.ring, secret, totpBinding(userId, id));
    const { session } = signedIn;
    const data = {
      id,
      userId,
      name,
      sealedSecret,
      ...parameters,
      createdAt: ctx.now,
      expiresAt,
      sessionId: session.id,
    };
    return tx.totpFactor.create({ data, select: { number: true } });
  });
  return { id, number, name, expiresAt, ...shownSecret(ctx, signedIn, secret, parameters), ...parameters };
}

function shownSecret(ctx: Context, signedIn: SignedIn, secret: Uint8Array, parameters: TotpParameters) {
  const account = signedIn.user.email;
  const { issuer } = ctx.settings;
  return {
    secret: toBase32(secret),
    uri: otpauthUri({ issuer, account, secret, ...parameters }),
    account,
    issuer,
  };
}

/**
 * What this session has begun to set up and not proven, or null. The same secret as often as it is asked; once it has
 * lapsed, that and no more.
 */
export async function readPendingTotp(
  ctx: Context,
  signedIn: SignedIn,
): Promise<PendingTotp | "lapsed" | null> {
  requireAccess("totp.start", { kind: "session", signedIn });
  const row = await ctx.db.totpFactor.findFirst({
    where: { userId: signedIn.user.id, sessionId: signedIn.session.id, confirmedAt: null },
    orderBy: { createdAt: "desc" },
  });
  if (!row?.expiresAt) return null;
  if (row.expiresAt <= ctx.now) return "lapsed";
  const { id, number, name, expiresAt } = row;
  const parameters = totpParameters(row);
  const secret = open(ctx.keys.ring, row.sealedSecret, totpBinding(row.userId, id));
  return { id, number, name, expiresAt, ...parameters, ...shownSecret(ctx, signedIn, secret, parameters) };
}

/** Gives up what this session has begun to set up, if anything. */
export async function cancelTotpSetup(ctx: Context, signedIn: SignedIn): Promise<void> {
  const where = { userId: signedIn.user.id, sessionId: signedIn.session.id, confirmedAt: null };
  await ctx.db.totpFactor.deleteMany({ where });
}

/** One's own confirmed authenticators, the oldest first; never a secret. */
export async function listTotpFactors(ctx: Context, signedIn: SignedIn) {
  requireAccess("two_factor.read", { kind: "session", signedIn });
  const where = { userId: signedIn.user.id, confirmedAt: { not: null } };
  return ctx.db.totpFactor.findMany({ where, orderBy: { number: "asc" }, select: SHOWN });
}

/** Gives one of one's own authenticators another name. Refuses `invalid_input`, `not_found`. */
export async function renameTotpFactor(
  ctx: Context,
  signedIn: SignedIn,
  typed: { id: string; name: string },
): Promise<void> {
  requireAccess("two_factor.read", { kind: "session", signedIn });
  const name = parseName(typed.name, LIMITS.authenticators.nameLength);
  const userId = signedIn.user.id;
  await ctx.db.$transaction(async (tx) => {
    const where = { id: typed.id, userId, confirmedAt: { not: null } };
    const { count } = await tx.totpFactor.updateMany({ where, data: { name } });
    if (count === 0) refuse({ code: "not_found" });
    await tx.event.create({ data: eventRow(ctx, { kind: "totp.renamed", userId, details: { name } }) });
  });
}
