"use server";

import { disableTwoFactor } from "@/lib/core/factors/remove-totp";
import { sessionCookies } from "@/lib/http/sign-in-cookies";
import { HOME } from "@/lib/web/callback-url";
import { answerOwnForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";

export async function turnOff(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: `${HOME}/turn-off` }, async (fields, { ctx, signedIn }) => {
    const session = await disableTwoFactor(ctx, signedIn, { code: fields.text("code") });
    return { goTo: `${HOME}?done=turned-off`, cookies: sessionCookies(ctx, session) };
  });
}
