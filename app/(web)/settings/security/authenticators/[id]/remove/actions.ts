"use server";

import { removeTotpFactor } from "@/lib/core/factors/remove-totp";
import { isId } from "@/lib/core/ids";
import { sessionCookies } from "@/lib/http/sign-in-cookies";
import { HOME } from "@/lib/web/callback-url";
import { answerOwnForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";

export async function removeAuthenticator(_state: FormState, data: FormData): Promise<FormState> {
  const id = data instanceof FormData ? data.get("id") : null;
  const page = isId(id) ? `${HOME}/authenticators/${id}/remove` : HOME;
  return answerOwnForm(data, { page }, async (fields, { ctx, signedIn }) => {
    const typed = { id: fields.id("id"), code: fields.text("code") };
    const { isOff, ...session } = await removeTotpFactor(ctx, signedIn, typed);
    const done = isOff ? "turned-off" : "removed";
    return { goTo: `${HOME}?done=${done}`, cookies: sessionCookies(ctx, session) };
  });
}
