"use server";

import { makeUser } from "@/lib/core/admin/make-user";
import { answerOwnForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";

const PLAN = { page: "/admin/users/new", keep: ["email", "name", "isAdmin"] };

export async function makeNewUser(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, PLAN, async (fields, { ctx, signedIn }) => {
    const typed = {
      email: fields.text("email"),
      name: fields.text("name"),
      password: fields.text("password"),
    };
    const asked = { ...typed, isAdmin: fields.text("isAdmin") === "1" };
    const { id, isInvited } = await makeUser(ctx, signedIn, asked);
    return { goTo: `/admin/users/${id}?done=${isInvited ? "invited" : "made"}` };
  });
}
