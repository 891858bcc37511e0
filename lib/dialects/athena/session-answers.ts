import { secondsUntil } from "@/lib/core/context";
import { refuse } from "@/lib/core/refusals";
import { type NewSession, type OpenedSession, readSession, type SignedIn } from "@/lib/core/sessions";
import type { Trust } from "@/lib/core/trusted-browsers";
import { ownSessionCookies } from "../browser-session";
import type { Answer, Caller } from "../dialect";
import { COOKIES, forgetCookie, trustCookie } from "./caller";
import * as responses from "./responses";

// How a session reaches its holder: by cookie, and for clients that keep none by a header.

type Given = NewSession & { browserToken?: string | null; trust?: Trust | null };

/** Cookies and headers that hand a session just made or renewed out. */
export function handOut(
  caller: Caller,
  given: Given,
  isRemembered = true,
): Required<Pick<Answer, "cookies" | "headers">> {
  const { now } = caller.ctx;
  const cookies = ownSessionCookies(caller, COOKIES, given, isRemembered);
  if (!isRemembered) cookies.push({ name: forgetCookie(), value: "true", expires: null });
  if (given.trust) {
    const { token: value, expiresAt: expires } = given.trust;
    cookies.push({ name: trustCookie(), value, expires, maxAgeSeconds: secondsUntil(expires, now) });
  }
  const headers = {
    "set-auth-token": given.token,
    "Access-Control-Expose-Headers": "set-auth-token",
  };
  return { cookies, headers };
}

/** A proof that was right, as all of verify-* say it. */
export function verified(signedIn: SignedIn, token: string): Answer {
  const user = responses.userOf(signedIn);
  const session = responses.sessionOf(signedIn.session, user.id, token);
  return { status: 200, body: { status: true, token, user, session } };
}

/** The session that a completed sign-in opened. */
export function signedInAnswer(caller: Caller, opened: OpenedSession & Given, isRemembered: boolean): Answer {
  return { ...verified(opened.signedIn, opened.token), ...handOut(caller, opened, isRemembered) };
}

/** A session that was renewed, read anew: what was proven may have changed the account. */
export async function renewed(caller: Caller, session: NewSession): Promise<SignedIn> {
  return (await readSession(caller.ctx, session.token)) ?? refuse({ code: "unauthenticated" });
}
