import { parseCookie } from "cookie";
import { abandonChallenge } from "@/lib/core/challenges";
import { type Context, secondsUntil } from "@/lib/core/context";
import { endSession, type NewSession, readSession } from "@/lib/core/sessions";
import { env } from "@/lib/env";
import type { AnswerCookie } from "@/lib/http/answer-cookie";
import type { Brought } from "@/lib/http/context";
import { cookieNames } from "@/lib/http/cookie-names";
import { isForeign } from "@/lib/http/foreign-request";
import { openSessionCookie } from "@/lib/http/session-cookie";
import { nobodyCookies as nobodyOnPages, sessionCookies } from "@/lib/http/sign-in-cookies";
import type { Caller, ContextOf, Problem } from "./dialect";

// What the dialects for browsers share: each has cookies of its own name, and the pages' session cookie goes along with them,
// so that whoever signs in by such an API is signed in on the pages, and the other way round. All of them name one session row.

/** A dialect's own cookies, by their plain names. */
export type OwnCookies = { via: string; prefix: "__Host-" | "__Secure-"; session: string; challenge: string };

/** All that a browser may hold: signing out by one dialect leaves nothing of another's behind. */
export const OWN_COOKIES = {
  thogits: {
    via: "thogits",
    prefix: "__Host-",
    session: "thogits.session",
    challenge: "thogits.challenge",
  },
  // The names that Athena's clients look for, which have the weaker of the two prefixes.
  athena: {
    via: "athena",
    prefix: "__Secure-",
    session: "better-auth.session_token",
    challenge: "better-auth.two_factor",
  },
} as const satisfies Record<string, OwnCookies>;
const ALL_OWN: readonly OwnCookies[] = Object.values(OWN_COOKIES);

/**
 * Over HTTPS with a prefix that keeps plain HTTP from planting them; `__Host-` keeps other hosts of the domain from it, too
 * (RFC 6265bis, section 4.1.3).
 */
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
  const found = { ctx, ...heldBy(request, ctx), challengeToken, isRemembered: true, isByCookie: true };
  const page = pageToken(request, ctx);
  const mine = cookies[ownName(own, own.session)];
  // Other hosts of the domain can plant a `__Secure-` cookie: it does not go before one that they cannot.
  for (const token of distinct(own.prefix === "__Secure-" ? [page, mine] : [mine, page])) {
    const signedIn = await readSession(ctx, token);
    if (signedIn) return { ...found, sessionToken: token, signedIn };
  }
  return { ...found, sessionToken: null, signedIn: null };
}

/** The session's token in the pages' cookie, or null. */
function pageToken(request: Request, ctx: Pick<Context, "keys" | "now">): string | null {
  const envelope = cookiesOf(request)[cookieNames(env().publicUrl).session];
  return envelope ? openSessionCookie(ctx.keys, envelope, ctx.now) : null;
}

/** Every session and challenge that a browser holds, by whatever dialect it came to them, or by the pages. */
export function heldBy(
  request: Request,
  ctx: Pick<Context, "keys" | "now">,
): Pick<Caller, "heldTokens" | "heldChallenges"> {
  const cookies = cookiesOf(request);
  const { challenge } = cookieNames(env().publicUrl);
  const sessions = ALL_OWN.map((own) => cookies[ownName(own, own.session)]);
  const challenges = ALL_OWN.map((own) => cookies[ownName(own, own.challenge)]);
  return {
    heldTokens: distinct([pageToken(request, ctx), ...sessions]),
    heldChallenges: distinct([cookies[challenge], ...challenges]),
  };
}

function distinct(texts: readonly (string | null | undefined)[]): string[] {
  return [...new Set(texts.map((text) => text ?? ""))].filter((text) => text !== "");
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

/** Whoever the caller was is not any more: ends the sessions it brought, and gives up sign-ins whose code is still owed. */
export async function leave({ ctx, heldTokens, heldChallenges }: Caller): Promise<void> {
  for (const token of heldTokens) await endSession(ctx, token);
  for (const token of heldChallenges) await abandonChallenge(ctx, token);
}

/** The caller without the challenge that it has just redeemed, which is over: there is nothing to give up. */
export function withoutRedeemed<T extends Caller>(caller: T): T {
  const heldChallenges = caller.heldChallenges.filter((token) => token !== caller.challengeToken);
  return { ...caller, heldChallenges };
}

/** The dialect's own cookie alone, for a week from now. The server's own limits rule. */
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
    ...nobodyCookies().filter((cookie) => cookie.name !== name),
    {
      name,
      value: begun.token,
      expires: begun.expiresAt,
      maxAgeSeconds: secondsUntil(begun.expiresAt, now),
    },
  ];
}

/** Takes sessions and challenges away, the pages' as well. */
export function nobodyCookies(): AnswerCookie[] {
  const own = ALL_OWN.flatMap((each) => [ownName(each, each.session), ownName(each, each.challenge)]);
  return [...own.map((name) => ({ name, value: null })), ...nobodyOnPages()];
}

/** Refuses what another site makes a browser send. */
export function refuseForeignOrigin({ headers }: Request): Problem | null {
  return isForeign(headers) ? { kind: "foreign_origin", isMissing: false } : null;
}
