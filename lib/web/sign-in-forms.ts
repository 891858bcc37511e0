import { completeSignIn } from "@/lib/core/challenges";
import { refuse } from "@/lib/core/refusals";
import { endSession } from "@/lib/core/sessions";
import { beginSignIn } from "@/lib/core/sign-in";
import { challengeCookie, signInCookies } from "@/lib/http/sign-in-cookies";
import { safeCallbackUrl, withCallbackUrl } from "./callback-url";
import type { FormPlan, FormUse } from "./form-outcome";
import { placeOwed } from "./place-owed";

/** A form by itself: its plan, the fields that are typed into it, and its use case. */
export type WebForm = FormPlan & { typed: readonly string[]; use: FormUse };

/** The first step of a sign-in. */
export const passwordForm: WebForm = {
  page: "/sign-in",
  typed: ["email", "password"],
  keep: ["email"],
  use: async (fields, { ctx, sessionToken }) => {
    const callbackUrl = safeCallbackUrl(fields.text("callbackUrl"));
    const begun = await beginSignIn(ctx, { email: fields.text("email"), password: fields.text("password") });
    // Whoever was signed in here before is not any more.
    if (sessionToken) await endSession(ctx, sessionToken);
    return begun.kind === "challenge"
      ? { goTo: withCallbackUrl("/sign-in/verify", callbackUrl), cookies: [challengeCookie(begun)] }
      : { goTo: placeOwed(begun.signedIn, callbackUrl) ?? callbackUrl, cookies: signInCookies(ctx, begun) };
  },
};

/** The second step: an authenticator's code, a recovery code, or one that was mailed. */
export const codeForm: WebForm = {
  page: "/sign-in/verify",
  typed: ["code"],
  keep: ["trust"],
  use: async (fields, { ctx, challengeToken, signedIn }) => {
    const callbackUrl = safeCallbackUrl(fields.text("callbackUrl"));
    if (challengeToken === null) {
      // The same form sent twice: the first one signed in.
      if (signedIn) return { goTo: callbackUrl };
      return refuse({ code: "challenge_expired" });
    }
    const trustBrowser = fields.text("trust") === "1";
    const typed = { challengeToken, code: fields.text("code"), trustBrowser };
    const asked = fields.text("with") === "mail" ? ({ factor: "email" } as const) : {};
    const completed = await completeSignIn(ctx, { ...typed, ...asked });
    return {
      goTo:
        completed.factor === "recovery"
          ? withCallbackUrl("/sign-in/recovery-used", callbackUrl)
          : callbackUrl,
      cookies: signInCookies(ctx, completed),
    };
  },
};
