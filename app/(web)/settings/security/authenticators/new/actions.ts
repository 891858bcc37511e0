"use server";

import { confirmTotp } from "@/lib/core/factors/confirm-totp";
import { cancelTotpSetup } from "@/lib/core/factors/totp";
import { isId } from "@/lib/core/ids";
import { sessionCookies } from "@/lib/http/sign-in-cookies";
import { HOME } from "@/lib/web/callback-url";
import { answerOwnForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";

const PAGE = "/settings/security/authenticators/new";

export async function confirmSetup(_state: FormState, data: FormData): Promise<FormState> {
  // One that somebody made for the caller, if it is one.
  const device = data instanceof FormData ? data.get("device") : null;
  const page = isId(device) ? `${PAGE}?device=${device}` : PAGE;
  return answerOwnForm(data, { page }, async (fields, { ctx, signedIn }) => {
    const which = fields.text("device") === "" ? {} : { id: fields.id("device") };
    const confirmed = await confirmTotp(ctx, signedIn, { code: fields.text("code"), ...which });
    const isFirst = confirmed.recoveryCodes !== null;
    const done = `${PAGE}/done?${confirmed.hasReplaced ? "replaced" : "added"}=1`;
    return {
      goTo: isFirst ? "/settings/security/recovery-codes?then=done" : done,
      cookies: sessionCookies(ctx, confirmed),
    };
  });
}

export async function cancelSetup(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: HOME }, async (_fields, { ctx, signedIn }) => {
    // The code was sent just before: the page says what came of it.
    const isGivenUp = await cancelTotpSetup(ctx, signedIn);
    return { goTo: isGivenUp ? `${HOME}?done=cancelled` : HOME };
  });
}
