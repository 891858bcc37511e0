import { retryAfterSeconds } from "@/lib/http/retry-after";
import { goTo, markActionReached, setAnswerCookies, setAnswerStatus, settledBefore } from "./answer";
import type { SignedInCaller } from "./caller";
import { type FormPlan, type FormUse, forSignedIn, settleForm } from "./form-outcome";
import { EMPTY_FORM, type FormState, fieldOf } from "./form-state";
import { keptValues } from "./kept-values";
import { refusalStatus } from "./refusal-status";
import { readCaller } from "./session";

/**
 * Answers a form as a server action does: goes where its use case says, or becomes what the form shows of the refusal,
 * with its status.
 */
export async function answerForm(data: unknown, plan: FormPlan, use: FormUse): Promise<FormState> {
  markActionReached();
  const outcome = settledBefore(plan.page) ?? (await settleForm(data, plan, readCaller, use));
  if ("goTo" in outcome) {
    await setAnswerCookies(outcome.cookies ?? []);
    return { ...EMPTY_FORM, goTo: await goTo(outcome.goTo) };
  }
  const { refusal } = outcome;
  const seconds = retryAfterSeconds(refusal);
  setAnswerStatus(refusalStatus(refusal), seconds === null ? {} : { "Retry-After": String(seconds) });
  return { refusal, field: fieldOf(refusal), values: keptValues(plan, data), goTo: null };
}

/** As `answerForm`, for a form that only signed-in people have. */
export function answerOwnForm(
  data: unknown,
  plan: FormPlan,
  use: FormUse<SignedInCaller>,
): Promise<FormState> {
  return answerForm(data, plan, forSignedIn(use));
}
