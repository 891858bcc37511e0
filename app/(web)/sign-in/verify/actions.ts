"use server";

import { answerForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";
import { codeForm } from "@/lib/web/sign-in-forms";

export async function verify(_state: FormState, data: FormData): Promise<FormState> {
  return answerForm(data, codeForm, codeForm.use);
}
