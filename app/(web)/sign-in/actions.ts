"use server";

import { answerForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";
import { passwordForm } from "@/lib/web/sign-in-forms";

export async function signIn(_state: FormState, data: FormData): Promise<FormState> {
  return answerForm(data, passwordForm, passwordForm.use);
}
