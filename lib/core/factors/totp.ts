import { otpauthUri } from "@/lib/crypto/otpauth-uri";
import { open, seal } from "@/lib/crypto/seal";
import { DEFAULT_TOTP, newTotpSecret, type TotpParameters, toBase32 } from "@/lib/crypto/totp";
import { requireAccess } from "../access/guard";
import { type Context, secondsAfter } from "../context";
import { eventRow } from "../events";
import { newId } from "../ids";
import { parseIssuer, parseName, parseOptionalName } from "../input";
import { LIMITS } from "../limits";
import { mailRow } from "../mail-queue";
import { refuse } from "../refusals";
import { holdSession, type SignedIn } from "../sessions";
import { spendAccountTry } from "../try-budget";
import { makeRecoveryCodes, type RecoverySet } from "./recovery-codes";
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
  /** The authenticator whose place it takes, once proven. */
  replaces: Replaced | null;
};

/** What can be asked for at the start of a set-up. */
export type AskedSetup = {
  name?: string | null;
  parameters?: TotpParameters;
  replaces?: string | null;
  /** Whom the app is to show as issuer; else the service's own name. */
  issuer?: string | undefined;
  /** Only where there is no authenticator yet. */
  isFirst?: boolean;
};

/** A set-up that took too long; nothing of its secret is left to see. */
export type LapsedTotp = { isLapsed: true; replaces: Replaced | null };

type Replaced = { id: string; name: string };

const DEFAULT_NAME = "Authenticator app";
const SHOWN = {
  id: true,
  number: true,
  name: true,
  createdAt: true,
  confirmedAt: true,
  lastUsedAt: true,
  driftSteps: true,
  algorithm: true,
  digits: true,
  periodSeconds: true,
} as const;

/**
 * Begins to set an authenticator up: a new secret that gates nothing until a code proves it, for 15 minutes. It takes
 * the place of what this session had begun; live authenticators are not touched, not even the one it `replaces`.
 * Refuses `invalid_input`, `step_up_required`, `not_found`, `conflict` (too_many_authenticators, two_factor_on).
 */
export function startTotpSetup(
  ctx: Context,
  signedIn: SignedIn,
  typed: AskedSetup = {},
): Promise<PendingTotp> {
  return startSetup(ctx, signedIn, typed, null);
}

/**
 * As `startTotpSetup` for an account without two-factor sign-in, with the recovery codes that count from the proof on. They
 * are shown this once.
 */
export async function startTotpSetupWithRecoveryCodes(
  ctx: Context,
  signedIn: SignedIn,
  typed: AskedSetup = {},
): Promise<PendingTotp & { recoveryCodes: string[] }> {
  requireAccess("totp.start", { kind: "session", signedIn });
  if (signedIn.twoFactor.isOn) return refuse({ code: "conflict", reason: "two_factor_on" });
  // What cannot be is refused before it costs a try.
  if (typed.issuer !== undefined) parseIssuer(typed.issuer);
  await spendAccountTry(ctx, "recoveryCodes", signedIn.user.id);
  const set = await makeRecoveryCodes(ctx, signedIn.user.id);
  const pending = await startSetup(ctx, signedIn, { ...typed, isFirst: true }, set);
  return { ...pending, recoveryCodes: set.shown };
}

async function startSetup(
  ctx: Context,
  signedIn: SignedIn,
  typed: AskedSetup,
  recovery: RecoverySet | null,
): Promise<PendingTotp> {
  requireAccess("totp.start", { kind: "session", signedIn });
  if (typed.isFirst && signedIn.twoFactor.isOn) refuse({ code: "conflict", reason: "two_factor_on" });
  const issuer = typed.issuer === undefined ? null : parseIssuer(typed.issuer);
  const typedName = parseOptionalName(typed.name, LIMITS.authenticators.nameLength);
  const parameters = typed.parameters ?? DEFAULT_TOTP;
  const userId = signedIn.user.id;
  const confirmed = await ctx.db.totpFactor.findMany({
    where: { userId, confirmedAt: { not: null } },
    select: { id: true, name: true },
  });
  const replaces = typed.replaces ? confirmed.find(({ id }) => id === typed.replaces) : null;
  if (replaces === undefined) return refuse({ code: "not_found" });
  if (replaces === null && confirmed.length >= LIMITS.authenticators.perUser)
    refuse({ code: "conflict", reason: "too_many_authenticators" });
  const name = typedName ?? replaces?.name ?? freeName(confirmed);
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
      replacesId: replaces?.id ?? null,
      issuer,
      ...(recovery ? { recoverySet: recovery.stored } : {}),
    };
    return tx.totpFactor.create({ data, select: { number: true } });
  });
  const shown = shownSecret(ctx, signedIn, secret, { ...parameters, issuer });
  return { id, number, name, expiresAt, replaces, ...shown, ...parameters };
}

/** "Authenticator app", and "Authenticator app 2" beside it: two that are called alike cannot be told apart. */
function freeName(taken: { name: string }[]): string {
  const names = new Set(taken.map(({ name }) => name));
  let name = DEFAULT_NAME;
  for (let n = 2; names.has(name); n += 1) name = `${DEFAULT_NAME} ${n}`;
  return name;
}

function shownSecret(
  ctx: Context,
  signedIn: SignedIn,
  secret: Uint8Array,
  { issuer: asked, ...parameters }: TotpParameters & { issuer: string | null },
) {
  const account = signedIn.user.email;
  const issuer = asked ?? ctx.settings.issuer;
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
): Promise<PendingTotp | LapsedTotp | null> {
  requireAccess("totp.start", { kind: "session", signedIn });
  const row = await ctx.db.totpFactor.findFirst({
    where: { userId: signedIn.user.id, sessionId: signedIn.session.id, confirmedAt: null },
    orderBy: { createdAt: "desc" },
    include: { replaces: { select: { id: true, name: true } } },
  });
  if (!row?.expiresAt) return null;
  const { id, number, name, expiresAt, replaces } = row;
  if (expiresAt <= ctx.now) return { isLapsed: true, replaces };
  const parameters = totpParameters(row);
  const secret = open(ctx.keys.ring, row.sealedSecret, totpBinding(row.userId, id));
  const shown = shownSecret(ctx, signedIn, secret, { ...parameters, issuer: row.issuer });
  return { id, number, name, expiresAt, replaces, ...parameters, ...shown };
}

/**
 * The key URI of what this session has begun to set up or, for a fresh proof of the second factor, of the oldest live
 * authenticator; the owner is told of that by mail. Refuses `step_up_required`, `conflict` (nothing_pending).
 */
export async function showTotpKey(ctx: Context, signedIn: SignedIn): Promise<string> {
  const pending = await readPendingTotp(ctx, signedIn);
  if (pending && "uri" in pending) return pending.uri;
  const userId = signedIn.user.id;
  const where = { userId, confirmedAt: { not: null } };
  const live = await ctx.db.totpFactor.findFirst({ where, orderBy: { number: "asc" } });
  if (live === null) return refuse({ code: "conflict", reason: "nothing_pending" });
  await ctx.db.$transaction(async (tx) => {
    await holdSession(tx, signedIn);
    await tx.event.create({
      data: eventRow(ctx, { kind: "totp.shown", userId, details: { name: live.name } }),
    });
    await tx.mail.create({ data: mailRow(ctx, signedIn.user.email, "authenticator_shown") });
  });
  const secret = open(ctx.keys.ring, live.sealedSecret, totpBinding(userId, live.id));
  return shownSecret(ctx, signedIn, secret, { ...totpParameters(live), issuer: live.issuer }).uri;
}

/** Gives up what this session has begun to set up; whether there was anything. */
export async function cancelTotpSetup(ctx: Context, signedIn: SignedIn): Promise<boolean> {
  const where = { userId: signedIn.user.id, sessionId: signedIn.session.id, confirmedAt: null };
  return (await ctx.db.totpFactor.deleteMany({ where })).count > 0;
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
