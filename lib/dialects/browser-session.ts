import { parseCookie } from "cookie";
import { type NewSession, readSession } from "@/lib/core/sessions";
import { env } from "@/lib/env";
import type { AnswerCookie } from "@/lib/http/answer-cookie";
import type { Brought } from "@/lib/http/context";
import { cookieNames } from "@/lib/http/cookie-names";
import { openSessionCookie } from "@/lib/http/session-cookie";
import { sessionCookies } from "@/lib/http/sign-in-cookies";
import type { Caller, ContextOf, Problem } from "./dialect";

// What the dialects for browsers share: each has cookies of its own name, and the pages' session cookie goes along with them,
// so that whoever signs in by such an API is signed in on the pages, and the other way round. All of them name one session row.

/** A dialect's own cookies, by their plain names. */
export type OwnCookies = { via: string; session: string; challenge: string; trust?: string };

/** Over HTTPS with the prefix that keeps other hosts of the domain from planting them. */
function ownName(name: string): string {
  return cookieNames(env().publicUrl).session.startsWith("__Host-") ? `__Host-${name}` : name;
}

/** The cookies of a request. */
export function cookiesOf(request: Request): Record<string, string | undefined> {
  return parseCookie(request.headers.get("cookie") ?? "");
}

/** Looks up who sends a request: by the dialect's own session cookie, else by the pages'. */
export async function findBrowserCaller(
  request: Request,
  contextOf: ContextOf,
  own: OwnCookies,
  more: Partial<Brought> = {},
): Promise<Caller> {
  const cookies = cookiesOf(request);
  const names = cookieNames(env().publicUrl);
  const ctx = contextOf(request.headers, {
    via: own.via,
    browserToken: cookies[names.browser] || null,
    ...more,
  });
  const challengeToken = cookies[ownName(own.challenge)] || null;
  const envelope = cookies[names.session];
  const tokens = [
    cookies[ownName(own.session)] || null,
    envelope ? openSessionCookie(ctx.keys, envelope, ctx.now) : null,
  ];
  for (const token of new Set(tokens)) {
    const signedIn = token === null ? null : await readSession(ctx, token);
    if (signedIn) return { ctx, sessionToken: token, challengeToken, signedIn };
  }
  return { ctx, sessionToken: null, challengeToken, signedIn: null };
}

/** Gives a browser a session, by the dialect's own cookie and the pages'. */
export function ownSessionCookies(
  { ctx }: Pick<Caller, "ctx">,
  own: OwnCookies,
  session: NewSession,
  browserToken: string | null = null,
): AnswerCookie[] {
  const cookies: AnswerCookie[] = [
    sessionCookie(ctx.now, own, session.token),
    { name: ownName(own.challenge), value: null },
    ...sessionCookies(ctx, session),
  ];
  const expires = new Date(ctx.now.getTime() + 365 * 86_400_000);
  const { browser } = cookieNames(env().publicUrl);
  if (browserToken) cookies.push({ name: browser, value: browserToken, expires });
  return cookies;
}

const WEEK_SECONDS = 7 * 86_400;

/** The dialect's own cookie alone; each answer moves its end. The server's own limits rule. */
export function sessionCookie(now: Date, own: OwnCookies, token: string): AnswerCookie {
  const expires = new Date(now.getTime() + WEEK_SECONDS * 1000);
  return { name: ownName(own.session), value: token, expires, maxAgeSeconds: WEEK_SECONDS };
}

/** Gives a browser a challenge in place of any session. */
export function challengeCookies(own: OwnCookies, begun: { token: string; expiresAt: Date }): AnswerCookie[] {
  return [
    ...nobodyCookies(own),
    { name: ownName(own.challenge), value: begun.token, expires: begun.expiresAt },
  ];
}

/** Takes session and challenge away. */
export function nobodyCookies(own: OwnCookies): AnswerCookie[] {
  const names = cookieNames(env().publicUrl);
  return [ownName(own.session), ownName(own.challenge), names.session, names.challenge].map((name) => ({
    name,
    value: null,
  }));
}

/** Where our pages are shown: the public address, and on this machine its other names. */
export function isOwnOrigin(origin: string): boolean {
  const { protocol, hostname, port, origin: ours } = env().publicUrl;
  const loopback = ["localhost", "127.0.0.1", "[::1]"];
  if (!loopback.includes(hostname)) return origin === ours;
  return loopback.some((name) => origin === `${protocol}//${name}${port ? `:${port}` : ""}`);
}

/** Refuses what another site makes a browser send. Clients that are no browsers send neither header (Fetch, section 3.2). */
export function refuseForeignOrigin({ headers }: Request): Problem | null {
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  const isForeign = origin !== null && !isOwnOrigin(origin);
  const isCrossSite = site !== null && site !== "same-origin" && site !== "none";
  return isForeign || isCrossSite ? { kind: "foreign_origin", isMissing: false } : null;
}
