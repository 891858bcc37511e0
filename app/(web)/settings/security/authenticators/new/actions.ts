"use server";

import { confirmTotp } from "@/lib/core/factors/confirm-totp";
import { cancelTotpSetup } from "@/lib/core/factors/totp";
import { HOME } from "@/lib/web/callback-url";
import { answerOwnForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";
import { keepSession } from "@/lib/web/session";

const PAGE = "/settings/security/authenticators/new";

export async function confirmSetup(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: PAGE }, async (fields, { ctx, signedIn }) => {
    const confirmed = await confirmTotp(ctx, signedIn, { code: fields.text("code") });
    await keepSession(ctx, confirmed);
    return confirmed.recoveryCodes === null
      ? `${PAGE}/done?added=1`
      : "/settings/security/recovery-codes?then=done";
  });
}

export async function cancelSetup(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: HOME }, async (_fields, { ctx, signedIn }) => {
    await cancelTotpSetup(ctx, signedIn);
    return `${HOME}?done=cancelled`;
  });
}
