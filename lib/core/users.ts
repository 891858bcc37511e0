import { requireRoomToHash } from "@/lib/crypto/argon2";
import { hashPassword } from "@/lib/crypto/passwords";
import { Prisma } from "@/lib/db/generated/client";
import { requireAccess } from "./access/guard";
import type { Context } from "./context";
import { mailConfirmation } from "./email-address";
import { endAccess } from "./end-access";
import { type EventActor, type EventInput, eventRow, withActor } from "./events";
import { newId } from "./ids";
import { parseEmail, parseOptionalName, parsePassword } from "./input";
import { LIMITS } from "./limits";
import { mailRow } from "./mail-queue";
import { refuse } from "./refusals";
import {
  FROM_OPENED,
  type NewSession,
  type OpenedSession,
  openedSession,
  openSessionParts,
  renewSessionPart,
  SESSION_COLUMNS,
  type SessionRow,
  type SignedIn,
} from "./sessions";
import { proveOwnPassword } from "./sign-in";
import { spendAddressTry } from "./try-budget";
import { findUser, type UserSummary } from "./user-summary";

/** A person to be. */
export type TypedPerson = { email: string; password: string; name?: string | null };

export type NewPerson = { email: string; name: string | null; passwordHash: string; isAdmin: boolean };

/**
 * Checks and hashes, before any transaction. Refuses `invalid_input`.
 * @param spend takes what the hash costs whoever asks, once there is nothing else to refuse
 */
export async function readTypedPerson(
  typed: TypedPerson,
  isAdmin: boolean,
  spend?: () => Promise<void>,
): Promise<NewPerson> {
  const email = parseEmail(typed.email);
  const password = parsePassword(typed.password, "password", true);
  const name = parseOptionalName(typed.name, LIMITS.input.nameLength);
  requireRoomToHash();
  await spend?.();
  return { email, name, passwordHash: await hashPassword(password), isAdmin };
}

/**
 * Makes the rows of a new account, and returns its id. Refuses `conflict` (email_taken). The first administrator claims the
 * installation.
 * @param by who makes it, when that is not its owner
 */
export async function insertUser(
  ctx: Context,
  tx: Prisma.TransactionClient,
  person: NewPerson,
  by: EventActor = {},
): Promise<string> {
  const id = newId(ctx.now);
  // One of any number of parallel requests gets the address; the others see no row, not an error.
  const { count } = await tx.user.createMany({
    data: [{ id, ...person, createdAt: ctx.now }],
    skipDuplicates: true,
  });
  if (count === 0) refuse({ code: "conflict", reason: "email_taken" });
  await tx.factorBudget.create({ data: { userId: id, failures: [] } });
  const event: EventInput = { kind: "account.created", userId: id, details: { isAdmin: person.isAdmin } };
  await tx.event.create({ data: eventRow(ctx, withActor(event, by)) });
  if (person.isAdmin)
    await tx.installation.updateMany({ where: { claimedAt: null }, data: { claimedAt: ctx.now } });
  return id;
}

/**
 * As `insertUser`, for somebody who makes an account for themselves: they are signed in, and mailed a link to confirm
 * their address.
 */
export async function insertOwner(
  ctx: Context,
  tx: Prisma.TransactionClient,
  person: NewPerson,
): Promise<OpenedSession> {
  const userId = await insertUser(ctx, tx, person);
  await mailConfirmation(ctx, tx, { userId, email: person.email });
  return openFirstSession(ctx, tx, userId);
}

/** Opens a session for an account made in the same transaction. */
async function openFirstSession(
  ctx: Context,
  tx: Prisma.TransactionClient,
  userId: string,
): Promise<OpenedSession> {
  const event = { kind: "sign_in.succeeded", userId, details: { factor: "none" } } as const;
  const { token, parts } = openSessionParts(ctx, Prisma.sql`source`, null, event);
  const [row] = await tx.$queryRaw<SessionRow[]>`
    WITH source AS (SELECT ${userId}::text AS user_id), ${parts} SELECT ${SESSION_COLUMNS} ${FROM_OPENED}`;
  return row ? openedSession(ctx, token, row) : refuse({ code: "unauthenticated" });
}

/**
 * Makes an account and signs it in. Refuses `sign_up_closed`, `invalid_input`, `conflict` (email_taken),
 * `too_many_requests`.
 */
export async function signUp(ctx: Context, typed: TypedPerson): Promise<OpenedSession> {
  if (ctx.settings.signUp !== "open") refuse({ code: "sign_up_closed" });
  const person = await readTypedPerson(typed, false, () => spendAddressTry(ctx, "signUp"));
  return ctx.db.$transaction((tx) => insertOwner(ctx, tx, person));
}

/** Makes an account on an operator's behalf. Refuses `invalid_input`, `conflict` (email_taken). */
export async function createUser(
  ctx: Context,
  typed: TypedPerson & { isAdmin?: boolean },
  actor: string,
): Promise<UserSummary> {
  const person = await readTypedPerson(typed, typed.isAdmin ?? false);
  await ctx.db.$transaction((tx) => insertUser(ctx, tx, person, { actor }));
  return findUser(ctx, { email: person.email });
}

/**
 * Changes one's own password. Everything else that the old one opened or began ends, and this session gets a new token.
 * Refuses `invalid_input`, `step_up_required`, `wrong_password`, `too_many_requests`.
 */
export async function changePassword(
  ctx: Context,
  signedIn: SignedIn,
  typed: { password: string; newPassword: string },
): Promise<NewSession> {
  requireAccess("password.change", { kind: "session", signedIn });
  const newPassword = parsePassword(typed.newPassword, "newPassword", true);
  const provenHash = await proveOwnPassword(ctx, signedIn, typed.password, "password.change_failed");
  const passwordHash = await hashPassword(newPassword);
  const { user, session } = signedIn;
  return ctx.db.$transaction(async (tx) => {
    // Two-factor may have been turned on since the read, in this very session: then the password alone is not enough.
    const where = { id: user.id, passwordHash: provenHash, factorsChangedAt: user.factorsChangedAt };
    const data = { passwordHash, passwordChangeDemandedAt: null };
    const { count } = await tx.user.updateMany({ where, data });
    if (count === 0) refuse({ code: "wrong_password" });
    const renewal = renewSessionPart(ctx, signedIn, Prisma.sql`source`, "password");
    const [row] = await tx.$queryRaw<{ expiresAt: Date }[]>`
      WITH source AS (SELECT ${user.id}::text AS user_id), renewed AS (${renewal.part})
      SELECT expires_at AS "expiresAt" FROM renewed`;
    if (!row) return refuse({ code: "unauthenticated" });
    await endAccess(tx, user.id, session.id);
    await tx.event.create({ data: eventRow(ctx, { kind: "password.changed", userId: user.id }) });
    await tx.mail.create({ data: mailRow(ctx, user.email, "password_changed") });
    return { token: renewal.token, expiresAt: row.expiresAt, userId: user.id };
  });
}
