import type { z } from "zod";
import { abandonChallenge, completeSignIn } from "@/lib/core/challenges";
import type { Context } from "@/lib/core/context";
import { refuse } from "@/lib/core/refusals";
import { readSession } from "@/lib/core/sessions";
import { beginSignIn } from "@/lib/core/sign-in";
import { stepUp } from "@/lib/core/step-up";
import { type Answer, AnswerInstead, operation, WAIT } from "../dialect";
import { challengeIn, challengeTokenOf } from "./caller";
import { detailsOfVersion2 } from "./details";
import { answerOf, NO_HEADER } from "./refusals";
import * as requests from "./requests";
import * as responses from "./responses";
import { InvalidField, requireCode, requireId } from "./service";
import { ACCESS, removeAuthenticator, startRegistration, verifyRegistration } from "./users";
import { ABOUT_A_USER, lengthsChecked } from "./version3";

// The stable API: a user has one TOTP there, so nothing names one; and sessions, by which people sign in.

const TOTP = "/v2/users/{id}/totp";

const start = operation({
  method: "POST",
  path: TOTP,
  summary: "Start the registration of a TOTP (version 2)",
  needs: "acting",
  accessWithin: ACCESS.start,
  body: requests.nothing as z.ZodType<unknown>,
  answers: {
    200: { means: "The secret, and the URI for an app: shown this once", body: responses.startedOfVersion2 },
    ...ABOUT_A_USER,
    ...WAIT,
  },
  run: ({ ctx, acting, params: { id = "" } }) =>
    lengthsChecked(async () => {
      requireId("Id", id);
      const { uri, secret } = await startRegistration({ ctx, acting }, id);
      return { status: 200, body: { details: detailsOfVersion2(ctx.now), uri, secret } };
    }),
});

const verify = operation({
  method: "POST",
  path: `${TOTP}/verify`,
  summary: "Verify the newest registration with its first code (version 2)",
  needs: "acting",
  accessWithin: ACCESS.verify,
  body: requests.codeOfVersion2,
  answers: {
    200: { means: "Verified: it counts from now on", body: responses.changedOfVersion2 },
    400: { means: "A wrong code, or none waits and one is verified already" },
    ...ABOUT_A_USER,
    ...WAIT,
  },
  run: ({ ctx, acting, params: { id = "" }, body: { code } }) =>
    lengthsChecked(async () => {
      requireId("Id", id);
      requireCode(code);
      await verifyRegistration({ ctx, acting }, { userId: id, totpId: null, code });
      return { status: 200, body: { details: detailsOfVersion2(ctx.now) } };
    }),
});

const remove = operation({
  method: "DELETE",
  path: TOTP,
  summary: "Remove every TOTP, and give registrations up (version 2)",
  needs: "acting",
  accessWithin: ACCESS.remove,
  body: null,
  answers: { 200: { means: "Gone", body: responses.changedOfVersion2 }, ...ABOUT_A_USER },
  run: ({ ctx, acting, params: { id = "" } }) =>
    lengthsChecked(async () => {
      requireId("Id", id);
      await removeAuthenticator({ ctx, acting }, { userId: id, totpId: "all" });
      return { status: 200, body: { details: detailsOfVersion2(ctx.now) } };
    }),
});

const createSession = operation({
  method: "POST",
  path: "/v2/sessions",
  summary: "Sign in by password and, where two-factor sign-in is on, a code",
  needs: "nothing",
  body: requests.newSession,
  answers: {
    201: {
      means: "A session; without the code that is owed, one that opens nothing until it is checked",
      body: responses.session,
    },
    400: { means: "The name and password, or the code, are wrong" },
    ...WAIT,
  },
  run: async ({ ctx, body: { checks } }) => {
    const { user, password, totp } = checks;
    const begun = await beginSignIn(ctx, { email: user.loginName, password: password.password });
    if (begun.kind === "session") return sessionAnswer(ctx, 201, begun.signedIn.session.id, begun.token);
    if (totp === undefined) return sessionAnswer(ctx, 201, begun.id, challengeTokenOf(begun));
    const asked = { challengeToken: begun.token, code: totp.code };
    const { signedIn, token } = await completeSignIn(ctx, asked).catch(async (error: unknown) => {
      // Nobody is told its token: it would only take the place of a sign-in that goes on.
      await abandonChallenge(ctx, begun.token);
      throw error;
    });
    return sessionAnswer(ctx, 201, signedIn.session.id, token);
  },
});

const setSession = operation({
  method: "PATCH",
  path: "/v2/sessions/{id}",
  summary: "Check the code that a session owes, or prove again who has it",
  needs: "nothing",
  body: requests.session,
  answers: {
    200: { means: "Checked; from now on it is another token", body: responses.session },
    400: { means: "Nothing to check, or the code or the password is wrong" },
    401: { means: "No token, or in the header one that is not valid" },
    403: { means: "The session's token is wrong, or no more" },
    ...WAIT,
  },
  run: ({ ctx, params, sessionToken, body }) =>
    lengthsChecked(async () => {
      const token = body.sessionToken ?? sessionToken;
      if (token === null) throw new AnswerInstead(answerOf(NO_HEADER));
      const { totp, password } = body.checks;
      const id = params.id ?? "";
      const challenge = challengeIn(token);
      if (challenge !== null) {
        if (challenge.id !== id) refuse({ code: "challenge_expired" });
        if (totp === undefined) throw new InvalidField("the code is what is to be checked");
        const typed = { challengeToken: challenge.token, code: totp.code };
        return sessionAnswer(ctx, 200, id, (await completeSignIn(ctx, typed)).token);
      }
      const proof = totp ?? password;
      if (proof === undefined) throw new InvalidField("there is nothing to check");
      const isByHeader = body.sessionToken === undefined;
      return sessionAnswer(ctx, 200, id, await proveAgain(ctx, { id, token, isByHeader }, proof));
    }),
});

/**
 * Steps a session up; its new token. Refuses `unauthenticated` for a header with no live session's, and `challenge_expired` for
 * what is not that session's.
 */
async function proveAgain(
  ctx: Context,
  { id, token, isByHeader }: { id: string; token: string; isByHeader: boolean },
  proof: { code: string } | { password: string },
): Promise<string> {
  const signedIn = await readSession(ctx, token);
  if (signedIn === null && isByHeader) return refuse({ code: "unauthenticated" });
  if (signedIn?.session.id !== id) return refuse({ code: "challenge_expired" });
  if ("code" in proof && !signedIn.twoFactor.isOn) refuse({ code: "not_found" });
  if ("password" in proof && signedIn.twoFactor.isOn)
    throw new InvalidField("the code is what is to be checked");
  return (await stepUp(ctx, signedIn, proof)).token;
}

function sessionAnswer(ctx: Context, status: number, sessionId: string, sessionToken: string): Answer {
  return { status, body: { details: detailsOfVersion2(ctx.now), sessionId, sessionToken } };
}

/** Version 2, which Zitadel's users call today. */
export const version2 = [start, verify, remove, createSession, setSession];
