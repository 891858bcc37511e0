"use server";

import { endSession } from "@/lib/core/sessions";
import { beginSignIn } from "@/lib/core/sign-in";
import { safeCallbackUrl, withCallbackUrl } from "@/lib/web/callback-url";
import { answerForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";
import { keepBrowser, keepChallenge, keepSession } from "@/lib/web/session";

export async function signIn(_state: FormState, data: FormData): Promise<FormState> {
  return answerForm(data, { page: "/sign-in", keep: ["email"] }, async (fields, { ctx, sessionToken }) => {
    const callbackUrl = safeCallbackUrl(fields.text("callbackUrl"));
    const begun = await beginSignIn(ctx, { email: fields.text("email"), password: fields.text("password") });
    // Whoever was signed in here before is not any more.
    if (sessionToken) await endSession(ctx, sessionToken);
    if (begun.kind === "challenge") {
      await keepChallenge(begun);
      return withCallbackUrl("/sign-in/verify", callbackUrl);
    }
    await keepSession(ctx, begun);
    if (begun.browserToken) await keepBrowser(ctx, begun.browserToken);
    return callbackUrl;
  });
}
