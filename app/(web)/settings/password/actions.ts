"use server";

import { changePassword as change } from "@/lib/core/users";
import { HOME } from "@/lib/web/callback-url";
import { answerOwnForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";
import { keepSession } from "@/lib/web/session";

export async function changePassword(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: "/settings/password" }, async (fields, { ctx, signedIn }) => {
    const typed = { password: fields.text("password"), newPassword: fields.text("newPassword") };
    await keepSession(ctx, await change(ctx, signedIn, typed));
    return `${HOME}?done=password-changed`;
  });
}
