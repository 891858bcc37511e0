import { cookies, headers } from "next/headers";
import { RedirectType, redirect } from "next/navigation";
import { env } from "@/lib/env";
import { answerStorage } from "@/lib/server/answer-store";
import { isUnavailable } from "./availability";

// Next's server actions cannot set a status, and a cookie or a redirect in one makes Next render a whole page into the
// answer to a script that is about to leave. The server around Next does both better; where there is none (a host
// that brings its own), Next's own ways are used and the status stays 200.

/** Sets the HTTP status of the answer to this request, and headers if need be. */
export function setAnswerStatus(status: number, extraHeaders: Record<string, string> = {}): void {
  const store = answerStorage().getStore();
  if (!store) return;
  store.status = status;
  Object.assign(store.headers, extraHeaders);
}

/** Lets `work` through; if the database cannot be reached the page's answer will be a 503. */
export async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isUnavailable(error)) setAnswerStatus(503, { "Retry-After": "5" });
    throw error;
  }
}

/** Says that one of our actions runs: the form could be read. */
export function markActionReached(): void {
  const store = answerStorage().getStore();
  if (store) store.actionReached = true;
}

/** A cookie with the attributes that all of ours have. Without a value it is taken away. */
export type AnswerCookie = { name: string; value: string; expires: Date } | { name: string; value: null };

/** Sets or takes away a cookie; in actions and route handlers only. */
export async function setAnswerCookie(cookie: AnswerCookie): Promise<void> {
  const secure = env().publicUrl.protocol === "https:";
  const value = cookie.value ?? "";
  const expires = cookie.value === null ? new Date(0) : cookie.expires;
  const store = answerStorage().getStore();
  if (!store) {
    (await cookies()).set(cookie.name, value, {
      expires,
      secure,
      httpOnly: true,
      sameSite: "lax",
      path: "/",
    });
    return;
  }
  // Every value of ours is base64url and dots, which a cookie can hold as it is (RFC 6265, section 4.1.1).
  const line = `${cookie.name}=${value}; Path=/; Expires=${expires.toUTCString()}; HttpOnly; SameSite=Lax`;
  const earlier = store.headers["Set-Cookie"];
  const kept = Array.isArray(earlier) ? earlier.filter((other) => !other.startsWith(`${cookie.name}=`)) : [];
  store.headers["Set-Cookie"] = [...kept, secure ? `${line}; Secure` : line];
}

/**
 * Ends an action by going to a page. Returns when the page's script is to go there; otherwise the answer is a redirect
 * (thrown). The place takes the form's place in the history, so that Back leads past it.
 */
export async function goTo(path: string): Promise<string> {
  const isScripted = (await headers()).has("next-action");
  if (isScripted && answerStorage().getStore()) return path;
  redirect(path, RedirectType.replace);
}
