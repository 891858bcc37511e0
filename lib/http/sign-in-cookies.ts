import type { Context } from "@/lib/core/context";
import type { NewSession } from "@/lib/core/sessions";
import type { Trust } from "@/lib/core/trusted-browsers";
import { env } from "@/lib/env";
import type { AnswerCookie } from "./answer-cookie";
import { cookieNames } from "./cookie-names";
import { sealSessionCookie } from "./session-cookie";

// What a browser holds of a sign-in: see cookie-names.ts.

/** Gives the browser a session just made or renewed; whatever challenge it had is over. */
export function sessionCookies(ctx: Context, session: NewSession): AnswerCookie[] {
  const names = cookieNames(env().publicUrl);
  const secondsLeft = Math.ceil((session.expiresAt.getTime() - ctx.now.getTime()) / 1000);
  const value = sealSessionCookie(ctx.keys, session.token, secondsLeft, ctx.now);
  return [
    { name: names.session, value, expires: session.expiresAt },
    { name: names.challenge, value: null },
  ];
}

const BROWSER_DAYS = 365;

/** As `sessionCookies`, for a sign-in that may have made the browser one that this account knows, or trusts. */
export function signInCookies(
  ctx: Context,
  { browserToken, trust, ...session }: NewSession & { browserToken: string | null; trust: Trust | null },
): AnswerCookie[] {
  const names = cookieNames(env().publicUrl);
  const cookies = sessionCookies(ctx, session);
  cookies.push(...browserCookies(ctx, browserToken));
  if (trust) cookies.push({ name: names.trust, value: trust.token, expires: trust.expiresAt });
  return cookies;
}

/** Gives the browser the token by which an account knows it, if there is a new one. The server ends what it is good for. */
export function browserCookies(ctx: Context, browserToken: string | null): AnswerCookie[] {
  if (browserToken === null) return [];
  const expires = new Date(ctx.now.getTime() + BROWSER_DAYS * 86_400_000);
  return [{ name: cookieNames(env().publicUrl).browser, value: browserToken, expires }];
}

/** Gives the browser a challenge, which opens nothing but the code entry. */
export function challengeCookie({ token, expiresAt }: { token: string; expiresAt: Date }): AnswerCookie {
  return { name: cookieNames(env().publicUrl).challenge, value: token, expires: expiresAt };
}

/** Takes a challenge away that is over. */
export function noChallenge(): AnswerCookie {
  return { name: cookieNames(env().publicUrl).challenge, value: null };
}

/** Takes the session and any challenge away from the browser. */
export function nobodyCookies(): AnswerCookie[] {
  return [{ name: cookieNames(env().publicUrl).session, value: null }, noChallenge()];
}
