"use server";

import { regenerateRecoveryCodes } from "@/lib/core/factors/recovery-codes";
import { renameTotpFactor, startTotpSetup } from "@/lib/core/factors/totp";
import { revokeOtherSessions, revokeSession } from "@/lib/core/sessions";
import { HOME } from "@/lib/web/callback-url";
import { answerOwnForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";

const WIZARD = "/settings/security/authenticators/new";

export async function startSetup(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: WIZARD }, async (_fields, { ctx, signedIn }) => {
    await startTotpSetup(ctx, signedIn);
    return { goTo: WIZARD };
  });
}

export async function renameAuthenticator(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: HOME, keep: ["name"] }, async (fields, { ctx, signedIn }) => {
    await renameTotpFactor(ctx, signedIn, { id: fields.id("id"), name: fields.text("name") });
    return { goTo: `${HOME}?done=renamed#authenticators` };
  });
}

export async function makeRecoveryCodes(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: HOME }, async (_fields, { ctx, signedIn }) => {
    await regenerateRecoveryCodes(ctx, signedIn);
    return { goTo: "/settings/security/recovery-codes" };
  });
}

export async function signOutOne(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: HOME }, async (fields, { ctx, signedIn }) => {
    await revokeSession(ctx, signedIn, fields.id("id"));
    return { goTo: `${HOME}?done=signed-out-one#browsers` };
  });
}

export async function signOutOthers(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: HOME }, async (_fields, { ctx, signedIn }) => {
    await revokeOtherSessions(ctx, signedIn);
    return { goTo: `${HOME}?done=signed-out-others#browsers` };
  });
}
