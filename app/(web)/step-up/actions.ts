"use server";

import { stepUp as proveAgain } from "@/lib/core/step-up";
import { sessionCookies } from "@/lib/http/sign-in-cookies";
import { safeCallbackUrl, withCallbackUrl } from "@/lib/web/callback-url";
import { answerOwnForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";

export async function stepUp(_state: FormState, data: FormData): Promise<FormState> {
  const wanted = safeCallbackUrl(data instanceof FormData ? data.get("callbackUrl") : null);
  return answerOwnForm(
    data,
    { page: withCallbackUrl("/step-up", wanted) },
    async (fields, { ctx, signedIn }) => {
      const proof = signedIn.twoFactor.isOn
        ? { code: fields.text("code") }
        : { password: fields.text("password") };
      return { goTo: wanted, cookies: sessionCookies(ctx, await proveAgain(ctx, signedIn, proof)) };
    },
  );
}
