import { requireRoomToHash } from "@/lib/crypto/argon2";
import { otpauthUri } from "@/lib/crypto/otpauth-uri";
import { open, seal } from "@/lib/crypto/seal";
import { DEFAULT_TOTP, newTotpSecret, type TotpParameters, toBase32 } from "@/lib/crypto/totp";
import type { Prisma } from "@/lib/db/generated/client";
import { type Acting, callerOf, requireAccess } from "../access/guard";
import { type Context, secondsAfter } from "../context";
import { actorOf, eventRow, withActor } from "../events";
import { newId } from "../ids";
import { parseIssuer, parseName, parseOptionalName } from "../input";
import { LIMITS } from "../limits";
import { mailRow } from "../mail-queue";
import { refuse } from "../refusals";
import { holdSession, type SignedIn } from "../sessions";
import { spendAccountTry } from "../try-budget";
import { makeRecoveryCodes, type RecoverySet } from "./recovery-codes";
import { PROVISIONED, totpBinding, totpParameters } from "./totp-factor";

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
  /** Null: it waits for its owner, however long. */
  expiresAt: Date | null;
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
  /** What this session has begun besides stays: each is proven by its own id. */
  keepsOthers?: boolean;
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
  requireRoomToHash();
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
    // The user first, as everything else that changes an account does, so that no two wait for each other.
    await tx.$queryRaw`SELECT 1 FROM "user" WHERE id = ${userId} FOR NO KEY UPDATE`;
    await holdSession(tx, signedIn);
    const pending = { userId, confirmedAt: null };
    const newest = {
      // What was provisioned waits for its owner, however many set-ups they begin.
      where: { ...pending, provisionedBy: null },
      orderBy: { createdAt: "desc" },
      skip: LIMITS.pendingSetup.perUser - 1,
    } as const;
    const tooMany = await tx.totpFactor.findMany({ ...newest, select: { id: true } });
    const ids = tooMany.map((row) => row.id);
    const lapsed = { expiresAt: { lte: ctx.now } };
    const begun = typed.keepsOthers ? [] : [{ sessionId: signedIn.session.id }];
    const given = { OR: [...begun, lapsed, { id: { in: ids } }] };
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
export function freeName(taken: { name: string }[]): string {
  const names = new Set(taken.map(({ name }) => name));
  let name = DEFAULT_NAME;
  for (let n = 2; names.has(name); n += 1) name = `${DEFAULT_NAME} ${n}`;
  return name;
}

/** A secret as its owner's app takes it. */
export function shownSecret(
  ctx: Context,
  { user }: { user: { email: string } },
  secret: Uint8Array,
  { issuer: asked, ...parameters }: TotpParameters & { issuer: string | null },
) {
  const account = user.email;
  const issuer = asked ?? ctx.settings.issuer;
  return {
    secret: toBase32(secret),
    uri: otpauthUri({ issuer, account, secret, ...parameters }),
    account,
    issuer,
  };
}

/** What waits to be proven: one that was provisioned for its owner, by its id, or what this session has begun. */
export function pendingOf({ user, session }: SignedIn, id?: string): Prisma.TotpFactorWhereInput {
  const pending = { userId: user.id, confirmedAt: null };
  if (id === undefined) return { ...pending, sessionId: session.id };
  return { ...pending, id, OR: [{ sessionId: session.id }, { provisionedBy: { not: null } }] };
}

/**
 * What this session has begun to set up and not proven, or the one that was provisioned with that id, or null. The same
 * secret as often as it is asked; once it has lapsed, that and no more.
 */
export async function readPendingTotp(
  ctx: Context,
  signedIn: SignedIn,
  provisionedId?: string,
): Promise<PendingTotp | LapsedTotp | null> {
  requireAccess("totp.start", { kind: "session", signedIn });
  const row = await ctx.db.totpFactor.findFirst({
    where: pendingOf(signedIn, provisionedId),
    orderBy: { createdAt: "desc" },
    include: { replaces: { select: { id: true, name: true } } },
  });
  if (row === null) return null;
  const { id, number, name, expiresAt, replaces } = row;
  if (expiresAt !== null && expiresAt <= ctx.now) return { isLapsed: true, replaces };
  const parameters = totpParameters(row);
  const secret = open(ctx.keys.ring, row.sealedSecret, totpBinding(row.userId, id));
  const shown = shownSecret(ctx, signedIn, secret, { ...parameters, issuer: row.issuer });
  return { id, number, name, expiresAt, replaces, ...parameters, ...shown };
}

/**
 * The key URI of what this session has begun to set up, or of the newest one that was provisioned for its owner or, for a
 * fresh proof of the second factor, of the oldest live authenticator; the owner is told of that by mail.
 * Refuses `step_up_required`, `conflict` (nothing_pending).
 */
export async function showTotpKey(ctx: Context, signedIn: SignedIn): Promise<string> {
  const [provisioned] = await listWaitingTotp(ctx, signedIn);
  const pending =
    (await readPendingTotp(ctx, signedIn)) ??
    (provisioned ? await readPendingTotp(ctx, signedIn, provisioned.id) : null);
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

/** Authenticators that were provisioned and wait for their owner to prove them, the newest first; never a secret. */
export async function listWaitingTotp(ctx: Context, signedIn: SignedIn) {
  requireAccess("two_factor.read", { kind: "session", signedIn });
  return ctx.db.totpFactor.findMany({
    where: { userId: signedIn.user.id, ...PROVISIONED },
    orderBy: { number: "desc" },
    select: { ...SHOWN, provisionedBy: true },
  });
}

/**
 * Gives up an authenticator that was provisioned for oneself. Refuses `not_found` (none of one's own), `forbidden` (a live one
 * takes a code), and what the guard does.
 */
export async function declineProvisionedTotp(
  ctx: Context,
  acting: Acting,
  which: { id: string } | { number: number },
): Promise<void> {
  const userId = acting.user.id;
  await ctx.db.$transaction(async (tx) => {
    const known = { OR: [{ confirmedAt: { not: null } }, { provisionedBy: { not: null } }] };
    const own = { AND: [which, { userId }, known] };
    const one = await tx.totpFactor.findFirst({
      where: own,
      select: { id: true, name: true, confirmedAt: true },
    });
    if (one === null) return refuse({ code: "not_found" });
    if (one.confirmedAt !== null) refuse({ code: "forbidden" });
    requireAccess("totp.start", callerOf(acting));
    // Proven in the meantime, it is a live one.
    const { count } = await tx.totpFactor.deleteMany({ where: { id: one.id, confirmedAt: null } });
    if (count === 0) refuse({ code: "not_found" });
    const event = { kind: "totp.provision_withdrawn", userId, details: { name: one.name } } as const;
    await tx.event.create({ data: eventRow(ctx, withActor(event, actorOf(acting))) });
  });
}

/** One's own confirmed authenticators, the oldest first; never a secret. */
export async function listTotpFactors(ctx: Context, acting: Acting) {
  requireAccess("two_factor.read", callerOf(acting));
  const where = { userId: acting.user.id, confirmedAt: { not: null } };
  return ctx.db.totpFactor.findMany({ where, orderBy: { number: "asc" }, select: SHOWN });
}

/**
 * Gives one of one's own authenticators another name; without one nothing changes. Refuses `invalid_input`, `not_found`, and
 * what the guard does.
 */
export async function renameTotpFactor(
  ctx: Context,
  acting: Acting,
  which: { id: string } | { number: number },
  typed: { name?: string | undefined },
): Promise<{ name: string; number: number }> {
  requireAccess("totp.rename", callerOf(acting));
  const name = typed.name === undefined ? null : parseName(typed.name, LIMITS.authenticators.nameLength);
  const userId = acting.user.id;
  return ctx.db.$transaction(async (tx) => {
    const where = { ...which, userId, confirmedAt: { not: null } };
    const one = await tx.totpFactor.findFirst({ where, select: { name: true, number: true } });
    if (one === null) return refuse({ code: "not_found" });
    if (name === null) return one;
    const { count } = await tx.totpFactor.updateMany({ where, data: { name, renamedAt: ctx.now } });
    if (count === 0) refuse({ code: "not_found" });
    const event = { kind: "totp.renamed", userId, details: { name } } as const;
    await tx.event.create({ data: eventRow(ctx, withActor(event, actorOf(acting))) });
    return { ...one, name };
  });
}
