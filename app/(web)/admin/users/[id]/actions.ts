"use server";

import { inviteAgain } from "@/lib/core/admin/make-user";
import { isId } from "@/lib/core/ids";
import { answerOwnForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";

export async function mailInvitation(_state: FormState, data: FormData): Promise<FormState> {
  const user = data instanceof FormData ? data.get("user") : null;
  const page = isId(user) ? `/admin/users/${user}` : "/admin/users";
  return answerOwnForm(data, { page }, async (fields, { ctx, signedIn }) => {
    await inviteAgain(ctx, signedIn, fields.id("user"));
    return { goTo: `${page}?done=invited-again` };
  });
}
