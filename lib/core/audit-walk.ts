import { Prisma } from "@/lib/db/generated/client";
import type { AuditFilters } from "./audit-filters";

// How pages of the audit log are read: however many events there are, and whatever the database guesses of what is in them,
// along an index in the order of the answer, and not far at a time.

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

/** "DESC": the newest first. */
export type Order = "ASC" | "DESC";

const COLUMNS = Prisma.sql`e.id, e.created_at AS "createdAt", e.kind, e.user_id AS "userId", e.actor, e.via, e.address,
  e.user_agent AS "userAgent", e.details`;

const COLUMN = {
  userId: Prisma.sql`e.user_id`,
  actor: Prisma.sql`e.actor`,
  kinds: Prisma.sql`e.kind`,
  via: Prisma.sql`e.via`,
};
type Filter = keyof typeof COLUMN;

/** How many events of one filter's are looked at in one statement, which so never takes long. */
const STRIDE = 10_000;

const inOrder = (order: Order) => (order === "ASC" ? Prisma.sql`ASC` : Prisma.sql`DESC`);

/** The filters that are set. */
export function filtersOf(filters: AuditFilters): Filter[] {
  return (["userId", "actor", "kinds", "via"] as const).filter((name) => filters[name] !== null);
}

function valuesOf(filters: AuditFilters, name: Filter): readonly string[] {
  const value = filters[name];
  return typeof value === "string" ? [value] : (value ?? []);
}

/** A filter's values; of several kinds each has its own walk, as together they are in order of kind, not of time. */
const eachOf = (filters: AuditFilters, name: Filter) =>
  Prisma.sql`unnest(${valuesOf(filters, name)}::text[]) AS lead(value) CROSS JOIN LATERAL`;

/** The events of a filter's value in order, as a range of pairs: no other index than the filter's has it in that order. */
function walkOf(
  { floor, ceiling }: AuditFilters,
  name: Filter,
  order: Order,
  others: Prisma.Sql,
): Prisma.Sql {
  const [column, direction] = [COLUMN[name], inOrder(order)];
  return Prisma.sql`FROM event e
    WHERE (${column}, e.id) >= (lead.value, ${floor}) AND (${column}, e.id) < (lead.value, ${ceiling}) ${others}
    ORDER BY ${column} ${direction}, e.id ${direction}`;
}

/**
 * The statement that reads a page along the index of the filter that leads; null: of all events. The other filters are on an
 * expression, so that the database does not collect and sort all that one of them lets through.
 */
export function pageStatement(
  filters: AuditFilters,
  lead: Filter | null,
  order: Order,
  limit: number,
): Prisma.Sql {
  const others = filtersOf(filters)
    .filter((name) => name !== lead)
    .map((name) => Prisma.sql`AND (${COLUMN[name]} || '') = ANY(${valuesOf(filters, name)}::text[])`);
  const rest = others.length > 0 ? Prisma.join(others, " ") : Prisma.empty;
  const direction = inOrder(order);
  if (lead === null)
    return Prisma.sql`SELECT ${COLUMNS} FROM event e WHERE e.id >= ${filters.floor} AND e.id < ${filters.ceiling} ${rest}
      ORDER BY e.id ${direction} LIMIT ${limit}`;
  return Prisma.sql`SELECT e.* FROM ${eachOf(filters, lead)} (
      SELECT ${COLUMNS} ${walkOf(filters, lead, order, rest)} LIMIT ${limit}
    ) e ORDER BY e.id ${direction} LIMIT ${limit}`;
}

/** The statement that says where a stride along each filter's index ends; null: it has no more events than that. */
export function reachStatement(filters: AuditFilters, order: Order, stride: number): Prisma.Sql {
  const nearest = order === "ASC" ? Prisma.sql`min` : Prisma.sql`max`;
  const reaches = filtersOf(filters).map(
    (
      name,
    ) => Prisma.sql`SELECT ${name}::text AS name, (SELECT ${nearest}(r.id) FROM ${eachOf(filters, name)} (
        SELECT e.id ${walkOf(filters, name, order, Prisma.empty)} OFFSET ${stride - 1} LIMIT 1
      ) r) AS "endsAt"`,
  );
  return Prisma.join(reaches, " UNION ALL ");
}

type Reach = { name: Filter; endsAt: string | null };

/** Reads the first events of those that filters let through, at most `limit`. */
export async function readEvents(
  db: Pick<Prisma.TransactionClient, "$queryRaw">,
  filters: AuditFilters,
  order: Order,
  limit: number,
): Promise<EventRecord[]> {
  const [single = null, ...more] = filtersOf(filters);
  // Every event on the way is one of the answer's.
  if (more.length === 0) return db.$queryRaw(pageStatement(filters, single, order, limit));
  const found: EventRecord[] = [];
  let left: AuditFilters | null = filters;
  while (left !== null && found.length < limit) {
    const reaches: Reach[] = await db.$queryRaw(reachStatement(left, order, STRIDE));
    const { name, endsAt } = farthest(reaches, order);
    const stride: AuditFilters = endsAt === null ? left : upTo(left, endsAt, order);
    found.push(
      ...(await db.$queryRaw<EventRecord[]>(pageStatement(stride, name, order, limit - found.length))),
    );
    left = endsAt === null ? null : beyond(left, endsAt, order);
  }
  return found;
}

/** The filter that the fewest events stand in the way of. */
function farthest(reaches: readonly Reach[], order: Order): Reach {
  const [first, ...others] = reaches;
  if (!first) throw new Error("there are filters");
  return others.reduce((far, next) => {
    if (far.endsAt === null || next.endsAt === null) return far.endsAt === null ? far : next;
    return next.endsAt < far.endsAt === (order === "DESC") ? next : far;
  }, first);
}

/** No id comes between another and the same with one more character. */
const rightAfter = (id: string) => `${id}0`;

const upTo = (filters: AuditFilters, id: string, order: Order): AuditFilters =>
  order === "DESC" ? { ...filters, floor: id } : { ...filters, ceiling: rightAfter(id) };

const beyond = (filters: AuditFilters, id: string, order: Order): AuditFilters =>
  order === "DESC" ? { ...filters, ceiling: id } : { ...filters, floor: rightAfter(id) };
