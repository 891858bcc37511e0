import { Prisma } from "@/lib/db/generated/client";
import { type Acting, requireAccess } from "./access/guard";
import type { Context } from "./context";
import { newId } from "./ids";
import type { SignedIn } from "./sessions";

export const EVENT_KINDS = [
  "account.created",
  "sign_in.password_failed",
  "sign_in.challenged",
  "sign_in.succeeded",
  "sign_in.code_mailed",
  "sign_in.code_failed",
  "sign_in.locked",
  "sign_out",
  "session.revoked",
  "sessions.revoked",
  "trusted_browser.added",
  "trusted_browser.revoked",
  "trusted_browser.reused",
  "trusted_browsers.revoked",
  "code.mailed",
  "code.mailed_used",
  "code.mailed_failed",
  "step_up.succeeded",
  "step_up.failed",
  "totp.started",
  "totp.confirmed",
  "totp.confirm_failed",
  "totp.replaced",
  "totp.renamed",
  "totp.shown",
  "totp.tested",
  "totp.test_failed",
  "totp.removed",
  "totp.remove_failed",
  "two_factor.on",
  "two_factor.off",
  "two_factor.reset",
  "recovery_codes.made",
  "recovery_codes.saved",
  "recovery_code.used",
  "email.confirmation_asked",
  "email.confirmed",
  "email.change_asked",
  "email.change_failed",
  "email.changed",
  "password.changed",
  "password.reset_asked",
  "password.reset",
  "sign_in.unlocked",
  "password.change_failed",
  "access.refused",
  "api_token.made",
  "api_token.revoked",
  "totp.provisioned",
  "totp.provision_withdrawn",
  "account.invited",
  "account.disabled",
  "account.enabled",
  "account.unlocked",
  "access.ended",
  "policy.changed",
  "policy.reminded",
  "audit.exported",
  "keys.changed",
  "backup.restored",
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** What to write down: never a secret, a code or a token. */
export type EventInput = {
  kind: EventKind;
  userId: string | null;
  /** Who did it, when that is not the user. */
  actor?: string;
  details?: Prisma.InputJsonObject;
};

/** Who acts, and by which API token: what an event about somebody else's account says of it. */
export function actorOf(acting: Acting): { actor: string; by: Prisma.InputJsonObject } {
  const { token } = "token" in acting ? acting : {};
  return { actor: acting.user.id, by: token ? { token: token.name, tokenId: token.id } : {} };
}

/** Who did it, as `actorOf` says; empty: the owner. */
export type EventActor = Partial<ReturnType<typeof actorOf>>;

/** An event with who did it. */
export function withActor(event: EventInput, { actor, by }: EventActor): EventInput {
  return { ...event, ...(actor ? { actor } : {}), details: { ...event.details, ...by } };
}

/** When, and from where, something is done. */
export type Origin = Pick<Context, "now" | "via" | "address" | "userAgent">;

/** Writes an event about an account in a transaction, with who acts. */
export async function noteByActing(
  ctx: Context,
  tx: Prisma.TransactionClient,
  acting: Acting,
  event: EventInput,
): Promise<void> {
  await tx.event.create({ data: eventRow(ctx, withActor(event, actorOf(acting))) });
}

/** A row for the audit trail, for `create` in the transaction of what it tells of. */
export function eventRow(ctx: Origin, { kind, userId, actor, details }: EventInput) {
  return {
    id: newId(ctx.now),
    createdAt: ctx.now,
    kind,
    userId,
    actor: actor ?? userId,
    via: ctx.via,
    address: ctx.address,
    userAgent: ctx.userAgent,
    details: details ?? {},
  };
}

/**
 * The same row as the values of an INSERT, for a statement of its own making that writes it together with its cause:
 * `INSERT INTO event (${EVENT_COLUMNS}) SELECT ${eventValues(ctx, …)} WHERE …`.
 */
export function eventValues(ctx: Origin, input: EventInput): Prisma.Sql {
  const row = eventRow(ctx, input);
  return Prisma.sql`${row.id}, ${row.createdAt}::timestamptz, ${row.kind}, ${row.userId}, ${row.actor}, ${row.via},
    ${row.address}, ${row.userAgent}, ${JSON.stringify(row.details)}::jsonb`;
}
export const EVENT_COLUMNS = Prisma.sql`id, created_at, kind, user_id, actor, via, address, user_agent, details`;

/** A statement part that writes an event for the user of each row of `source` (a FROM item with user_id). */
export function noteEventPart(ctx: Context, source: Prisma.Sql, kind: EventKind): Prisma.Sql {
  const row = eventRow(ctx, { kind, userId: null });
  return Prisma.sql`
    INSERT INTO event (${EVENT_COLUMNS})
    SELECT ${row.id}, ${row.createdAt}::timestamptz, ${row.kind}, source.user_id, source.user_id, ${row.via},
      ${row.address}, ${row.userAgent}, '{}'::jsonb FROM ${source}`;
}

/** Writes one event by itself, where nothing else changes. */
export async function recordEvent(ctx: Context, input: EventInput): Promise<void> {
  await ctx.db.event.create({ data: eventRow(ctx, input) });
}

/**
 * The newest events about one's own account, newest first, a page at a time.
 * @param page.before an event's id: only older ones than that
 * @returns with them the id to page on from, or null if they are the oldest
 */
export async function listEvents(ctx: Context, signedIn: SignedIn, page: { limit: number; before?: string }) {
  requireAccess("events.read", { kind: "session", signedIn });
  return eventsAbout(ctx, signedIn.user.id, page);
}

/** Events about somebody's account, as `listEvents`. Whoever asks must have asked the guard. */
export async function eventsAbout(ctx: Context, userId: string, page: { limit: number; before?: string }) {
  const limit = Math.min(page.limit, 100);
  const rows = await ctx.db.event.findMany({
    where: { userId, ...(page.before ? { id: { lt: page.before } } : {}) },
    orderBy: { id: "desc" },
    take: limit + 1,
    select: {
      id: true,
      createdAt: true,
      kind: true,
      actor: true,
      via: true,
      address: true,
      userAgent: true,
      details: true,
    },
  });
  const events = rows.slice(0, limit);
  return { events, olderThan: rows.length > limit ? (events.at(-1)?.id ?? null) : null };
}
