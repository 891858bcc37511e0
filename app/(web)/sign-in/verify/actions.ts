"use server";

import { mailSignInCode } from "@/lib/core/mailed-code";
import { refuse } from "@/lib/core/refusals";
import { safeCallbackUrl, withCallbackUrl } from "@/lib/web/callback-url";
import { answerForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";
import { codeForm } from "@/lib/web/sign-in-forms";

export async function verify(_state: FormState, data: FormData): Promise<FormState> {
  return answerForm(data, codeForm, codeForm.use);
}

export async function mailCode(_state: FormState, data: FormData): Promise<FormState> {
  return answerForm(data, { page: codeForm.page }, async (fields, { ctx, challengeToken }) => {
    const callbackUrl = safeCallbackUrl(fields.text("callbackUrl"));
    await mailSignInCode(ctx, { challengeToken: challengeToken ?? refuse({ code: "challenge_expired" }) });
    return { goTo: withCallbackUrl(`${codeForm.page}?with=mail`, callbackUrl) };
  });
}
