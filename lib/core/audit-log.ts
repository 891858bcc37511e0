import type { Prisma } from "@/lib/db/generated/client";
import { type Acting, callerOf, requireAccess } from "./access/guard";
import { type AuditFilters, type AuditQuery, readFilters } from "./audit-filters";
import { type EventRecord, readEvents } from "./audit-walk";
import type { Context } from "./context";
import { actorOf, recordEvent, withActor } from "./events";

/** Somebody in the audit log. `email` is null where there is no account any more, or never was one: the command line. */
export type AuditParty = { id: string; email: string | null };

/** An event as operators read it. */
export type AuditEvent = Omit<EventRecord, "userId" | "actor"> & {
  /** Whose account it is about; null: nobody's. */
  person: AuditParty | null;
  /** Who did it; null where nobody is known to have. */
  actor: AuditParty | null;
};

/** Ids to page on from; null: there are no more that way. */
export type AuditPage = { events: AuditEvent[]; newerThan: string | null; olderThan: string | null };

const LONGEST_PAGE = 100;
const EXPORT_PAGE = 1000;

/**
 * Events of all accounts, the newest first, a page at a time: the newest of those looked for, those before an event, or those
 * right after one. Refuses `invalid_input`, `forbidden`, `insufficient_scope`.
 */
export async function searchEvents(
  ctx: Context,
  acting: Acting,
  query: AuditQuery & { limit: number },
): Promise<AuditPage> {
  requireAccess("audit.read", callerOf(acting));
  const limit = Math.min(query.limit, LONGEST_PAGE);
  const isUpwards = Boolean(query.after) && !query.before;
  const filters = await readFilters(ctx, query);
  const rows = await readEvents(ctx.db, filters, isUpwards ? "ASC" : "DESC", limit + 1);
  const hasMore = rows.length > limit;
  const shown = rows.slice(0, limit);
  if (isUpwards) shown.reverse();
  const [newest, oldest] = [shown[0]?.id ?? null, shown.at(-1)?.id ?? null];
  return {
    events: await withNames(ctx, shown),
    newerThan: isUpwards ? (hasMore ? newest : null) : query.before ? newest : null,
    olderThan: isUpwards || hasMore ? oldest : null,
  };
}

/**
 * All events looked for, the newest first, page by page: as many are held at a time as a page has. What happens after the
 * beginning is not in it. That there was an export is written down before the first page is read.
 * Refuses `invalid_input`, `forbidden`, `insufficient_scope`, at once; afterwards it throws when the database fails.
 * @param format for the audit trail
 */
export async function exportEvents(
  ctx: Context,
  acting: Acting,
  query: AuditQuery,
  format: string,
): Promise<AsyncGenerator<AuditEvent[], void>> {
  requireAccess("audit.read", callerOf(acting));
  const filters = await readFilters(ctx, query);
  const [newest] = await readEvents(ctx.db, filters, "DESC", 1);
  const event = {
    kind: "audit.exported",
    userId: acting.user.id,
    details: { format, ...told(query, filters) },
  } as const;
  await recordEvent(ctx, withActor(event, actorOf(acting)));
  return readPages(ctx, newest ? { ...filters, ceiling: `${newest.id}0` } : null);
}

/** What was asked for, with accounts as their ids: addresses change. */
function told({ kind, from, until, before, after }: AuditQuery, { userId, actor, via }: AuditFilters) {
  const asked = {
    person: userId,
    actor,
    kind: kind?.trim(),
    via,
    from: from?.toISOString(),
    until: until?.toISOString(),
    before: before?.trim(),
    after: after?.trim(),
  };
  return Object.fromEntries(
    Object.entries(asked).flatMap(([name, value]): [string, string][] => (value ? [[name, value]] : [])),
  );
}

/** @param filters null: nothing was found */
async function* readPages(ctx: Context, filters: AuditFilters | null): AsyncGenerator<AuditEvent[], void> {
  let next = filters;
  while (next !== null) {
    const rows: EventRecord[] = await readEvents(ctx.db, next, "DESC", EXPORT_PAGE);
    if (rows.length > 0) yield await withNames(ctx, rows);
    const last = rows.at(-1);
    next = last && rows.length === EXPORT_PAGE ? { ...next, ceiling: last.id } : null;
  }
}

/** Puts the addresses of accounts to events: one statement, however many there are. */
async function withNames(ctx: Context, rows: readonly EventRecord[]): Promise<AuditEvent[]> {
  const ids = new Set(rows.flatMap(({ userId, actor }) => [userId, actor]).filter((id) => id !== null));
  if (ids.size === 0) return rows.map((row) => ({ ...row, person: null, actor: null }));
  const where: Prisma.UserWhereInput = { id: { in: [...ids] } };
  const accounts = await ctx.db.user.findMany({ where, select: { id: true, email: true } });
  const emails = new Map(accounts.map(({ id, email }) => [id, email]));
  const party = (id: string | null) => (id === null ? null : { id, email: emails.get(id) ?? null });
  return rows.map(({ userId, actor, ...event }) => ({
    ...event,
    person: party(userId),
    actor: party(actor),
  }));
}
