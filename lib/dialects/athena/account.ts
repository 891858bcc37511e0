import { owedFirst } from "@/lib/core/access/guard";
import { isId } from "@/lib/core/ids";
import { Refused } from "@/lib/core/refusals";
import {
  listSessions,
  type OpenedSession,
  revokeAllSessions,
  revokeOtherSessions,
  revokeSession,
} from "@/lib/core/sessions";
import { beginSignIn } from "@/lib/core/sign-in";
import { withOwnProof } from "@/lib/core/step-up";
import { changePassword, signUp as makeAccount } from "@/lib/core/users";
import type { AnswerCookie } from "@/lib/http/answer-cookie";
import { challengeCookies, leave, nobodyCookies } from "../browser-session";
import { type Caller, operation, WAIT } from "../dialect";
import { CHALLENGE_PREFIX, COOKIES, forgetCookie, trustCookie } from "./caller";
import * as requests from "./requests";
import * as responses from "./responses";
import { handOut, renewed } from "./session-answers";

const BASE = "/api/auth";
export const UNAUTHORIZED = { 401: { means: "UNAUTHORIZED: nobody is signed in" } };
export const NOT_FRESH = { 403: { means: "SESSION_NOT_FRESH: the second factor was proven too long ago" } };

/** An earlier sign-in may have asked to be forgotten. */
const remembered = (): AnswerCookie => ({ name: forgetCookie(), value: null });

/** Hands out a session that was opened at once. */
function welcome(call: Caller, opened: OpenedSession, rememberMe = true): ReturnType<typeof handOut> {
  const given = handOut(call, opened, rememberMe);
  return rememberMe ? { ...given, cookies: [...given.cookies, remembered()] } : given;
}

const signUp = operation({
  method: "POST",
  path: `${BASE}/sign-up/email`,
  summary: "Make an account and sign it in",
  needs: "nothing",
  body: requests.signUp,
  answers: {
    200: { means: "Signed in", body: responses.signedUp },
    400: {
      means:
        "VALIDATION_ERROR, INVALID_EMAIL, PASSWORD_TOO_SHORT, PASSWORD_TOO_LONG, EMAIL_PASSWORD_SIGN_UP_DISABLED",
    },
    422: { means: "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL" },
    ...WAIT,
  },
  run: async (call) => {
    const { email, password, name, rememberMe } = call.body;
    const opened = await makeAccount(call.ctx, { email, password, name });
    await leave(call);
    const body = { token: opened.token, user: responses.userOf(opened.signedIn) };
    return { status: 200, body, ...welcome(call, opened, rememberMe) };
  },
});

const signIn = operation({
  method: "POST",
  path: `${BASE}/sign-in/email`,
  summary: "Sign in; with two-factor on, only as far as the code",
  needs: "nothing",
  body: requests.signIn,
  answers: {
    200: { means: "Signed in, or the second factor is owed", body: responses.signedIn.or(responses.pending) },
    400: { means: "VALIDATION_ERROR, INVALID_EMAIL" },
    401: { means: "INVALID_EMAIL_OR_PASSWORD" },
    ...WAIT,
  },
  run: async (call) => {
    const { email, password, rememberMe = true } = call.body;
    const { ctx } = call;
    const begun = await beginSignIn(ctx, { email, password });
    await leave(call);
    if (begun.kind === "session") {
      const body = { redirect: false, token: begun.token, user: responses.userOf(begun.signedIn) };
      return { status: 200, body, ...welcome(call, begun, rememberMe) };
    }
    const cookies = challengeCookies(ctx.now, COOKIES, begun);
    // It was not good for this sign-in, or the code would not be owed; but another sign-in may be about to renew it.
    if (ctx.trustToken !== null && begun.trust !== "late") cookies.push({ name: trustCookie(), value: null });
    cookies.push(rememberMe ? remembered() : { name: forgetCookie(), value: "true", expires: null });
    const twoFactorMethods = ctx.settings.emailCodes ? ["totp", "otp"] : ["totp"];
    // For clients that keep no cookies: as a bearer token it is what the cookie is.
    return {
      status: 200,
      body: {
        twoFactorRedirect: true,
        twoFactorMethods,
        twoFactorToken: `${CHALLENGE_PREFIX}${begun.token}`,
      },
      cookies,
    };
  },
});

const signOut = operation({
  method: "POST",
  path: `${BASE}/sign-out`,
  summary: "Sign out",
  needs: "optional",
  body: requests.nothing,
  answers: { 200: { means: "Nobody is signed in", body: responses.success } },
  run: async (call) => {
    await leave(call);
    const cookies = [...nobodyCookies(), { name: forgetCookie(), value: null }];
    return { status: 200, body: { success: true }, cookies };
  },
});

const getSession = operation({
  method: "GET",
  path: `${BASE}/get-session`,
  summary: "Who is signed in, or null",
  needs: "optional",
  body: null,
  answers: { 200: { means: "The session and its user, or null", body: responses.currentSession } },
  run: async ({ signedIn, sessionToken }) => {
    const isNobody = signedIn === null || sessionToken === null || owedFirst(signedIn) !== null;
    if (isNobody) return { status: 200, body: null };
    const user = responses.userOf(signedIn);
    return {
      status: 200,
      body: { session: responses.sessionOf(signedIn.session, user.id, sessionToken), user },
    };
  },
});

const list = operation({
  method: "GET",
  path: `${BASE}/list-sessions`,
  summary: "One's own sessions; the token of all but this one is a name to revoke it by and opens nothing",
  needs: "session",
  body: null,
  answers: {
    200: { means: "The sessions", body: responses.sessions },
    ...UNAUTHORIZED,
    403: { means: "FORBIDDEN: a set-up or a new password is owed first" },
  },
  run: async ({ ctx, signedIn, sessionToken }) => {
    const rows = await listSessions(ctx, signedIn);
    // The caller's own has its token, as everywhere: clients find themselves in the list by it.
    const tokenOf = (row: { id: string; isCurrent: boolean }) =>
      row.isCurrent && sessionToken !== null ? sessionToken : row.id;
    const body = rows.map((row) => responses.sessionOf(row, signedIn.user.id, tokenOf(row)));
    return { status: 200, body };
  },
});

const revoke = operation({
  method: "POST",
  path: `${BASE}/revoke-session`,
  summary: "End one of one's own sessions",
  needs: "session",
  body: requests.revocation,
  answers: {
    200: { means: "The session is ended, or was none of one's own", body: responses.status },
    400: { means: "VALIDATION_ERROR" },
    ...UNAUTHORIZED,
    ...NOT_FRESH,
  },
  run: async ({ ctx, signedIn, body: { token } }) => {
    try {
      await revokeSession(ctx, signedIn, isId(token) ? { id: token } : { token });
    } catch (error) {
      // The original says nothing about tokens that are none of one's own, and neither do we.
      if (!(error instanceof Refused && error.refusal.code === "not_found")) throw error;
    }
    return { status: 200, body: { status: true } };
  },
});

const revokeAll = operation({
  method: "POST",
  path: `${BASE}/revoke-sessions`,
  summary: "End all of one's own sessions",
  needs: "session",
  body: requests.nothing,
  answers: {
    200: { means: "The sessions are ended", body: responses.status },
    ...UNAUTHORIZED,
    ...NOT_FRESH,
  },
  run: async ({ ctx, signedIn }) => {
    await revokeAllSessions(ctx, signedIn);
    return { status: 200, body: { status: true } };
  },
});

const revokeOthers = operation({
  method: "POST",
  path: `${BASE}/revoke-other-sessions`,
  summary: "End all of one's own sessions but this one",
  needs: "session",
  body: requests.nothing,
  answers: {
    200: { means: "The sessions are ended", body: responses.status },
    ...UNAUTHORIZED,
    ...NOT_FRESH,
  },
  run: async ({ ctx, signedIn }) => {
    await revokeOtherSessions(ctx, signedIn);
    return { status: 200, body: { status: true } };
  },
});

const newPassword = operation({
  method: "POST",
  path: `${BASE}/change-password`,
  summary: "Change one's own password, which ends all other sessions and renews the token",
  needs: "session",
  body: requests.passwordChange,
  answers: {
    200: { means: "Changed; the session goes on by a new token", body: responses.passwordChanged },
    400: { means: "VALIDATION_ERROR, INVALID_PASSWORD, PASSWORD_TOO_SHORT, PASSWORD_TOO_LONG" },
    ...UNAUTHORIZED,
    ...NOT_FRESH,
    ...WAIT,
  },
  run: async (call) => {
    const { body, signedIn, ctx } = call;
    const typed = { password: body.currentPassword, newPassword: body.newPassword };
    // It asks for the current password by itself.
    const session = await changePassword(ctx, withOwnProof(signedIn), typed);
    const user = responses.userOf(await renewed(call, session));
    return {
      status: 200,
      body: { token: session.token, user },
      ...handOut(call, session, call.isRemembered),
    };
  },
});

export const accountOperations = [
  signUp,
  signIn,
  signOut,
  getSession,
  list,
  revoke,
  revokeAll,
  revokeOthers,
  newPassword,
];
