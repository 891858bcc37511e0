import { notingRefusals } from "@/lib/core/access/note-refusal";
import { type Refusal, Refused } from "@/lib/core/refusals";
import type { AnswerCookie } from "@/lib/http/answer-cookie";
import { isUnavailable } from "@/lib/http/availability";
import { noChallenge } from "@/lib/http/sign-in-cookies";
import { safeCallbackUrl, withCallbackUrl } from "./callback-url";
import type { SignedInCaller, WebCaller } from "./caller";
import { FormFields } from "./form-fields";
import { pageWithKept } from "./kept-values";

// What a form comes to, however it was sent and whoever answers: form-action.ts by way of Next, plain-form.ts without it.

/** What a form needs besides its use case. */
export type FormPlan = {
  /** The form's page: who must sign in or prove something first comes back here. */
  page: string;
  /** Fields whose text may be shown again after a refusal, or after a step-up. Never a password, a code or a token. */
  keep?: readonly string[];
};

/** Where somebody goes whose form did its work, and what the browser is given or loses. */
export type FormEnd = { goTo: string; cookies?: AnswerCookie[] };

/** Runs a form's use case. Throws Refused when it says no. */
export type FormUse<C extends WebCaller = WebCaller> = (fields: FormFields, caller: C) => Promise<FormEnd>;

/** A form has ended, or it is refused and its page is shown again. */
export type FormOutcome = FormEnd | { refusal: Refusal };

/** A refusal that the form's page has yet to show. */
export type SettledForm = { page: string; refusal: Refusal };

/**
 * Reads a form and runs its use case. A refusal that another page can help with leads there. Anything else that is thrown
 * is not the form's to answer.
 * @param data what was sent, of whatever type
 * @throws Error when something other than a refusal or a database that is away stopped the use case
 */
export async function settleForm(
  data: unknown,
  plan: FormPlan,
  readCaller: () => Promise<WebCaller>,
  use: FormUse,
): Promise<FormOutcome> {
  let caller: WebCaller | null = null;
  try {
    const fields = new FormFields(data);
    caller = await readCaller();
    return await use(fields, caller);
  } catch (error) {
    const refusal = refusalFrom(error);
    if (refusal === null) throw error;
    const page = refusal.code === "step_up_required" && caller ? pageWithKept(caller, plan, data) : plan.page;
    const elsewhere = placeFor(refusal, page, data);
    if (elsewhere === null) return { refusal };
    return refusal.code === "challenge_expired"
      ? { goTo: elsewhere, cookies: [noChallenge()] }
      : { goTo: elsewhere };
  }
}

/** The use case of a form that only signed-in people have. */
export function forSignedIn(use: FormUse<SignedInCaller>): FormUse {
  return (fields, caller) => {
    const { signedIn, challengeToken } = caller;
    if (signedIn) return notingRefusals(caller.ctx, signedIn, use(fields, { ...caller, signedIn }));
    throw new Refused({ code: challengeToken ? "second_factor_required" : "unauthenticated" });
  };
}

function refusalFrom(error: unknown): Refusal | null {
  if (error instanceof Refused) return error.refusal;
  return isUnavailable(error) ? { code: "unavailable" } : null;
}

/** The page that can help with a refusal, if one can. */
function placeFor(refusal: Refusal, page: string, data: unknown): string | null {
  const wanted = data instanceof FormData ? data.get("callbackUrl") : null;
  switch (refusal.code) {
    case "challenge_expired":
      return withCallbackUrl("/sign-in?expired=1", safeCallbackUrl(wanted));
    case "unauthenticated":
      return withCallbackUrl("/sign-in", page);
    case "second_factor_required":
      return withCallbackUrl("/sign-in/verify", page);
    case "step_up_required":
      return withCallbackUrl("/step-up", page);
    case "enrolment_required":
      return "/settings/security/authenticators/new";
    case "password_change_required":
      return "/settings/password";
    default:
      return null;
  }
}
