import type { Context } from "@/lib/core/context";
import { readSession, type SignedIn } from "@/lib/core/sessions";
import { env } from "@/lib/env";
import { requestContext } from "@/lib/http/context";
import { cookieNames } from "@/lib/http/cookie-names";
import { openSessionCookie } from "@/lib/http/session-cookie";

/** Who sends this request, as its cookies say and the database confirms. */
export type WebCaller = {
  ctx: Context;
  sessionToken: string | null;
  /** Not looked up yet. */
  challengeToken: string | null;
  signedIn: SignedIn | null;
};

export type SignedInCaller = WebCaller & { signedIn: SignedIn };

/** Makes the core's Context of a request. */
export type ContextOf = typeof requestContext;

/**
 * Looks the caller up.
 * @param cookie the value of the request's cookie of that name, if it has one
 * @param contextOf handed in by tests, which bring a clock and a database of their own
 * @throws Error of the database
 */
export async function findCaller(
  headers: Headers,
  cookie: (name: string) => string | undefined,
  contextOf: ContextOf = requestContext,
): Promise<WebCaller> {
  const names = cookieNames(env().publicUrl);
  const ctx = contextOf(headers, {
    browserToken: cookie(names.browser) || null,
    trustToken: cookie(names.trust) || null,
  });
  const envelope = cookie(names.session);
  const sessionToken = envelope ? openSessionCookie(ctx.keys, envelope, ctx.now) : null;
  const signedIn = sessionToken === null ? null : await readSession(ctx, sessionToken);
  return { ctx, sessionToken, challengeToken: cookie(names.challenge) || null, signedIn };
}
