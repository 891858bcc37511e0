import { cookies, headers } from "next/headers";
import { RedirectType, redirect } from "next/navigation";
import type { Refusal } from "@/lib/core/refusals";
import { type AnswerCookie, cookieAttributes, setCookieLine } from "@/lib/http/answer-cookie";
import { isUnavailable } from "@/lib/http/availability";
import { answerStorage } from "@/lib/server/answer-store";
import type { SettledForm } from "./form-outcome";

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

/** Why the form of this page was refused before Next was asked: it is shown, not done again. */
export function settledBefore(page: string): { refusal: Refusal } | null {
  // Told by plain-form.ts alone; the server between the two knows nothing of forms.
  const settled = (answerStorage().getStore()?.settledForm ?? null) as SettledForm | null;
  return settled?.page === page ? { refusal: settled.refusal } : null;
}

/** Sets or takes away cookies; in actions and route handlers only. */
export async function setAnswerCookies(wanted: AnswerCookie[]): Promise<void> {
  const store = answerStorage().getStore();
  if (store) store.cookies.push(...wanted.map(setCookieLine));
  else for (const cookie of wanted) (await cookies()).set(cookieAttributes(cookie));
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
