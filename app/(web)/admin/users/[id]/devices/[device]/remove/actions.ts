"use server";

import { removeTotpOfUser } from "@/lib/core/factors/totp-of-users";
import { isId } from "@/lib/core/ids";
import { answerOwnForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";

export async function removeDevice(_state: FormState, data: FormData): Promise<FormState> {
  const [user, device] = data instanceof FormData ? [data.get("user"), data.get("device")] : [];
  const page = isId(user) && isId(device) ? `/admin/users/${user}/devices/${device}/remove` : "/admin/users";
  return answerOwnForm(data, { page, keep: ["reason"] }, async (fields, { ctx, signedIn }) => {
    const userId = fields.id("user");
    await removeTotpOfUser(ctx, signedIn, { id: fields.id("device") }, { reason: fields.text("reason") });
    return { goTo: `/admin/users/${userId}?done=device-removed` };
  });
}
