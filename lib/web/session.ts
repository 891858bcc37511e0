import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import type { Context } from "@/lib/core/context";
import { type NewSession, readSession, type SignedIn } from "@/lib/core/sessions";
import { env } from "@/lib/env";
import { orUnavailable, setAnswerCookie } from "./answer";
import { withCallbackUrl } from "./callback-url";
import { requestContext } from "./context";
import { cookieNames } from "./cookie-names";
import { openSessionCookie, sealSessionCookie } from "./session-cookie";

/** Who sends this request, as its cookies say and the database confirms. */
export type WebCaller = {
  ctx: Context;
  sessionToken: string | null;
  /** Not looked up yet. */
  challengeToken: string | null;
  signedIn: SignedIn | null;
};

/** Reads the caller: once per page, and once more in the action of a form. */
export const readCaller = cache(async (): Promise<WebCaller> => {
  const jar = await cookies();
  const names = cookieNames(env().publicUrl);
  const value = (name: string) => jar.get(name)?.value || null;
  const ctx = requestContext(await headers(), value(names.browser));
  const envelope = value(names.session);
  const sessionToken = envelope === null ? null : openSessionCookie(ctx.keys, envelope, ctx.now);
  const signedIn = sessionToken === null ? null : await orUnavailable(readSession(ctx, sessionToken));
  return { ctx, sessionToken, challengeToken: value(names.challenge), signedIn };
});

export type SignedInCaller = WebCaller & { signedIn: SignedIn };

/** The caller of a page for signed-in people; everybody else is sent to sign in and comes back to `page`. */
export async function requireSignedIn(page: string): Promise<SignedInCaller> {
  const caller = await readCaller();
  const { signedIn } = caller;
  if (signedIn) return { ...caller, signedIn };
  redirect(withCallbackUrl(caller.challengeToken ? "/sign-in/verify" : "/sign-in", page));
}

/** As `requireSignedIn`; whose proof is not fresh is asked for it first. */
export async function requireFreshProof(page: string): Promise<SignedInCaller> {
  const caller = await requireSignedIn(page);
  if (!caller.signedIn.isProofFresh) redirect(withCallbackUrl("/step-up", page));
  return caller;
}

/** Gives the browser a session just made or renewed; whatever challenge it had is over. */
export async function keepSession(ctx: Context, session: NewSession): Promise<void> {
  const names = cookieNames(env().publicUrl);
  const secondsLeft = Math.ceil((session.expiresAt.getTime() - ctx.now.getTime()) / 1000);
  const value = sealSessionCookie(ctx.keys, session.token, secondsLeft, ctx.now);
  await setAnswerCookie({ name: names.session, value, expires: session.expiresAt });
  await setAnswerCookie({ name: names.challenge, value: null });
}

/** Gives the browser a challenge, which opens nothing but the code entry. */
export async function keepChallenge(challenge: { token: string; expiresAt: Date }): Promise<void> {
  const { challenge: name } = cookieNames(env().publicUrl);
  await setAnswerCookie({ name, value: challenge.token, expires: challenge.expiresAt });
}

const BROWSER_DAYS = 365;

/** Marks the browser as one that this account knows. */
export async function keepBrowser(ctx: Context, browserToken: string): Promise<void> {
  const { browser: name } = cookieNames(env().publicUrl);
  const expires = new Date(ctx.now.getTime() + BROWSER_DAYS * 86_400_000);
  await setAnswerCookie({ name, value: browserToken, expires });
}

/** Takes the session and any challenge away from the browser. */
export async function forgetSession(): Promise<void> {
  const names = cookieNames(env().publicUrl);
  await setAnswerCookie({ name: names.session, value: null });
  await setAnswerCookie({ name: names.challenge, value: null });
}

/** Takes a challenge away that is over. */
export async function forgetChallenge(): Promise<void> {
  await setAnswerCookie({ name: cookieNames(env().publicUrl).challenge, value: null });
}
