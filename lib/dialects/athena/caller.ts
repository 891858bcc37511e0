import { readSession } from "@/lib/core/sessions";
import { cookiesOf, findBrowserCaller, isOwnOrigin, type OwnCookies, ownName } from "../browser-session";
import type { Caller, ContextOf, Problem } from "../dialect";

export const COOKIES: OwnCookies = {
  via: "athena",
  prefix: "__Secure-",
  session: "better-auth.session_token",
  challenge: "better-auth.two_factor",
};
export const trustCookie = () => ownName(COOKIES, "better-auth.trust_device");
/** Says that the session is to end with the browser's own. */
export const forgetCookie = () => ownName(COOKIES, "better-auth.dont_remember");

/** Tells a challenge from a session among bearer tokens, before the database is asked. */
export const CHALLENGE_PREFIX = "challenge.";

const BEARER = /^bearer +(\S+) *$/i;

/**
 * By cookie or by a bearer token: a session's, or a challenge's, which opens nothing but what takes a challenge. With one,
 * cookies are not looked at.
 */
export async function findCaller(request: Request, contextOf: ContextOf): Promise<Caller> {
  const { headers } = request;
  const brought = {
    trustToken: cookiesOf(request)[trustCookie()] || null,
    keepsCookies: headers.has("cookie") || headers.has("origin"),
  };
  const [, bearer] = BEARER.exec(headers.get("authorization") ?? "") ?? [];
  const isRemembered = !cookiesOf(request)[forgetCookie()];
  if (bearer === undefined)
    return { ...(await findBrowserCaller(request, contextOf, COOKIES, brought)), isRemembered };
  const token = decoded(bearer);
  const ctx = contextOf(headers, { via: COOKIES.via, ...brought });
  if (token.startsWith(CHALLENGE_PREFIX)) {
    const challengeToken = token.slice(CHALLENGE_PREFIX.length);
    return { ctx, heldTokens: [], sessionToken: null, challengeToken, signedIn: null, isRemembered };
  }
  const signedIn = await readSession(ctx, token);
  const sessionToken = signedIn && token;
  return { ctx, heldTokens: [token], sessionToken, challengeToken: null, signedIn, isRemembered };
}

/** Clients send the token as they found it, percent-encoded or not. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Whoever brings a cookie must say from where; without one, a browser's request from elsewhere is refused all the same. */
export function checkOrigin({ headers }: Request): Problem | null {
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  if (headers.has("cookie") && (origin === null || origin === "null"))
    return { kind: "foreign_origin", isMissing: true };
  const isForeign = origin !== null && !isOwnOrigin(origin);
  const isCrossSite = site !== null && site !== "same-origin" && site !== "none";
  return isForeign || isCrossSite ? { kind: "foreign_origin", isMissing: false } : null;
}
