import { requireRoomToHash } from "@/lib/crypto/argon2";
import { hashPassword, verifyPassword } from "@/lib/crypto/passwords";
import { hashToken, newToken } from "@/lib/crypto/tokens";
import { Prisma } from "@/lib/db/generated/client";
import { type Context, secondsAfter, secondsUntil } from "./context";
import { EVENT_COLUMNS, type EventKind, eventValues, recordEvent } from "./events";
import { newId } from "./ids";
import { parseEmail, parsePassword } from "./input";
import { rememberBrowserParts } from "./known-browsers";
import { LIMITS } from "./limits";
import { refuse } from "./refusals";
import {
  FROM_OPENED,
  type OpenedSession,
  openedSession,
  openSessionParts,
  SESSION_COLUMNS,
  type SessionRow,
  type SignedIn,
  TWO_FACTOR_IS_ON,
  weakProof,
} from "./sessions";
import {
  revokeReusedParts,
  rotateTrustPart,
  type Trust,
  type TrustState,
  trustState,
} from "./trusted-browsers";
import { addressKey, hashedEmail, spendAddressTry } from "./try-budget";

/** A sign-in after its password: done, or a challenge whose second factor is owed. The token is handed out this once. */
export type BegunSignIn =
  | ({ kind: "session"; browserToken: string | null; trust: Trust | null } & OpenedSession)
  /** `trust`: how the token of a trusted browser stands that was brought, or null. */
  | { kind: "challenge"; id: string; token: string; expiresAt: Date; trust: TrustState | null };

type Person = {
  id: string | null;
  /** Whose account it is, where that is disabled: nothing but the audit trail asks. */
  disabledId: string | null;
  passwordHash: string | null;
  isOn: boolean | null;
  isKnownBrowser: boolean;
  trust: TrustState | null;
  isTaken: boolean;
  waitUntil: Date | null;
};

/**
 * The password step. With a second factor it opens a challenge and nothing else; without one, or in a browser that its
 * owner trusts, a session. At most four statements, and the same ones for an e-mail that nobody has.
 * Refuses `invalid_input`, `invalid_credentials`, `too_many_requests`.
 */
export async function beginSignIn(
  ctx: Context,
  typed: { email: string; password: string },
): Promise<BegunSignIn> {
  const email = parseEmail(typed.email);
  const password = parsePassword(typed.password, "password", false);
  requireRoomToHash();
  await spendAddressTry(ctx, "password");
  const person = await takePasswordTry(ctx, email, "sign-in");
  if (!person.isTaken) refuseWaiting(ctx, person);
  const { isRight, needsRehash } = await verifyPassword(person.passwordHash, password);
  if (!isRight || person.id === null || person.passwordHash === null) {
    const { id, disabledId } = person;
    const details = disabledId === null ? {} : { isDisabled: true };
    await recordEvent(ctx, { kind: "sign_in.password_failed", userId: id ?? disabledId, details });
    return refuse({ code: "invalid_credentials" });
  }
  // Two-factor may have been turned on, or the password changed, since the read: then nothing was opened.
  const proven = { userId: person.id, passwordHash: person.passwordHash };
  const begun = person.isOn ? await beginSecondStep(ctx, proven, person) : await openSession(ctx, proven);
  if (begun === null) return refuse({ code: "invalid_credentials" });
  if (needsRehash) await rehash(ctx, proven, password);
  return begun;
}

/**
 * Reads who is meant and, in the same statement, takes a try: wrong passwords from browsers the account does not know
 * wait longer and longer, and a try counts as wrong until it proves right. An e-mail that nobody has is counted alike.
 * While an account waits, a try writes and locks nothing: those who come in hundreds would stand at its row with all the
 * connections that there are. The prompts of signed-in people have a budget of their own: what strangers try at sign-in must not shut the owner's.
 */
async function takePasswordTry(ctx: Context, email: string, budget: "sign-in" | "own"): Promise<Person> {
  const { freeFailures, firstWaitSeconds, maxWaitSeconds, forgetSeconds } = LIMITS.password;
  const nobodysKey = `nobody:${hashedEmail(ctx, email)}`;
  const browserHash = ctx.browserToken === null ? null : hashToken(ctx.browserToken);
  const isOwn = budget === "own";
  const failures = Prisma.sql`CASE WHEN budget.last_at <= ${secondsAfter(ctx.now, -forgetSeconds)}::timestamptz
    THEN 1 ELSE budget.failures + 1 END`;
  const wait = Prisma.sql`least(${maxWaitSeconds}::float8, ${firstWaitSeconds} * 2 ^ least(${failures} - ${freeFailures}, 30))`;
  const [person] = await ctx.db.$run<Person>(Prisma.sql`
    WITH person AS (
      SELECT u.id, (SELECT d.id FROM "user" d WHERE d.email = ${email} AND d.disabled_at IS NOT NULL) AS "disabledId",
        u.password_hash AS "passwordHash", ${TWO_FACTOR_IS_ON} AS "isOn",
        ${isOwn ? "own:" : ""} || coalesce(u.id, ${nobodysKey}) AS key,
        NOT ${isOwn}::bool AND EXISTS (SELECT 1 FROM known_browser b WHERE b.user_id = u.id AND b.token_hash = ${browserHash}
          AND b.expires_at > ${ctx.now}::timestamptz) AS "isKnownBrowser",
        ${isOwn ? Prisma.sql`NULL` : trustState(ctx)} AS trust
      FROM (SELECT 1) AS once LEFT JOIN "user" u ON u.email = ${email} AND u.disabled_at IS NULL
    ), taken AS (
      INSERT INTO password_budget AS budget (key, failures, last_at)
      SELECT key, 1, ${ctx.now}::timestamptz FROM person
      WHERE NOT "isKnownBrowser" AND NOT EXISTS (
        SELECT 1 FROM password_budget b WHERE b.key = person.key AND b.wait_until > ${ctx.now}::timestamptz)
      ON CONFLICT (key) DO UPDATE SET failures = ${failures}, last_at = ${ctx.now}::timestamptz,
        wait_until = CASE WHEN ${failures} >= ${freeFailures}
          THEN ${ctx.now}::timestamptz + make_interval(secs => ${wait}) END
      WHERE budget.wait_until IS NULL OR budget.wait_until <= ${ctx.now}::timestamptz
      RETURNING key
    )
    SELECT person.*, "isKnownBrowser" OR EXISTS (SELECT 1 FROM taken) AS "isTaken",
      (SELECT wait_until FROM password_budget b WHERE b.key = person.key) AS "waitUntil"
    FROM person`);
  return person ?? refuse({ code: "unavailable" });
}

type ProvenPassword = { userId: string; passwordHash: string };

/**
 * The user again, if the password is still the one that was proven and two-factor still `isOn`: evidence must be of now.
 * The lock waits for a change of password under way, and PostgreSQL then looks at the password once more.
 */
function stillProven({ userId, passwordHash }: ProvenPassword, isOn: boolean): Prisma.Sql {
  return Prisma.sql`
    source AS (
      SELECT u.id AS user_id, 0 AS browser_units FROM "user" u
      WHERE u.id = ${userId} AND u.password_hash = ${passwordHash} AND u.disabled_at IS NULL
        AND ${TWO_FACTOR_IS_ON} = ${isOn}
      FOR SHARE OF u
    ),
    forgiven AS (DELETE FROM password_budget USING source WHERE key = source.user_id)`;
}

async function openSession(ctx: Context, proven: ProvenPassword): Promise<BegunSignIn | null> {
  const event = { kind: "sign_in.succeeded", userId: proven.userId, details: { factor: "none" } } as const;
  const source = Prisma.sql`source`;
  const { token, parts } = openSessionParts(ctx, source, null, event);
  // Where there is no second factor this is the full sign-in: the browser need not wait for what strangers try.
  const browser = rememberBrowserParts(ctx, source);
  const [row] = await ctx.db.$run<SessionRow & { isKnown: boolean }>(Prisma.sql`
    WITH ${stillProven(proven, false)}, ${browser.parts}, ${parts}
    SELECT ${SESSION_COLUMNS}, EXISTS (SELECT 1 FROM known) AS "isKnown" ${FROM_OPENED}`);
  if (!row) return null;
  const browserToken = row.isKnown ? null : browser.token;
  return { kind: "session", ...openedSession(ctx, token, row), browserToken, trust: null };
}

/** Where a second factor is owed: it is, unless the browser is trusted. */
async function beginSecondStep(
  ctx: Context,
  proven: ProvenPassword,
  { trust, isKnownBrowser }: Person,
): Promise<BegunSignIn | null> {
  const trusted = trust === "good" ? await openTrustedSession(ctx, proven) : null;
  // One that was good a moment ago was used by another request in the meantime.
  return trusted ?? openChallenge(ctx, proven, isKnownBrowser, trust === "good" ? "late" : trust);
}

/** Null: the trust ended in the meantime, or another request has used its token. */
async function openTrustedSession(ctx: Context, proven: ProvenPassword): Promise<BegunSignIn | null> {
  const event = { kind: "sign_in.succeeded", userId: proven.userId, details: { factor: "trusted" } } as const;
  const rotated = rotateTrustPart(ctx, Prisma.sql`source`);
  const source = Prisma.sql`rotated AS source`;
  const { token, parts } = openSessionParts(ctx, source, weakProof(ctx.now), event);
  const [row] = await ctx.db.$run<SessionRow & { trustedUntil: Date }>(Prisma.sql`
    WITH ${stillProven(proven, true)}, rotated AS (${rotated.part}), ${parts}
    SELECT ${SESSION_COLUMNS}, (SELECT trusted_until FROM rotated) AS "trustedUntil" ${FROM_OPENED}`);
  if (!row) return null;
  const trust = { token: rotated.token, expiresAt: row.trustedUntil };
  return { kind: "session", ...openedSession(ctx, token, row), browserToken: null, trust };
}

/**
 * Those of one address make room among themselves, and so do those of known browsers and others: whoever has the password
 * too crowds nobody out elsewhere (decision 19).
 */
async function openChallenge(
  ctx: Context,
  proven: ProvenPassword,
  isKnownBrowser: boolean,
  trust: TrustState | null,
): Promise<BegunSignIn | null> {
  const id = newId(ctx.now);
  const token = newToken();
  // Where addresses are not ours to limit they may be one for everybody: each sign-in stands for itself then.
  const address = ctx.settings.rateLimitAddress ? addressKey(ctx.address) : id;
  const expiresAt = secondsAfter(ctx.now, LIMITS.challenge.ttlSeconds);
  const event = { kind: "sign_in.challenged", userId: proven.userId } as const;
  const reused = trust === "old" ? Prisma.sql`${revokeReusedParts(ctx, Prisma.sql`source`)},` : Prisma.empty;
  const rows = await ctx.db.$run(Prisma.sql`
    WITH ${stillProven(proven, true)}, ${reused}
    made_room AS (
      DELETE FROM challenge USING source WHERE challenge.user_id = source.user_id AND challenge.address_key = ${address} AND (
        challenge.expires_at <= ${ctx.now}::timestamptz OR challenge.id IN (
          SELECT c.id FROM challenge c
          WHERE c.user_id = source.user_id AND c.address_key = ${address} AND c.is_known_browser = ${isKnownBrowser}
          ORDER BY c.created_at DESC, c.id DESC OFFSET ${LIMITS.challenge.openPerAddress - 1}))
    ),
    noted_event AS (INSERT INTO event (${EVENT_COLUMNS}) SELECT ${eventValues(ctx, event)} FROM source)
    INSERT INTO challenge (id, token_hash, user_id, created_at, expires_at, is_known_browser, address_key)
    SELECT ${id}, ${hashToken(token)}::bytea, user_id, ${ctx.now}::timestamptz, ${expiresAt}::timestamptz,
      ${isKnownBrowser}::bool, ${address}
    FROM source RETURNING 1`);
  return rows.length === 1 ? { kind: "challenge", id, token, expiresAt, trust } : null;
}

/**
 * Asks a signed-in person for their password again, at the price of a sign-in's try. Returns the hash that was proven.
 * Refuses `invalid_input`, `wrong_password`, `too_many_requests`, `unauthenticated` when the account is gone.
 */
export async function proveOwnPassword(
  ctx: Context,
  signedIn: SignedIn,
  typed: string,
  failure: EventKind,
): Promise<string> {
  const password = parsePassword(typed, "password", false);
  requireRoomToHash();
  await spendAddressTry(ctx, "password");
  const person = await takePasswordTry(ctx, signedIn.user.email, "own");
  if (!person.isTaken) refuseWaiting(ctx, person);
  const { isRight } = await verifyPassword(person.passwordHash, password);
  if (person.id !== signedIn.user.id || person.passwordHash === null)
    return refuse({ code: "unauthenticated" });
  if (!isRight) {
    await recordEvent(ctx, { kind: failure, userId: person.id });
    return refuse({ code: "wrong_password" });
  }
  await ctx.db.passwordBudget.deleteMany({ where: { key: `own:${person.id}` } });
  return person.passwordHash;
}

function refuseWaiting(ctx: Context, { waitUntil }: Person): never {
  return refuse({
    code: "too_many_requests",
    retryAfterSeconds: secondsUntil(waitUntil ?? ctx.now, ctx.now),
  });
}

/** Keeps up with raised Argon2id parameters, while the password is at hand. */
async function rehash(
  ctx: Context,
  { userId, passwordHash }: ProvenPassword,
  password: string,
): Promise<void> {
  const data = { passwordHash: await hashPassword(password) };
  await ctx.db.user.updateMany({ where: { id: userId, passwordHash }, data });
}
