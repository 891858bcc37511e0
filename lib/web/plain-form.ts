import { parseCookie } from "cookie";
import { setCookieLine } from "@/lib/http/answer-cookie";
import { answerStorage } from "@/lib/server/answer-store";
import { findCaller } from "./caller";
import { type SettledForm, settleForm } from "./form-outcome";
import type { WebForm } from "./sign-in-forms";

/**
 * Answers a form that a browser sent without the page's script, without Next, if all there is to say is where to go and
 * with which cookies. Where the page is to be shown again, Next shows it, with the refusal told to the request's store.
 * @returns null: Next has to answer
 * @throws Error as settleForm does
 */
export function plainForm(form: WebForm): (request: Request) => Promise<Response | null> {
  return async (request) => {
    const data = await readForm(request);
    if (data === null || !isOf(form, data)) return null;
    const cookies = parseCookie(request.headers.get("cookie") ?? "");
    const outcome = await settleForm(
      data,
      form,
      () => findCaller(request.headers, (name) => cookies[name]),
      form.use,
    );
    const store = answerStorage().getStore();
    if ("goTo" in outcome) {
      if (store) store.actionReached = true;
      return redirection(outcome.goTo, outcome.cookies?.map(setCookieLine) ?? []);
    }
    if (store) store.settledForm = { page: form.page, ...outcome } satisfies SettledForm;
    return null;
  };
}

/** null for what cannot be read: Next finds the words for that. */
async function readForm(request: Request): Promise<FormData | null> {
  try {
    return await request.formData();
  } catch {
    return null;
  }
}

/** A page may hold other forms, and what its form never sends is no form: Next would find no action in it. */
function isOf({ typed }: WebForm, data: FormData): boolean {
  // React's, in each form of an action: the page as it was rendered, for Next to show it again.
  const isAction = [...data.keys()].some((name) => name.startsWith("$ACTION_"));
  return isAction && typed.every((name) => data.has(name));
}

/** See Other: the browser goes on with GET (RFC 9110, section 15.4.4). */
function redirection(to: string, cookies: string[]): Response {
  const headers = new Headers({ Location: to });
  for (const line of cookies) headers.append("Set-Cookie", line);
  return new Response(null, { status: 303, headers });
}
