"use server";

import { SCOPES } from "@/lib/core/access/scopes";
import { createApiToken, revokeApiToken } from "@/lib/core/api-tokens";
import { HOME } from "@/lib/web/callback-url";
import { answerOwnForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";
import { SHOWN_ONCE } from "@/lib/web/params";

const PAGE = `${HOME}/api-tokens`;

export async function makeToken(_state: FormState, data: FormData): Promise<FormState> {
  const plan = { page: `${PAGE}/new`, keep: ["name", "days", ...SCOPES] };
  return answerOwnForm(data, plan, async (fields, { ctx, signedIn }) => {
    const scopes = SCOPES.filter((scope) => fields.text(scope) === "1");
    const asked = { name: fields.text("name"), scopes, days: fields.wholeNumber("days") };
    const { id } = await createApiToken(ctx, signedIn, asked);
    return { goTo: `${PAGE}?${SHOWN_ONCE}=${id}` };
  });
}

export async function revokeToken(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: PAGE }, async (fields, { ctx, signedIn }) => {
    await revokeApiToken(ctx, signedIn, fields.id("id"));
    return { goTo: `${PAGE}?done=token-revoked` };
  });
}
