"use server";

import { chooseNewPassword } from "@/lib/core/forgotten-password";
import { answerForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";
import { nobodyCookies } from "@/lib/web/sign-in-cookies";

export async function choosePassword(_state: FormState, data: FormData): Promise<FormState> {
  return answerForm(data, { page: "/new-password" }, async (fields, { ctx }) => {
    await chooseNewPassword(ctx, { token: fields.text("token"), newPassword: fields.text("newPassword") });
    // Whatever this browser had of the account is over.
    return { goTo: "/sign-in?done=password-chosen", cookies: nobodyCookies() };
  });
}
