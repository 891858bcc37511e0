import { toDataURL } from "qrcode";
import { owedFirst } from "@/lib/core/access/guard";
import { completeSignIn } from "@/lib/core/challenges";
import { confirmTotp } from "@/lib/core/factors/confirm-totp";
import { disableTwoFactor } from "@/lib/core/factors/remove-totp";
import { cancelTotpSetup, startTotpSetup } from "@/lib/core/factors/totp";
import { refuse } from "@/lib/core/refusals";
import type { NewSession, OpenedSession } from "@/lib/core/sessions";
import { beginSignIn } from "@/lib/core/sign-in";
import { signUp } from "@/lib/core/users";
import type { AnswerCookie } from "@/lib/http/answer-cookie";
import {
  challengeCookies,
  leave,
  nobodyCookies,
  ownName,
  ownSessionCookies,
  refuseForeignOrigin,
  sessionCookie,
  withoutRedeemed,
} from "../browser-session";
import { type Answer, type Caller, defineDialect, operation, WAIT } from "../dialect";
import { COOKIES, findCaller } from "./caller";
import { problem, refusal } from "./refusals";
import * as requests from "./requests";
import * as responses from "./responses";

const TWO_FACTOR = "/api/auth/2fa/totp";
const UNAUTHORIZED = {
  401: { means: "Nobody is logged in, or the second factor is still owed" },
};
const STALE = {
  403: { means: "The last proof of who is logged in is older than ten minutes: log in again" },
};

/**
 * The cookies of a session that goes on. Where it is to end with the browser, the pages' cookie alone: the own one, whose end
 * moves at `me`, would make it last.
 */
function goingOn(caller: Caller, session: NewSession): AnswerCookie[] {
  if (caller.isRemembered) return ownSessionCookies(caller, COOKIES, session);
  const own = ownName(COOKIES, COOKIES.session);
  return ownSessionCookies(caller, COOKIES, session, false).map((cookie) =>
    cookie.name === own ? { name: own, value: null } : cookie,
  );
}

/** Signed in, by new cookies; whoever was signed in before is not any more. */
async function welcome(
  caller: Caller,
  opened: OpenedSession & { browserToken?: string | null },
): Promise<Answer> {
  await leave(caller);
  const cookies = ownSessionCookies(caller, COOKIES, opened);
  return { status: 200, body: responses.userInfoOf(opened.signedIn), cookies };
}

const register = operation({
  method: "POST",
  path: "/api/auth/register",
  summary: "Make an account and log it in",
  needs: "nothing",
  body: requests.registration,
  answers: {
    200: { means: "Logged in", body: responses.userInfo },
    400: { means: "A field is missing or not right, or the e-mail address has an account" },
    403: { means: "Accounts are made by an administrator here" },
    ...WAIT,
  },
  run: async (call) => {
    const { email, password, display_name: name } = call.body;
    return welcome(call, await signUp(call.ctx, { email, password, name: name ?? null }));
  },
});

const login = operation({
  method: "POST",
  path: "/api/auth/login",
  summary: "Log in; with two-factor authentication on, only as far as the code",
  needs: "nothing",
  body: requests.credentials,
  answers: {
    200: { means: "Logged in, or the code is owed", body: responses.userInfo.or(responses.needsTwoFactor) },
    400: { means: "A field is missing or not right" },
    401: { means: "Wrong e-mail address or password" },
    ...WAIT,
  },
  run: async (call) => {
    const begun = await beginSignIn(call.ctx, call.body);
    if (begun.kind === "session") return welcome(call, begun);
    await leave(call);
    return {
      status: 200,
      body: { needs_2fa: true },
      cookies: challengeCookies(call.ctx.now, COOKIES, begun),
    };
  },
});

const logout = operation({
  method: "POST",
  path: "/api/auth/logout",
  summary: "Log out",
  needs: "optional",
  body: null,
  answers: { 200: { means: "Logged out" } },
  run: async (call) => {
    await leave(call);
    return { status: 200, cookies: nobodyCookies() };
  },
});

const me = operation({
  method: "GET",
  path: "/api/auth/me",
  summary: "Who is logged in",
  needs: "session",
  body: null,
  answers: {
    200: { means: "The account", body: responses.userInfo },
    403: { means: "Two-factor authentication, or a new password, is owed before anything else" },
    ...UNAUTHORIZED,
  },
  run: async ({ ctx, signedIn, sessionToken, isRemembered }) => {
    const owed = owedFirst(signedIn);
    if (owed) refuse(owed);
    return {
      status: 200,
      body: responses.userInfoOf(signedIn),
      cookies: sessionToken && isRemembered ? [sessionCookie(ctx.now, COOKIES, sessionToken)] : [],
    };
  },
});

const setup = operation({
  method: "POST",
  path: `${TWO_FACTOR}/setup`,
  summary: "Begin to set TOTP up; a set-up begun before is void",
  needs: "session",
  body: null,
  answers: {
    200: { means: "The secret, and its QR code as a PNG", body: responses.setup },
    400: { means: "TOTP is active already" },
    ...STALE,
    ...UNAUTHORIZED,
  },
  run: async ({ ctx, signedIn }) => {
    const pending = await startTotpSetup(ctx, signedIn, { isFirst: true });
    const qrCode = await toDataURL(pending.uri, { type: "image/png", margin: 4 });
    return { status: 200, body: { secret: pending.secret, qr_code: qrCode } };
  },
});

const confirm = operation({
  method: "POST",
  path: `${TWO_FACTOR}/confirm`,
  summary: "Prove a set-up with its first code, which turns two-factor authentication on",
  needs: "session",
  body: requests.code,
  answers: {
    200: { means: "On; with the recovery codes, shown this once", body: responses.confirmed },
    400: { means: "A wrong code, or nothing was begun" },
    ...STALE,
    ...UNAUTHORIZED,
    ...WAIT,
  },
  run: async (call) => {
    const confirmed = await confirmTotp(call.ctx, call.signedIn, call.body);
    const codes = confirmed.recoveryCodes;
    return {
      status: 200,
      body: { message: "TOTP confirmed", ...(codes ? { recovery_codes: codes } : {}) },
      cookies: goingOn(call, confirmed),
    };
  },
});

const verify = operation({
  method: "POST",
  path: `${TWO_FACTOR}/verify`,
  summary: "Finish logging in with a TOTP or recovery code",
  needs: "challenge",
  body: requests.code,
  answers: {
    200: { means: "Logged in", body: responses.userInfo },
    400: { means: "A wrong code, or one that was used before" },
    401: { means: "There is no partial session" },
    ...WAIT,
  },
  run: async (call) => {
    const { challengeToken, signedIn } = call;
    if (signedIn !== null) refuse({ code: "challenge_expired" });
    const opened = await completeSignIn(call.ctx, { challengeToken, code: call.body.code });
    return welcome(withoutRedeemed(call), opened);
  },
});

const disable = operation({
  method: "POST",
  path: `${TWO_FACTOR}/disable`,
  summary: "Turn two-factor authentication off, or give up a set-up that was only begun",
  needs: "session",
  body: requests.optionalCode,
  answers: {
    200: { means: "Off", body: responses.disabled },
    400: { means: "A wrong or missing code, or nothing to disable" },
    ...STALE,
    ...UNAUTHORIZED,
    ...WAIT,
  },
  run: async (call) => {
    const { ctx, signedIn, body } = call;
    if (!signedIn.twoFactor.isOn) {
      if (!(await cancelTotpSetup(ctx, signedIn))) refuse({ code: "conflict", reason: "nothing_pending" });
      return { status: 200, body: { message: "TOTP disabled" } };
    }
    const removed = await disableTwoFactor(ctx, signedIn, { code: body.code ?? "" });
    return {
      status: 200,
      body: { message: "TOTP disabled" },
      cookies: goingOn(call, removed),
    };
  },
});

/** Thogits: JSON both ways, cookies, no slash at the end of addresses. */
export const thogits = defineDialect({
  name: "thogits",
  title: "Thogits",
  original: "Thogits' public documentation, which has no version",
  operations: [register, login, logout, me, setup, confirm, verify, disable],
  prefixes: ["/api/auth/2fa/"],
  proof: [
    {
      name: "session",
      scheme: {
        type: "apiKey",
        in: "cookie",
        name: COOKIES.session,
        description: `Over HTTPS its name begins with ${COOKIES.prefix}`,
      },
      gives: ["session"],
    },
    {
      name: "partialSession",
      scheme: {
        type: "apiKey",
        in: "cookie",
        name: COOKIES.challenge,
        description: `Over HTTPS its name begins with ${COOKIES.prefix}`,
      },
      gives: ["challenge"],
    },
  ],
  curlNote: "The file cookies.txt keeps what the answers set, from registering or logging in on.",
  curl: () => ["-b cookies.txt -c cookies.txt"],
  failure: responses.failure,
  findCaller,
  refusal,
  problem,
  checkOrigin: refuseForeignOrigin,
});
