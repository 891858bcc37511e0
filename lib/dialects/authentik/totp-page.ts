import type { TotpOfUser, TotpPage, TotpQuery } from "@/lib/core/factors/totp-of-users";
import type { Answer } from "../dialect";
import { FORBIDDEN, NOT_FOUND } from "./answers";
import { askedPage, pageBody } from "./pages";
import { textOf } from "./query";
import * as responses from "./responses";

// What lists of authenticator apps, everybody's and one's own, have in common.

export const ONE = { 200: { means: "The device", body: responses.totpDevice }, ...FORBIDDEN, ...NOT_FOUND };
export const LIST = {
  200: { means: "A page of devices", body: responses.totpDevices },
  ...FORBIDDEN,
  404: { means: "A page past the end" },
};

/** The body of one. */
export const bodyOf = (row: TotpOfUser) => responses.totpBody(row, row.user);

/** What lists are ordered by, and no more than each once: every field costs the database something. */
const ORDERS = new Map<string, (way: "asc" | "desc") => NonNullable<TotpQuery["orderBy"]>[number]>([
  ["name", (way) => ({ name: way })],
  ["pk", (way) => ({ number: way })],
  ["id", (way) => ({ number: way })],
  ["user", (way) => ({ user: { number: way } })],
]);

/** "-name,pk" as an order. What cannot be ordered by is left out, as in the original; the number makes it whole. */
function orderOf(ordering: string): NonNullable<TotpQuery["orderBy"]> {
  const ways = new Map<string, "asc" | "desc">();
  for (const field of ordering.split(",")) {
    const name = field.trim().replace(/^-/, "");
    if (ORDERS.has(name) && !ways.has(name)) ways.set(name, field.trim().startsWith("-") ? "desc" : "asc");
  }
  const asked = [...ways].flatMap(([name, way]) => ORDERS.get(name)?.(way) ?? []);
  return [...asked, { number: "asc" }];
}

/** Answers a page of a list, as it is asked for behind the question mark. */
export async function answerPage(
  query: URLSearchParams,
  read: (asked: TotpQuery) => Promise<TotpPage>,
): Promise<Answer> {
  const page = askedPage(query);
  const name = textOf(query, "name");
  const search = textOf(query, "search");
  const { count, rows } = await read({
    ...(name === null ? {} : { name }),
    ...(search === null ? {} : { search }),
    orderBy: orderOf(query.get("ordering") ?? ""),
    offset: page.offset,
    limit: page.limit,
  });
  return { status: 200, body: pageBody(page, count, rows.map(bodyOf)) };
}
