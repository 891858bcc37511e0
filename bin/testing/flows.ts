import { completeSignIn } from "@/lib/core/challenges";
import type { Context } from "@/lib/core/context";
import { askToChangeEmail, confirmEmail } from "@/lib/core/email-address";
import { confirmTotp } from "@/lib/core/factors/confirm-totp";
import { regenerateRecoveryCodes } from "@/lib/core/factors/recovery-codes";
import { removeTotpFactor } from "@/lib/core/factors/remove-totp";
import { startTotpSetup } from "@/lib/core/factors/totp";
import { askForNewPassword, chooseNewPassword } from "@/lib/core/forgotten-password";
import { sealAnew } from "@/lib/core/key-rotation";
import { readSession, type SignedIn } from "@/lib/core/sessions";
import { beginSignIn } from "@/lib/core/sign-in";
import { stepUp } from "@/lib/core/step-up";
import { signUp } from "@/lib/core/users";

export const PASSWORD = "correct horse battery";
export const NEW_PASSWORD = "another long password";

/** What a flow is given. `token`: of a session, a challenge or a mailed link. */
export type Input = { email?: string; token?: string; code?: string; id?: string };

/** The session of a token, which must be live. */
export async function signedInBy(ctx: Context, token = ""): Promise<SignedIn> {
  const signedIn = await readSession(ctx, token);
  if (!signedIn) throw new Error("this session should be live");
  return signedIn;
}

/** Each flow that changes an account, as a page's request runs it. */
export const flows = {
  "sign-up": (ctx, { email = "" }) => signUp(ctx, { email, password: PASSWORD }),
  "the start of a set-up": async (ctx, { token }) => startTotpSetup(ctx, await signedInBy(ctx, token)),
  "the proof of a set-up": async (ctx, { token, code = "" }) =>
    confirmTotp(ctx, await signedInBy(ctx, token), { code }),
  "the password step": (ctx, { email = "" }) => beginSignIn(ctx, { email, password: PASSWORD }),
  "the code step": (ctx, { token = "", code = "" }) => completeSignIn(ctx, { challengeToken: token, code }),
  "a step-up": async (ctx, { token, code = "" }) => stepUp(ctx, await signedInBy(ctx, token), { code }),
  "new recovery codes": async (ctx, { token }) => regenerateRecoveryCodes(ctx, await signedInBy(ctx, token)),
  "the removal of an authenticator": async (ctx, { token, id = "", code = "" }) =>
    removeTotpFactor(ctx, await signedInBy(ctx, token), { id, code }),
  "asking for a new password": (ctx, { email = "" }) => askForNewPassword(ctx, { email }),
  "the choice of a new password": (ctx, { token = "" }) =>
    chooseNewPassword(ctx, { token, newPassword: NEW_PASSWORD }),
  "asking for another address": async (ctx, { token, email = "" }) =>
    askToChangeEmail(ctx, await signedInBy(ctx, token), { email, password: PASSWORD }),
  "the change of an address": (ctx, { token = "" }) => confirmEmail(ctx, { token }),
  "a change of keys": (ctx) => sealAnew(ctx.db, ctx.keys.ring),
} satisfies Record<string, (ctx: Context, input: Input) => Promise<unknown>>;
export type Flow = keyof typeof flows;
