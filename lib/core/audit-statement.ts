import { Prisma } from "@/lib/db/generated/client";
import { type AuditFilters, COMMAND_LINE } from "./audit-filters";

/** An event as the audit trail has it. */
export type EventRecord = {
  id: string;
  createdAt: Date;
  kind: string;
  userId: string | null;
  actor: string | null;
  via: string;
  address: string;
  userAgent: string;
  details: Prisma.JsonValue;
};

const COLUMNS = Prisma.sql`e.id, e.created_at AS "createdAt", e.kind, e.user_id AS "userId", e.actor, e.via, e.address,
  e.user_agent AS "userAgent", e.details`;

const COLUMN = {
  userId: Prisma.sql`e.user_id`,
  actor: Prisma.sql`e.actor`,
  kinds: Prisma.sql`e.kind`,
  via: Prisma.sql`e.via`,
};
type Filter = keyof typeof COLUMN;
const FILTERS = ["userId", "actor", "kinds", "via"] as const;

/** The filter that is likely to leave the fewest events; null: none is set. */
function leadOf({ userId, actor, kinds, via }: AuditFilters): Filter | null {
  if (userId !== null) return "userId";
  // The command line may have made every account there is.
  if (actor !== null && actor !== COMMAND_LINE) return "actor";
  if (kinds !== null) return "kinds";
  if (actor !== null) return "actor";
  return via === null ? null : "via";
}

/**
 * The statement that reads a page of events. However many there are, and whatever the database guesses of what is in them, it
 * walks an index in the order of the answer and stops at the page's end: the index of the leading filter, as a range of pairs
 * that no other index has in that order. The other filters are on an expression, so that no index tempts it to collect and
 * sort all that they have.
 * @param order "DESC": the newest first
 */
export function pageStatement(filters: AuditFilters, order: "ASC" | "DESC", limit: number): Prisma.Sql {
  const lead = leadOf(filters);
  const direction = order === "ASC" ? Prisma.sql`ASC` : Prisma.sql`DESC`;
  const others = FILTERS.filter((name) => name !== lead).map((name) => {
    const values = valuesOf(filters, name);
    return values ? Prisma.sql`AND (${COLUMN[name]} || '') = ANY(${values}::text[])` : Prisma.empty;
  });
  const rest = Prisma.sql`${Prisma.join(others, " ")}`;
  const { floor, ceiling } = filters;
  if (lead === null)
    return Prisma.sql`SELECT ${COLUMNS} FROM event e WHERE e.id >= ${floor} AND e.id < ${ceiling} ${rest}
      ORDER BY e.id ${direction} LIMIT ${limit}`;
  const column = COLUMN[lead];
  // Of several kinds each has its own walk: together they are in order of kind, not of time.
  return Prisma.sql`SELECT e.* FROM unnest(${valuesOf(filters, lead)}::text[]) AS lead(value) CROSS JOIN LATERAL (
      SELECT ${COLUMNS} FROM event e
      WHERE (${column}, e.id) >= (lead.value, ${floor}) AND (${column}, e.id) < (lead.value, ${ceiling}) ${rest}
      ORDER BY ${column} ${direction}, e.id ${direction} LIMIT ${limit}
    ) e ORDER BY e.id ${direction} LIMIT ${limit}`;
}

function valuesOf(filters: AuditFilters, name: Filter): readonly string[] | null {
  const value = filters[name];
  return typeof value === "string" ? [value] : value;
}
