import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { parseAndValidateFlightRouterState } from "next/dist/server/app-render/parse-and-validate-flight-router-state.js";

/** Why a request is not even looked at. */
export type Rejection = { status: number; title: string; text: string; headers?: Record<string, string> };

/** The longest body that is read, in bytes. */
export const longestBody = 64 * 1024;

/** Where APIs are, and no page. */
export function isApiPath(path: string): boolean {
  return /^\/(?:api|resources|v2|zitadel\.[\w.]+)\//.test(path);
}

const pageMethods = new Set(["GET", "HEAD", "POST"]);
const apiMethods = new Set([...pageMethods, "PUT", "PATCH", "DELETE", "OPTIONS"]);
const contentTypes =
  /^(?:multipart\/form-data|application\/x-www-form-urlencoded|application\/json|text\/plain|application\/grpc-web(?:\+[a-z]+)?|application\/grpc-web-text(?:\+[a-z]+)?)\s*(?:;|$)/i;

/** What the web platform's Request does not take (Fetch, section 2.2.1). */
const UNSPEAKABLE = new Set(["CONNECT", "TRACE", "TRACK"]);

/**
 * Refuses what no page and no API of ours takes, before any of its body is read.
 * @param path without the query
 * @param origins where our pages are shown, such as https://id.example.org
 * @param checksItself whether what answers there takes methods and bodies into account itself
 * @returns null when nothing speaks against the request
 */
export function checkRequest(
  method: string,
  path: string,
  { headers, httpVersion }: Pick<IncomingMessage, "headers" | "httpVersion">,
  origins: ReadonlySet<string>,
  checksItself = false,
): Rejection | null {
  const isApi = isApiPath(path);
  const methods = isApi ? apiMethods : pageMethods;
  if (checksItself ? UNSPEAKABLE.has(method) : !methods.has(method)) {
    const allow = [...methods].join(", ");
    return { ...reject(405, "This address does not take that method"), headers: { Allow: allow } };
  }
  // RFC 9112, section 3.2.
  if (headers.host === undefined && httpVersion === "1.1") return reject(400, "The host is missing");
  // "*", and whole addresses of other protocols: Next would take the one for a fault and go to the other.
  if (!path.startsWith("/")) return reject(400, "That address cannot be read");
  const decoded = decode(path) ?? (checksItself ? path : null);
  if (decoded === null) return reject(400, "That address cannot be read");
  // Next would take the dots away, and answer at an address that nothing here has looked at (RFC 3986, section 5.2.4).
  if (!checksItself && /(?:^|[/\\])\.\.?(?:[/\\]|$)/.test(decoded))
    return reject(400, "That address cannot be read");
  // Next's own pages, which are there for it to show: the one for crashes would answer 500. In development its tools
  // have some, too. No page of ours has its data apart, as those of Next's older router have.
  if (/^\/_(?!next\/(?!data\/)|_nextjs)/.test(decoded)) return reject(404, "There is nothing here");
  if (headers.expect !== undefined && !/^100-continue$/i.test(headers.expect))
    return reject(417, "Unknown expectation");
  if (checksItself) return null;
  if (!isRouterState(headers["next-router-state-tree"]))
    return reject(400, "What that asks for cannot be read");
  return checkBody(headers) ?? (method === "POST" && !isApi ? checkOrigin(headers, origins) : null);
}

/** Next answers 500 to an address with percent signs that stand for nothing (RFC 3986, section 2.1). */
function decode(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

/** What of a page a browser shows already, as the page's script says it: Next answers 500 to what it cannot read. */
function isRouterState(header: string | string[] | undefined): boolean {
  try {
    parseAndValidateFlightRouterState(header);
    return true;
  } catch {
    return false;
  }
}

function checkBody(headers: IncomingHttpHeaders): Rejection | null {
  // A length announced is a length that can be refused; a body of unknown length cannot.
  if (headers["transfer-encoding"] !== undefined)
    return reject(411, "The length of what was sent is missing");
  const length = headers["content-length"];
  // Neither header: there is no body (RFC 9112, section 6.3). "curl -X POST" without data sends it so.
  if (length === undefined) return null;
  if (Number(length) > longestBody) return reject(413, "That is more than this service takes");
  if (Number(length) === 0) return null;
  const type = headers["content-type"] ?? "";
  if (!contentTypes.test(type)) return reject(415, "This service does not read that kind of content");
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity")
    return reject(415, "This service does not read compressed content");
  return null;
}

/** Forms come from our own pages (OWASP ASVS 5.0, 3.5.1). Clients that are no browsers send neither header. */
function checkOrigin(headers: IncomingHttpHeaders, origins: ReadonlySet<string>): Rejection | null {
  const site = headers["sec-fetch-site"] ?? "none";
  const isForeign = headers.origin !== undefined && !origins.has(headers.origin);
  // Another host of our domain is another site's for us (Fetch Metadata, section 2.4).
  if (!isForeign && (site === "same-origin" || site === "none")) return null;
  return reject(403, "That form was not sent from this site", `Open ${[...origins][0]} and try again.`);
}

function reject(status: number, title: string, text = "Nothing was changed."): Rejection {
  return { status, title, text };
}
