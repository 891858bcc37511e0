import { recordEvent } from "@/lib/core/events";
import { type Refusal, type RefusalCode, Refused } from "@/lib/core/refusals";
import type { SignedIn } from "@/lib/core/sessions";
import { goTo, markActionReached, setAnswerStatus } from "./answer";
import { isUnavailable } from "./availability";
import { safeCallbackUrl, withCallbackUrl } from "./callback-url";
import { FormFields } from "./form-fields";
import { EMPTY_FORM, type FormState, fieldOf } from "./form-state";
import { refusalStatus, retryAfterSeconds } from "./refusal-status";
import { forgetChallenge, readCaller, type SignedInCaller, type WebCaller } from "./session";

/** What a form needs besides its use case. */
export type FormPlan = {
  /** The form's page: who must sign in or prove something first comes back here. */
  page: string;
  /** Fields whose text may be shown again after a refusal. */
  keep?: readonly string[];
};

/**
 * Answers a form: reads it, runs one use case, and goes where that says. A refusal becomes what the form shows, with its
 * status; one that another page can help with leads there. Anything else that is thrown is not the form's to answer.
 * @param use returns the path to go to
 */
export async function answerForm(
  data: unknown,
  plan: FormPlan,
  use: (fields: FormFields, caller: WebCaller) => Promise<string>,
): Promise<FormState> {
  markActionReached();
  let next: string;
  try {
    next = await use(new FormFields(data), await readCaller());
  } catch (error) {
    const refusal = refusalFrom(error);
    if (refusal === null) throw error;
    const elsewhere = placeFor(refusal, plan.page, data);
    if (elsewhere === null) return refusedState(refusal, plan, data);
    if (refusal.code === "challenge_expired") await forgetChallenge();
    next = elsewhere;
  }
  return { ...EMPTY_FORM, goTo: await goTo(next) };
}

/** As `answerForm`, for a form that only signed-in people have. */
export function answerOwnForm(
  data: unknown,
  plan: FormPlan,
  use: (fields: FormFields, caller: SignedInCaller) => Promise<string>,
): Promise<FormState> {
  return answerForm(data, plan, (fields, caller) => {
    const { signedIn, challengeToken } = caller;
    if (signedIn) return notingRefusals(caller, signedIn, use(fields, { ...caller, signedIn }));
    throw new Refused({ code: challengeToken ? "second_factor_required" : "unauthenticated" });
  });
}

/** What the guard says no with; what a form was filled in wrongly for is told in an event of its own, or not at all. */
const GUARDED: ReadonlySet<string> = new Set<RefusalCode>([
  "step_up_required",
  "enrolment_required",
  "forbidden",
  "not_found",
]);

/** Lets `work` through; an act that was not allowed is written into the account's audit trail. */
async function notingRefusals<T>({ ctx }: WebCaller, signedIn: SignedIn, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Refused && GUARDED.has(error.refusal.code)) {
      const details = { refusal: error.refusal.code };
      await recordEvent(ctx, { kind: "access.refused", userId: signedIn.user.id, details });
    }
    throw error;
  }
}

function refusalFrom(error: unknown): Refusal | null {
  if (error instanceof Refused) return error.refusal;
  return isUnavailable(error) ? { code: "unavailable" } : null;
}

/** The page that can help with a refusal, if one can. */
export function placeFor(refusal: Refusal, page: string, data: unknown): string | null {
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
    default:
      return null;
  }
}

function refusedState(refusal: Refusal, { keep = [] }: FormPlan, data: unknown): FormState {
  const seconds = retryAfterSeconds(refusal);
  setAnswerStatus(refusalStatus(refusal), seconds === null ? {} : { "Retry-After": String(seconds) });
  const values = data instanceof FormData ? keep.map((name) => [name, new FormFields(data).shown(name)]) : [];
  return { refusal, field: fieldOf(refusal), values: Object.fromEntries(values), goTo: null };
}
