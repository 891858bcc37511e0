"use server";

import { signUp as makeAccount } from "@/lib/core/users";
import { sessionCookies } from "@/lib/http/sign-in-cookies";
import { safeCallbackUrl } from "@/lib/web/callback-url";
import { answerForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";
import { placeOwed } from "@/lib/web/place-owed";

export async function signUp(_state: FormState, data: FormData): Promise<FormState> {
  return answerForm(data, { page: "/sign-up", keep: ["email", "name"] }, async (fields, { ctx }) => {
    const typed = {
      email: fields.text("email"),
      password: fields.text("password"),
      name: fields.text("name"),
    };
    const callbackUrl = safeCallbackUrl(fields.text("callbackUrl"));
    const opened = await makeAccount(ctx, typed);
    const goTo = placeOwed(opened.signedIn, callbackUrl) ?? callbackUrl;
    return { goTo, cookies: sessionCookies(ctx, opened) };
  });
}
