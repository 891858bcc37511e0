import { env } from "@/lib/env";
import { safeCallbackUrl } from "./callback-url";

/** A page's query as Next gives it. */
export type Query = Promise<Record<string, string | string[] | undefined>>;

/** Names what was just made and is shown with the answer, once. */
export const SHOWN_ONCE = "made";

/** One parameter of a page's query; given several times, the first counts. */
export async function queryText(query: Query, name: string): Promise<string> {
  const value = (await query)[name];
  return (Array.isArray(value) ? value[0] : value) ?? "";
}

/** Where a page's query says to go afterwards. next-auth writes our own places as whole addresses. */
export async function queryCallbackUrl(query: Query): Promise<string> {
  const wanted = await queryText(query, "callbackUrl");
  const { origin } = env().publicUrl;
  return safeCallbackUrl(wanted.startsWith(`${origin}/`) ? wanted.slice(origin.length) : wanted);
}
