"use server";

import { askForNewPassword } from "@/lib/core/forgotten-password";
import { answerForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";

const PAGE = "/forgotten-password";

export async function askForLink(_state: FormState, data: FormData): Promise<FormState> {
  return answerForm(data, { page: PAGE, keep: ["email"] }, async (fields, { ctx }) => {
    await askForNewPassword(ctx, { email: fields.text("email") });
    return { goTo: `${PAGE}?sent=1` };
  });
}
