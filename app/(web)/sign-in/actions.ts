"use server";

import { beginSignIn } from "@/lib/core/sign-in";
import { safeCallbackUrl, withCallbackUrl } from "@/lib/web/callback-url";
import { answerForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";
import { keepChallenge, keepSession } from "@/lib/web/session";

export async function signIn(_state: FormState, data: FormData): Promise<FormState> {
  return answerForm(data, { page: "/sign-in", keep: ["email"] }, async (fields, { ctx }) => {
    const callbackUrl = safeCallbackUrl(fields.text("callbackUrl"));
    const begun = await beginSignIn(ctx, { email: fields.text("email"), password: fields.text("password") });
    if (begun.kind === "challenge") {
      await keepChallenge(begun);
      return withCallbackUrl("/sign-in/verify", callbackUrl);
    }
    await keepSession(ctx, begun);
    return callbackUrl;
  });
}
