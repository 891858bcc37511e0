import { hashToken, newToken } from "@/lib/crypto/tokens";
import { Prisma } from "@/lib/db/generated/client";
import { requireAccess } from "./access/guard";
import { type Context, secondsAfter } from "./context";
import { EVENT_COLUMNS, type EventInput, eventRow, eventValues, noteEventPart } from "./events";
import { newId } from "./ids";
import { LIMITS } from "./limits";
import { beginGracePart, DEMAND_COLUMNS, type Demand, type DemandRow, demandOf } from "./policy";
import { refuse } from "./refusals";

/** Evidence of a live session, read from the database in this request. Use cases of signed-in people take it. */
export type SignedIn = {
  session: {
    id: string;
    createdAt: Date;
    lastSeenAt: Date;
    /** The absolute end, whatever happens. */
    expiresAt: Date;
    passwordProvenAt: Date;
    factorProvenAt: Date | null;
    address: string;
    userAgent: string;
  };
  user: {
    id: string;
    number: number;
    email: string;
    /** Somebody who reads the mailbox said so. */
    isEmailConfirmed: boolean;
    name: string | null;
    isAdmin: boolean;
    createdAt: Date;
    factorsChangedAt: Date | null;
  };
  /** Derived from the factors in the same read, never cached. */
  twoFactor: { isOn: boolean; recoveryCodesLeft: number };
  /** The second factor (or, with none, the password) was proven at most 10 minutes ago and since the last change of factors. */
  isProofFresh: boolean;
  /** Whether policy asks for a second factor, and until when it waits for one. */
  demand: Demand;
  /** Nothing but the choice of a new password is open: an administrator let codes count again. */
  mustChangePassword: boolean;
};

/** A session just made or renewed. The token is handed out this once. */
export type NewSession = { token: string; expiresAt: Date; userId: string };

/** A session just made, with what reading it would tell. */
export type OpenedSession = NewSession & { signedIn: SignedIn };

/** What `SESSION_COLUMNS` selects. */
export type SessionRow = SignedIn["session"] &
  ActingUserRow &
  DemandRow &
  Pick<SignedIn, "mustChangePassword">;

/** "Two-factor is on" for the row `u` of "user": a confirmed factor and a set of recovery codes. */
export const TWO_FACTOR_IS_ON = Prisma.sql`(
  EXISTS (SELECT 1 FROM totp_factor f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL)
  AND EXISTS (SELECT 1 FROM recovery_code r WHERE r.user_id = u.id))`;

/** Of the row `u` of "user", what whoever acts for themselves is known by: see `actingUserFrom`. */
export const ACTING_USER_COLUMNS = Prisma.sql`u.id AS "userId", u.number, u.email,
  u.email_verified_at IS NOT NULL AS "isEmailConfirmed", u.name, u.is_admin AS "isAdmin",
  u.created_at AS "userCreatedAt", u.factors_changed_at AS "factorsChangedAt", ${TWO_FACTOR_IS_ON} AS "isOn",
  (SELECT count(*) FROM recovery_code r WHERE r.user_id = u.id AND r.used_at IS NULL) AS "recoveryCodesLeft"`;

/** What `ACTING_USER_COLUMNS` selects. */
export type ActingUserRow = Omit<SignedIn["user"], "id" | "createdAt"> &
  SignedIn["twoFactor"] & { userId: string; userCreatedAt: Date };

/** The user of a row, and how two-factor sign-in stands with them. */
export function actingUserFrom(row: ActingUserRow): Pick<SignedIn, "user" | "twoFactor"> {
  const { userId: id, userCreatedAt: createdAt, number, email, isEmailConfirmed, name, isAdmin } = row;
  const { factorsChangedAt, isOn, recoveryCodesLeft } = row;
  return {
    user: { id, number, email, isEmailConfirmed, name, isAdmin, createdAt, factorsChangedAt },
    twoFactor: { isOn, recoveryCodesLeft },
  };
}

/** The columns of a SessionRow, over the rows `s` of session and `u` of "user". */
export const SESSION_COLUMNS = Prisma.sql`s.id, s.created_at AS "createdAt", s.last_seen_at AS "lastSeenAt",
  s.expires_at AS "expiresAt", s.password_proven_at AS "passwordProvenAt", s.factor_proven_at AS "factorProvenAt",
  s.address, s.user_agent AS "userAgent", ${ACTING_USER_COLUMNS}, ${DEMAND_COLUMNS},
  u.password_change_demanded_at IS NOT NULL AS "mustChangePassword"`;

/**
 * The row `s` of session has what its user's account asks for. A session that a password alone opened is dead from the
 * moment two-factor is on, even one that was being opened at that moment.
 */
const FACTOR_IS_PROVEN = Prisma.sql`(s.factor_proven_at IS NOT NULL OR NOT ${TWO_FACTOR_IS_ON})`;

/** Sessions write down that they were seen at most once in so many seconds. */
const SEEN_EVERY_SECONDS = 60;

function idleSince(ctx: Context): Prisma.Sql {
  const minutes = ctx.settings.sessionIdleMinutes;
  return Prisma.sql`CASE WHEN u.is_admin
    THEN ${secondsAfter(ctx.now, -60 * Math.min(minutes, LIMITS.session.adminIdleMinutes))}::timestamptz
    ELSE ${secondsAfter(ctx.now, -60 * minutes)}::timestamptz END`;
}

/** The absolute end of a session that begins now. */
function sessionEnd(ctx: Context): Prisma.Sql {
  const hours = ctx.settings.sessionMaxHours;
  return Prisma.sql`CASE WHEN u.is_admin
    THEN ${secondsAfter(ctx.now, 3600 * Math.min(hours, LIMITS.session.adminMaxHours))}::timestamptz
    ELSE ${secondsAfter(ctx.now, 3600 * hours)}::timestamptz END`;
}

/**
 * The live session that a token names, or null: unknown, ended, idle or too old, or its user disabled. One statement,
 * which also notes that the session was seen.
 */
export async function readSession(ctx: Context, token: string): Promise<SignedIn | null> {
  const tokenHash = hashToken(token);
  if (tokenHash === null) return null;
  const [row] = await ctx.db.$run<SessionRow>(Prisma.sql`
    WITH found AS (
      SELECT ${SESSION_COLUMNS}
      FROM session s JOIN "user" u ON u.id = s.user_id
      WHERE s.token_hash = ${tokenHash} AND s.expires_at > ${ctx.now}::timestamptz AND u.disabled_at IS NULL
        AND s.last_seen_at > ${idleSince(ctx)} AND ${FACTOR_IS_PROVEN}
    ), seen AS (
      UPDATE session SET last_seen_at = ${ctx.now}::timestamptz FROM found
      WHERE session.id = found.id
        AND found."lastSeenAt" < ${secondsAfter(ctx.now, -SEEN_EVERY_SECONDS)}::timestamptz
    )
    SELECT * FROM found`);
  return row ? signedInFrom(ctx, row) : null;
}

function signedInFrom(ctx: Context, row: SessionRow): SignedIn {
  const { id, createdAt, lastSeenAt, expiresAt, passwordProvenAt, factorProvenAt, address, userAgent } = row;
  const provenAt = row.isOn ? factorProvenAt : passwordProvenAt;
  const freshSince = secondsAfter(ctx.now, -LIMITS.stepUp.freshSeconds);
  const isProofFresh =
    provenAt !== null &&
    provenAt >= freshSince &&
    (!row.isOn || row.factorsChangedAt === null || provenAt >= row.factorsChangedAt);
  return {
    session: { id, createdAt, lastSeenAt, expiresAt, passwordProvenAt, factorProvenAt, address, userAgent },
    ...actingUserFrom(row),
    isProofFresh,
    demand: demandOf(row, ctx.now),
    mustChangePassword: row.mustChangePassword,
  };
}

/**
 * When a factor counts as proven that is enough to sign in and not for what is sensitive: a trusted browser, a mailed code.
 * Long past, so that no clock makes it fresh.
 */
export function weakProof(now: Date): Date {
  return secondsAfter(now, -LIMITS.trustedBrowser.ttlDays * 86_400);
}

/**
 * Statement parts that open a session for each row of `source` (a FROM item with a column user_id), make room for it,
 * and write its event. `opened` returns the new session's row, for `OPENED`.
 * @param factorProvenAt when the second factor was proven; null: the password alone was
 * @param id of the session, where it goes on with what had one before
 */
export function openSessionParts(
  ctx: Context,
  source: Prisma.Sql,
  factorProvenAt: Date | null,
  event: EventInput,
  id = newId(ctx.now),
): { token: string; parts: Prisma.Sql } {
  const token = newToken();
  const parts = Prisma.sql`
    made_room AS (
      DELETE FROM session USING ${source} WHERE session.user_id = source.user_id AND (
        session.expires_at <= ${ctx.now}::timestamptz OR session.id IN (
          SELECT s.id FROM session s WHERE s.user_id = source.user_id
          ORDER BY s.created_at DESC, s.id DESC OFFSET ${LIMITS.session.perUser - 1}))
    ),
    opened AS (
      INSERT INTO session (id, token_hash, user_id, created_at, last_seen_at, expires_at, password_proven_at,
        factor_proven_at, address, user_agent)
      SELECT ${id}, ${hashToken(token)}::bytea, u.id, ${ctx.now}::timestamptz, ${ctx.now}::timestamptz,
        ${sessionEnd(ctx)}, ${ctx.now}::timestamptz,
        ${factorProvenAt}::timestamptz, ${ctx.address}, ${ctx.userAgent}
      FROM ${source} JOIN "user" u ON u.id = source.user_id
      RETURNING *
    ),
    grace_begun AS (${beginGracePart(ctx.now, Prisma.sql`opened AS source`)}),
    noted_event AS (
      INSERT INTO event (${EVENT_COLUMNS}) SELECT ${eventValues(ctx, event)} FROM ${source}
    )`;
  return { token, parts };
}

/** The SessionRow of what `openSessionParts` opened: `SELECT ${SESSION_COLUMNS} ${FROM_OPENED}`. */
export const FROM_OPENED = Prisma.sql`FROM opened s JOIN "user" u ON u.id = s.user_id`;

/** The session that a statement opened, from the row it returned and its token. */
export function openedSession(ctx: Context, token: string, row: SessionRow): OpenedSession {
  return { token, expiresAt: row.expiresAt, userId: row.userId, signedIn: signedInFrom(ctx, row) };
}

/**
 * A statement part that gives a session a new token (a new session id at every proof, where the caller can be told of it)
 * and notes what was proven.
 * `source` is a FROM item with one row when the proof holds.
 */
export function renewSessionPart(
  ctx: Context,
  signedIn: SignedIn,
  source: Prisma.Sql,
  proven: "password" | "factor",
): { token: string; part: Prisma.Sql } {
  const token = ctx.keptToken ?? newToken();
  const column = proven === "factor" ? Prisma.sql`factor_proven_at` : Prisma.sql`password_proven_at`;
  const part = Prisma.sql`
    UPDATE session SET token_hash = ${hashToken(token)}, ${column} = ${ctx.now}::timestamptz,
      last_seen_at = ${ctx.now}::timestamptz
    FROM ${source} WHERE session.id = ${signedIn.session.id}
    RETURNING session.user_id, session.expires_at`;
  return { token, part };
}

/** The session's proof of a second factor is the one that it was opened by, or the one that turned two-factor on. */
export function isTokenOfProof({ session, user, twoFactor }: SignedIn): boolean {
  const provenAt = session.factorProvenAt?.getTime();
  return (
    !twoFactor.isOn ||
    provenAt === session.createdAt.getTime() ||
    provenAt === user.factorsChangedAt?.getTime()
  );
}

/** One's own live sessions, the newest first, this one marked. */
export async function listSessions(ctx: Context, signedIn: SignedIn) {
  requireAccess("sessions.list", { kind: "session", signedIn });
  const rows = await liveSessionsOf(ctx, signedIn.user.id);
  return rows.map((row) => ({ ...row, isCurrent: row.id === signedIn.session.id }));
}

/** A session as a list shows it: never its token. */
export type ListedSession = Pick<
  SignedIn["session"],
  "id" | "createdAt" | "lastSeenAt" | "expiresAt" | "address" | "userAgent"
>;

/** Somebody's live sessions, the newest first. Whoever asks must have asked the guard. */
export function liveSessionsOf(ctx: Context, userId: string): Promise<ListedSession[]> {
  return ctx.db.$queryRaw<ListedSession[]>`
    SELECT s.id, s.created_at AS "createdAt", s.last_seen_at AS "lastSeenAt", s.expires_at AS "expiresAt", s.address,
      s.user_agent AS "userAgent"
    FROM session s JOIN "user" u ON u.id = s.user_id
    WHERE u.id = ${userId} AND s.expires_at > ${ctx.now}::timestamptz AND s.last_seen_at > ${idleSince(ctx)}
      AND ${FACTOR_IS_PROVEN}
    ORDER BY s.last_seen_at DESC, s.id DESC`;
}

/**
 * Keeps the caller's session until the transaction ends, so that what is written can belong to it. Refuses
 * `unauthenticated` when it has ended in the meantime.
 */
export async function holdSession(tx: Prisma.TransactionClient, { session }: SignedIn): Promise<void> {
  const rows = await tx.$queryRaw<unknown[]>`SELECT 1 FROM session WHERE id = ${session.id} FOR KEY SHARE`;
  if (rows.length === 0) refuse({ code: "unauthenticated" });
}

/** Signs out: ends the session that a token names, whatever its state. Nothing happens for a token that names none. */
export async function endSession(ctx: Context, token: string): Promise<void> {
  const tokenHash = hashToken(token);
  if (tokenHash === null) return;
  await ctx.db.$queryRaw`
    WITH ended AS (DELETE FROM session WHERE token_hash = ${tokenHash} RETURNING user_id)
    ${noteEventPart(ctx, Prisma.sql`ended AS source`, "sign_out")} RETURNING 1`;
}

/**
 * Ends one of one's own sessions, named by its id or its token. Refuses `not_found` for one that is not one's own,
 * `step_up_required`.
 */
export async function revokeSession(
  ctx: Context,
  signedIn: SignedIn,
  which: { id: string } | { token: string },
): Promise<void> {
  requireAccess("sessions.revoke", { kind: "session", signedIn });
  const named =
    "id" in which ? which : { tokenHash: hashToken(which.token) ?? refuse({ code: "not_found" }) };
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.session.deleteMany({ where: { ...named, userId: signedIn.user.id } });
    if (count === 0) refuse({ code: "not_found" });
    await tx.event.create({ data: eventRow(ctx, { kind: "session.revoked", userId: signedIn.user.id }) });
  });
}

/** Ends all of one's own sessions but this one; returns how many there were. Refuses `step_up_required`. */
export function revokeOtherSessions(ctx: Context, signedIn: SignedIn): Promise<number> {
  return revokeSessions(ctx, signedIn, { not: signedIn.session.id });
}

/** Ends all of one's own sessions, this one as well; returns how many there were. Refuses `step_up_required`. */
export function revokeAllSessions(ctx: Context, signedIn: SignedIn): Promise<number> {
  return revokeSessions(ctx, signedIn, {});
}

async function revokeSessions(ctx: Context, signedIn: SignedIn, id: { not?: string }): Promise<number> {
  requireAccess("sessions.revoke", { kind: "session", signedIn });
  const userId = signedIn.user.id;
  return ctx.db.$transaction(async (tx) => {
    const { count } = await tx.session.deleteMany({ where: { userId, id } });
    const details = { sessions: count };
    await tx.event.create({ data: eventRow(ctx, { kind: "sessions.revoked", userId, details }) });
    return count;
  });
}
