"use server";

import { proveRecoveryCode } from "@/lib/core/factors/recovery-codes";
import { HOME } from "@/lib/web/callback-url";
import { answerOwnForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";

export async function proveSaved(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: `${HOME}/recovery-codes` }, async (fields, { ctx, signedIn }) => {
    // Both are read before anything happens: what no field of ours holds is refused, and a refusal changes nothing.
    const isWizard = fields.text("next") === "done";
    await proveRecoveryCode(ctx, signedIn, { code: fields.text("code") });
    return { goTo: isWizard ? `${HOME}/authenticators/new/done` : `${HOME}?done=codes-saved#recovery` };
  });
}
