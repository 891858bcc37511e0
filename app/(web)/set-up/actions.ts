"use server";

import { claimInstallation } from "@/lib/core/installation";
import { sessionCookies } from "@/lib/http/sign-in-cookies";
import { answerForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";

export async function setUp(_state: FormState, data: FormData): Promise<FormState> {
  return answerForm(data, { page: "/set-up", keep: ["email", "name"] }, async (fields, { ctx }) => {
    const session = await claimInstallation(ctx, {
      token: fields.text("token"),
      email: fields.text("email"),
      password: fields.text("password"),
      name: fields.text("name"),
    });
    return { goTo: "/settings/security/authenticators/new", cookies: sessionCookies(ctx, session) };
  });
}
