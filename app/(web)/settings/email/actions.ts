"use server";

import { askToChangeEmail, askToConfirmEmail } from "@/lib/core/email-address";
import { answerOwnForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";

const PAGE = "/settings/email";

export async function askToConfirm(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: PAGE }, async (_fields, { ctx, signedIn }) => {
    await askToConfirmEmail(ctx, signedIn);
    return { goTo: `${PAGE}?done=email-asked` };
  });
}

export async function askToChange(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: PAGE, keep: ["email"] }, async (fields, { ctx, signedIn }) => {
    const typed = { email: fields.text("email"), password: fields.text("password") };
    await askToChangeEmail(ctx, signedIn, typed);
    return { goTo: `${PAGE}?done=email-change-asked` };
  });
}
