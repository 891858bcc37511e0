import { parseCookie } from "cookie";
import { owedFirst } from "@/lib/core/access/guard";
import { readSession, type SignedIn } from "@/lib/core/sessions";
import { env } from "@/lib/env";
import { setCookieLine } from "@/lib/http/answer-cookie";
import { isUnavailable } from "@/lib/http/availability";
import { requestContext } from "@/lib/http/context";
import { cookieNames } from "@/lib/http/cookie-names";
import { openSessionCookie } from "@/lib/http/session-cookie";

/**
 * What /api/auth/session answers for somebody who is signed in, and `{}` for nobody. Never the token. Somebody who owes a
 * set-up or a new password first is nobody to applications: they know no half of a session.
 */
export type SessionAnswer =
  | Record<string, never>
  | {
      user: { id: string; number: number; name: string | null; email: string; isAdmin: boolean };
      twoFactor: { isOn: boolean };
      expires: string;
    };

export function sessionAnswer(signedIn: SignedIn): SessionAnswer {
  const { user, session, twoFactor } = signedIn;
  if (owedFirst(signedIn) !== null) return {};
  const { id, number, name, email, isAdmin } = user;
  return {
    user: { id, number, name, email, isAdmin },
    twoFactor: { isOn: twoFactor.isOn },
    expires: session.expiresAt.toISOString(),
  };
}

/**
 * The session read, as next-auth's clients ask for it: `{}` for nobody, and a cookie that opens nothing at all is taken away.
 * Applications ask this with each of their own requests, so neither next-auth, which first makes ready whatever its other
 * addresses need (anti-forgery token, providers, callback address), nor Next has a part in it.
 */
export async function answerSession(request: Request): Promise<Response> {
  const name = cookieNames(env().publicUrl).session;
  const envelope = parseCookie(request.headers.get("cookie") ?? "")[name];
  if (!envelope) return Response.json({});
  const ctx = requestContext(request.headers);
  const token = openSessionCookie(ctx.keys, envelope, ctx.now);
  try {
    const signedIn = token === null ? null : await readSession(ctx, token);
    if (signedIn) return Response.json(sessionAnswer(signedIn));
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return Response.json({ message: "The database cannot be reached" }, { status: 503 });
  }
  return Response.json({}, { headers: { "Set-Cookie": setCookieLine({ name, value: null }) } });
}
