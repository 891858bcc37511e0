"use server";

import { disableTwoFactor } from "@/lib/core/factors/remove-totp";
import { HOME } from "@/lib/web/callback-url";
import { answerOwnForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";
import { keepSession } from "@/lib/web/session";

export async function turnOff(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: `${HOME}/turn-off` }, async (fields, { ctx, signedIn }) => {
    await keepSession(ctx, await disableTwoFactor(ctx, signedIn, { code: fields.text("code") }));
    return `${HOME}?done=turned-off`;
  });
}
