import { readSession } from "@/lib/core/sessions";
import { env } from "@/lib/env";
import { cookieNames } from "@/lib/http/cookie-names";
import {
  cookiesOf,
  findBrowserCaller,
  heldBy,
  OWN_COOKIES,
  ownName,
  refuseForeignOrigin,
} from "../browser-session";
import type { Caller, ContextOf, Problem } from "../dialect";

export const COOKIES = OWN_COOKIES.athena;
export const trustCookie = () => ownName(COOKIES, "better-auth.trust_device");
/** Says that the session is to end with the browser's own. */
export const forgetCookie = () => ownName(COOKIES, "better-auth.dont_remember");

/** Tells a challenge from a session among bearer tokens, before the database is asked. */
export const CHALLENGE_PREFIX = "challenge.";

const BEARER = /^bearer +(\S+) *$/i;

/**
 * By cookie or by a bearer token: a session's, or a challenge's, which opens nothing but what takes a challenge. With one, no
 * cookie is a session: a dead token is nobody. But clients keep old tokens around while they sign in, so that the challenge's
 * cookie counts beside one.
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
  const cookies = cookiesOf(request);
  const browserToken = cookies[cookieNames(env().publicUrl).browser] || null;
  const ctx = contextOf(headers, { via: COOKIES.via, browserToken, ...brought });
  const { heldTokens, heldChallenges } = heldBy(request, ctx);
  const caller = { ctx, heldTokens, heldChallenges, isRemembered, isByCookie: false };
  if (token.startsWith(CHALLENGE_PREFIX)) {
    const challengeToken = token.slice(CHALLENGE_PREFIX.length);
    const held = [...heldChallenges, challengeToken];
    return { ...caller, heldChallenges: held, sessionToken: null, challengeToken, signedIn: null };
  }
  const signedIn = await readSession(ctx, token);
  const challengeToken = signedIn ? null : cookies[ownName(COOKIES, COOKIES.challenge)] || null;
  const held = [...heldTokens, token];
  return { ...caller, heldTokens: held, sessionToken: signedIn && token, challengeToken, signedIn };
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
export function checkOrigin(request: Request): Problem | null {
  const { headers } = request;
  const origin = headers.get("origin");
  if (headers.has("cookie") && (origin === null || origin === "null"))
    return { kind: "foreign_origin", isMissing: true };
  return refuseForeignOrigin(request);
}
