"use server";

import { confirmEmail } from "@/lib/core/email-address";
import { answerForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";

export async function confirm(_state: FormState, data: FormData): Promise<FormState> {
  return answerForm(data, { page: "/confirm-email" }, async (fields, { ctx, signedIn }) => {
    await confirmEmail(ctx, { token: fields.text("token") });
    // Mails are read on other devices, too.
    return { goTo: `${signedIn ? "/settings/email" : "/sign-in"}?done=email-confirmed` };
  });
}
