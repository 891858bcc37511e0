"use server";

import { chooseNewPassword } from "@/lib/core/forgotten-password";
import { endSession } from "@/lib/core/sessions";
import { browserCookies, nobodyCookies } from "@/lib/http/sign-in-cookies";
import { answerForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";

export async function choosePassword(_state: FormState, data: FormData): Promise<FormState> {
  return answerForm(data, { page: "/new-password" }, async (fields, { ctx, sessionToken }) => {
    const typed = { token: fields.text("token"), newPassword: fields.text("newPassword") };
    const { browserToken } = await chooseNewPassword(ctx, typed);
    // Whoever was signed in here is not any more, be it somebody else.
    if (sessionToken) await endSession(ctx, sessionToken);
    return {
      goTo: "/sign-in?done=password-chosen",
      cookies: [...nobodyCookies(), ...browserCookies(ctx, browserToken)],
    };
  });
}
