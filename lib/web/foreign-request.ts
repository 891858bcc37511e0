/**
 * Whether another site made the browser ask (Fetch Metadata, section 2.4). Cookies come along with a link that is followed, and
 * what is only read writes an event in its reader's name.
 */
export function isForeign(headers: Headers): boolean {
  return headers.get("sec-fetch-site") === "cross-site";
}
