"use server";

import { completeSignIn } from "@/lib/core/challenges";
import { refuse } from "@/lib/core/refusals";
import { safeCallbackUrl, withCallbackUrl } from "@/lib/web/callback-url";
import { answerForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";
import { keepBrowser, keepSession } from "@/lib/web/session";

export async function verify(_state: FormState, data: FormData): Promise<FormState> {
  return answerForm(data, { page: "/sign-in/verify" }, async (fields, { ctx, challengeToken, signedIn }) => {
    const callbackUrl = safeCallbackUrl(fields.text("callbackUrl"));
    if (challengeToken === null) {
      // The same form sent twice: the first one signed in.
      if (signedIn) return callbackUrl;
      return refuse({ code: "challenge_expired" });
    }
    const completed = await completeSignIn(ctx, { challengeToken, code: fields.text("code") });
    await keepSession(ctx, completed);
    if (completed.browserToken) await keepBrowser(ctx, completed.browserToken);
    if (completed.factor === "recovery") return withCallbackUrl("/sign-in/recovery-used", callbackUrl);
    return callbackUrl;
  });
}
