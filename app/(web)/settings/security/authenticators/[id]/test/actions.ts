"use server";

import { checkTotpFactor } from "@/lib/core/factors/check-totp";
import { isId } from "@/lib/core/ids";
import { HOME } from "@/lib/web/callback-url";
import { answerOwnForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";

export async function testAuthenticator(_state: FormState, data: FormData): Promise<FormState> {
  const id = data instanceof FormData ? data.get("id") : null;
  const page = isId(id) ? `${HOME}/authenticators/${id}/test` : HOME;
  return answerOwnForm(data, { page }, async (fields, { ctx, signedIn }) => {
    const typed = { id: fields.id("id"), code: fields.text("code") };
    const steps = await checkTotpFactor(ctx, signedIn, typed);
    const done = steps === 0 ? "tested" : steps < 0 ? "tested-slow" : "tested-fast";
    return { goTo: `${HOME}?done=${done}` };
  });
}
