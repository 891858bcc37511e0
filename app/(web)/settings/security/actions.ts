"use server";

import { regenerateRecoveryCodes } from "@/lib/core/factors/recovery-codes";
import { declineProvisionedTotp, renameTotpFactor, startTotpSetup } from "@/lib/core/factors/totp";
import { isId } from "@/lib/core/ids";
import { revokeOtherSessions, revokeSession } from "@/lib/core/sessions";
import { revokeTrustedBrowser, revokeTrustedBrowsers } from "@/lib/core/trusted-browsers";
import { HOME } from "@/lib/web/callback-url";
import { answerOwnForm } from "@/lib/web/form-action";
import type { FormState } from "@/lib/web/form-state";

const WIZARD = "/settings/security/authenticators/new";

export async function startSetup(_state: FormState, data: FormData): Promise<FormState> {
  // An authenticator whose place the new one is to take, if it is to.
  const replaced = data instanceof FormData ? data.get("replaces") : null;
  const page = isId(replaced) ? `${HOME}/authenticators/${replaced}/replace` : WIZARD;
  return answerOwnForm(data, { page, keep: ["name"] }, async (fields, { ctx, signedIn }) => {
    const replaces = fields.text("replaces") && fields.id("replaces");
    await startTotpSetup(ctx, signedIn, { name: fields.text("name"), replaces });
    return { goTo: WIZARD };
  });
}

export async function renameAuthenticator(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: HOME, keep: ["name"] }, async (fields, { ctx, signedIn }) => {
    await renameTotpFactor(ctx, signedIn, { id: fields.id("id") }, { name: fields.text("name") });
    return { goTo: `${HOME}?done=renamed#authenticators` };
  });
}

export async function declineAuthenticator(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: `${HOME}#waiting` }, async (fields, { ctx, signedIn }) => {
    await declineProvisionedTotp(ctx, signedIn, { id: fields.id("id") });
    return { goTo: `${HOME}?done=declined` };
  });
}

export async function makeRecoveryCodes(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: `${HOME}#recovery` }, async (_fields, { ctx, signedIn }) => {
    await regenerateRecoveryCodes(ctx, signedIn);
    return { goTo: "/settings/security/recovery-codes" };
  });
}

export async function signOutOne(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: `${HOME}#browsers` }, async (fields, { ctx, signedIn }) => {
    await revokeSession(ctx, signedIn, { id: fields.id("id") });
    return { goTo: `${HOME}?done=signed-out-one#browsers` };
  });
}

export async function signOutOthers(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: `${HOME}#browsers` }, async (_fields, { ctx, signedIn }) => {
    await revokeOtherSessions(ctx, signedIn);
    return { goTo: `${HOME}?done=signed-out-others#browsers` };
  });
}

export async function revokeTrusted(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: HOME }, async (fields, { ctx, signedIn }) => {
    await revokeTrustedBrowser(ctx, signedIn, fields.id("id"));
    return { goTo: `${HOME}?done=untrusted#trusted` };
  });
}

export async function revokeAllTrusted(_state: FormState, data: FormData): Promise<FormState> {
  return answerOwnForm(data, { page: HOME }, async (_fields, { ctx, signedIn }) => {
    await revokeTrustedBrowsers(ctx, signedIn);
    return { goTo: `${HOME}?done=untrusted-all#trusted` };
  });
}
