"use server";

import { changePassword as change } from "@/lib/core/users";
import { sessionCookies } from "@/lib/http/sign-in-cookies";
import { HOME } from "@/lib/web/callback-url";
import { answerOwnForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";

export async function changePassword(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: "/settings/password" }, async (fields, { ctx, signedIn }) => {
    const typed = { password: fields.text("password"), newPassword: fields.text("newPassword") };
    const session = await change(ctx, signedIn, typed);
    return { goTo: `${HOME}?done=password-changed`, cookies: sessionCookies(ctx, session) };
  });
}
