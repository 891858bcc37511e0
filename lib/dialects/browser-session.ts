import { parseCookie } from "cookie";
import { abandonChallenge } from "@/lib/core/challenges";
import { secondsUntil } from "@/lib/core/context";
import { endSession, type NewSession, readSession } from "@/lib/core/sessions";
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
export type OwnCookies = { via: string; prefix: "__Host-" | "__Secure-"; session: string; challenge: string };

/** Over HTTPS with the prefix that keeps other hosts of the domain, or plain HTTP, from planting them. */
export function ownName({ prefix }: Pick<OwnCookies, "prefix">, name: string): string {
  return env().publicUrl.protocol === "https:" ? `${prefix}${name}` : name;
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
  const challengeToken = cookies[ownName(own, own.challenge)] || null;
  const envelope = cookies[names.session];
  const tokens = [
    cookies[ownName(own, own.session)] || null,
    envelope ? openSessionCookie(ctx.keys, envelope, ctx.now) : null,
  ];
  const heldTokens = [...new Set(tokens)].filter((token) => token !== null);
  const found = { ctx, heldTokens, challengeToken, isRemembered: true };
  for (const token of heldTokens) {
    const signedIn = await readSession(ctx, token);
    if (signedIn) return { ...found, sessionToken: token, signedIn };
  }
  return { ...found, sessionToken: null, signedIn: null };
}

/**
 * Gives a browser a session, by the dialect's own cookie and the pages'.
 * @param isRemembered whether it outlives the browser's own session
 */
export function ownSessionCookies(
  { ctx }: Pick<Caller, "ctx">,
  own: OwnCookies,
  session: NewSession & { browserToken?: string | null },
  isRemembered = true,
): AnswerCookie[] {
  const both = [sessionCookie(ctx.now, own, session.token), ...sessionCookies(ctx, session)];
  const cookies: AnswerCookie[] = [
    ...(isRemembered ? both : both.map(withoutEnd)),
    { name: ownName(own, own.challenge), value: null },
  ];
  const expires = new Date(ctx.now.getTime() + 365 * 86_400_000);
  const { browser } = cookieNames(env().publicUrl);
  if (session.browserToken) cookies.push({ name: browser, value: session.browserToken, expires });
  return cookies;
}

/** The same cookie, which goes when the browser is closed. */
function withoutEnd({ name, value }: AnswerCookie): AnswerCookie {
  return value === null ? { name, value } : { name, value, expires: null };
}

const WEEK_SECONDS = 7 * 86_400;

/** Ends whatever sessions the caller brought: whoever was signed in is not any more. */
export async function endHeldSessions({ ctx, heldTokens }: Caller): Promise<void> {
  for (const token of heldTokens) await endSession(ctx, token);
}

/** As `endHeldSessions`, and gives up a sign-in whose code is still owed. */
export async function leave(caller: Caller): Promise<void> {
  await endHeldSessions(caller);
  if (caller.challengeToken !== null) await abandonChallenge(caller.ctx, caller.challengeToken);
}

/** The dialect's own cookie alone; each answer moves its end. The server's own limits rule. */
export function sessionCookie(now: Date, own: OwnCookies, token: string): AnswerCookie {
  const expires = new Date(now.getTime() + WEEK_SECONDS * 1000);
  return { name: ownName(own, own.session), value: token, expires, maxAgeSeconds: WEEK_SECONDS };
}

/** Gives a browser a challenge in place of any session. */
export function challengeCookies(
  now: Date,
  own: OwnCookies,
  begun: { token: string; expiresAt: Date },
): AnswerCookie[] {
  const name = ownName(own, own.challenge);
  return [
    // One cookie is not set twice in one answer (RFC 6265, section 4.1.1).
    ...nobodyCookies(own).filter((cookie) => cookie.name !== name),
    {
      name,
      value: begun.token,
      expires: begun.expiresAt,
      maxAgeSeconds: secondsUntil(begun.expiresAt, now),
    },
  ];
}

/** Takes session and challenge away. */
export function nobodyCookies(own: OwnCookies): AnswerCookie[] {
  const names = cookieNames(env().publicUrl);
  return [ownName(own, own.session), ownName(own, own.challenge), names.session, names.challenge].map(
    (name) => ({
      name,
      value: null,
    }),
  );
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
