"use server";

import { disableUser, enableUser, type ReasonedAct } from "@/lib/core/admin/disable-user";
import { endAccessOf } from "@/lib/core/admin/end-access-of";
import { resetTwoFactorOf } from "@/lib/core/admin/reset-two-factor";
import { unlockUser } from "@/lib/core/admin/unlock-user";
import type { Context } from "@/lib/core/context";
import { isId } from "@/lib/core/ids";
import { refuse } from "@/lib/core/refusals";
import type { SignedIn } from "@/lib/core/sessions";
import { ACTS, type ActName } from "@/lib/web/admin-messages";
import { answerOwnForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";

const USE_CASES: Record<ActName, (ctx: Context, acting: SignedIn, typed: ReasonedAct) => Promise<void>> = {
  disable: disableUser,
  enable: enableUser,
  reset: resetTwoFactorOf,
  unlock: unlockUser,
  "end-sessions": endAccessOf,
};

/** Does what the page says to the account that it is about. */
export async function act(_state: FormState, data: FormData): Promise<FormState> {
  const user = data instanceof FormData ? data.get("user") : null;
  const name = ACTS.find((each) => data instanceof FormData && each === data.get("act"));
  const page = isId(user) && name ? `/admin/users/${user}/${name}` : "/admin/users";
  return answerOwnForm(data, { page, keep: ["reason"] }, async (fields, { ctx, signedIn }) => {
    const userId = fields.id("user");
    const use = name ? USE_CASES[name] : refuse({ code: "not_found" });
    await use(ctx, signedIn, { userId, reason: fields.text("reason") });
    return { goTo: `/admin/users/${userId}?done=${name}` };
  });
}
