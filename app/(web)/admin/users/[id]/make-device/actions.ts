"use server";

import { provisionTotp } from "@/lib/core/factors/provisioned-totp";
import { isId } from "@/lib/core/ids";
import { answerOwnForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";

export async function makeDevice(_state: FormState, data: FormData): Promise<FormState> {
  const user = data instanceof FormData ? data.get("user") : null;
  const page = isId(user) ? `/admin/users/${user}/make-device` : "/admin/users";
  return answerOwnForm(data, { page, keep: ["name"] }, async (fields, { ctx, signedIn }) => {
    const userId = fields.id("user");
    // Its secret goes no further: its owner finds it in their own settings.
    await provisionTotp(ctx, signedIn, { userId, name: fields.text("name") });
    return { goTo: `/admin/users/${userId}?done=device-made` };
  });
}
