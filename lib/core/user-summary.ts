import { Prisma } from "@/lib/db/generated/client";
import type { Context } from "./context";
import { isId } from "./ids";
import { normaliseEmail, parseSearch } from "./input";
import { refuse } from "./refusals";
import { TWO_FACTOR_IS_ON } from "./sessions";

/** An account as operators see it. */
export type UserSummary = {
  id: string;
  number: number;
  email: string;
  name: string | null;
  isAdmin: boolean;
  createdAt: Date;
  disabledAt: Date | null;
  twoFactor: { isOn: boolean; authenticators: number; recoveryCodesLeft: number };
};

/** Which accounts. What is left out asks for nothing. */
export type UserFilter = {
  /** Part of an e-mail address or a name, or the whole of a number or an id. */
  search?: string;
  hasTwoFactor?: boolean;
  isAdmin?: boolean;
  isDisabled?: boolean;
};

/** A page of them, in the order of their numbers. `beyond`: only those that come after this number in that order. */
export type UserPage = { order: "oldest" | "newest"; beyond?: number; limit: number };

/**
 * As TWO_FACTOR_IS_ON, in a form that PostgreSQL looks up account by account, and so stops at a page's end: of EXISTS it would
 * make a table of everybody's factors first.
 */
const HAS_TWO_FACTOR = Prisma.sql`(
  (SELECT 1 FROM totp_factor f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL LIMIT 1) IS NOT NULL
  AND (SELECT 1 FROM recovery_code r WHERE r.user_id = u.id LIMIT 1) IS NOT NULL)`;

type Row = Omit<UserSummary, "twoFactor"> & UserSummary["twoFactor"];

/** Of the row `u` of "user". */
const COLUMNS = Prisma.sql`u.id, u.number, u.email, u.name, u.is_admin AS "isAdmin", u.created_at AS "createdAt",
  u.disabled_at AS "disabledAt", ${TWO_FACTOR_IS_ON} AS "isOn",
  (SELECT count(*) FROM totp_factor f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL) AS authenticators,
  (SELECT count(*) FROM recovery_code r WHERE r.user_id = u.id AND r.used_at IS NULL) AS "recoveryCodesLeft"`;

function summaryOf({ isOn, authenticators, recoveryCodesLeft, ...user }: Row): UserSummary {
  return { ...user, twoFactor: { isOn, authenticators, recoveryCodesLeft } };
}

/** The account with an e-mail address or an id, for operators. Refuses `not_found`. */
export async function findUser(
  ctx: Context,
  which: { email: string } | { id: string },
): Promise<UserSummary> {
  const isIt =
    "id" in which ? Prisma.sql`u.id = ${which.id}` : Prisma.sql`u.email = ${normaliseEmail(which.email)}`;
  const [row] = await ctx.db.$run<Row>(Prisma.sql`SELECT ${COLUMNS} FROM "user" u WHERE ${isIt}`);
  return row ? summaryOf(row) : refuse({ code: "not_found" });
}

/** Accounts, a page at a time, for operators. However far the page, it begins where the one before it ended. */
export async function listUsers(
  ctx: Context,
  { order, beyond, limit, ...filter }: UserFilter & UserPage,
): Promise<UserSummary[]> {
  const conditions = conditionsOf(filter);
  const isOldestFirst = order === "oldest";
  if (beyond !== undefined)
    conditions.push(isOldestFirst ? Prisma.sql`u.number > ${beyond}` : Prisma.sql`u.number < ${beyond}`);
  const direction = isOldestFirst ? Prisma.sql`ASC` : Prisma.sql`DESC`;
  // First which accounts, then all there is to say of these.
  const rows = await ctx.db.$run<Row>(Prisma.sql`
    SELECT ${COLUMNS} FROM (
      SELECT u.* FROM "user" u WHERE ${Prisma.join(conditions, " AND ")} ORDER BY u.number ${direction} LIMIT ${limit}
    ) AS u ORDER BY u.number ${direction}`);
  return rows.map(summaryOf);
}

function conditionsOf({ search, hasTwoFactor, isAdmin, isDisabled }: UserFilter): Prisma.Sql[] {
  return [
    Prisma.sql`TRUE`,
    ...(search === undefined || search.trim() === "" ? [] : [isFound(search)]),
    ...(hasTwoFactor === undefined
      ? []
      : [hasTwoFactor ? HAS_TWO_FACTOR : Prisma.sql`NOT ${HAS_TWO_FACTOR}`]),
    ...(isAdmin === undefined ? [] : [Prisma.sql`u.is_admin = ${isAdmin}`]),
    ...(isDisabled === undefined ? [] : [Prisma.sql`(u.disabled_at IS NOT NULL) = ${isDisabled}`]),
  ];
}

/** Addresses are stored in small letters, names as they are; text that nothing here can hold finds nobody. */
function isFound(typed: string): Prisma.Sql {
  const search = parseSearch(typed);
  if (search === null) return Prisma.sql`FALSE`;
  if (isId(search.toUpperCase())) return Prisma.sql`u.id = ${search.toUpperCase()}`;
  const pattern = `%${search.replace(/[\\%_]/g, "\\$&")}%`;
  // Nine digits fit into an integer of the database.
  const number = /^\d{1,9}$/.test(search) ? Number(search) : null;
  return Prisma.sql`(u.email LIKE ${pattern.toLowerCase()} OR lower(u.name) LIKE lower(${pattern})
    OR u.number = ${number}::int)`;
}
