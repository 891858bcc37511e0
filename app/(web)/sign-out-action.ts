"use server";

import { abandonChallenge } from "@/lib/core/challenges";
import { endSession } from "@/lib/core/sessions";
import { nobodyCookies } from "@/lib/http/sign-in-cookies";
import { answerForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";

export async function signOut(_state: FormState, data: FormData): Promise<FormState> {
  return answerForm(data, { page: "/" }, async (_fields, { ctx, sessionToken, challengeToken }) => {
    if (sessionToken) await endSession(ctx, sessionToken);
    if (challengeToken) await abandonChallenge(ctx, challengeToken);
    return { goTo: "/sign-in?done=signed-out", cookies: nobodyCookies() };
  });
}
