import { requireAccess } from "@/lib/core/access/guard";
import { completeSignIn } from "@/lib/core/challenges";
import { confirmTotp } from "@/lib/core/factors/confirm-totp";
import { disableTwoFactorByProof } from "@/lib/core/factors/remove-totp";
import { startTotpSetup } from "@/lib/core/factors/totp";
import { refuse } from "@/lib/core/refusals";
import { endSession } from "@/lib/core/sessions";
import { beginSignIn } from "@/lib/core/sign-in";
import { UnusableBody } from "../body";
import { defineDialect, operation, WAIT } from "../dialect";
import { findCaller } from "./caller";
import { problem, refusal } from "./refusals";
import * as requests from "./requests";
import * as responses from "./responses";

const TOTP = "/api/v1/auth/totp";
const FORBIDDEN = { 403: { means: "No valid key, or its second factor was proven too long ago" } };

const login = operation({
  method: "POST",
  path: "/api/v1/auth/login",
  summary: "Log in; with TOTP active, only as far as a temp token",
  needs: "nothing",
  body: requests.login,
  answers: {
    200: { means: "A key, or a temp token", body: responses.key.or(responses.tempToken) },
    400: { means: "A field is missing, or the credentials are wrong" },
    ...WAIT,
  },
  run: async ({ ctx, body }) => {
    // The schema wants one of them.
    const email = body.username ?? body.email ?? "";
    const field = body.username === undefined ? "email" : "username";
    if (email === "")
      throw new UnusableBody({
        kind: "invalid",
        path: field,
        isMissing: true,
        got: "nothing",
        issue: "custom",
        message: "",
      });
    const begun = await beginSignIn(ctx, { email, password: body.password });
    return begun.kind === "session"
      ? { status: 200, body: { key: begun.token } }
      : { status: 200, body: { temp_token: begun.token } };
  },
});

const logout = operation({
  method: "POST",
  path: "/api/v1/auth/logout",
  summary: "End the key",
  needs: "optional",
  body: null,
  answers: { 200: { means: "The key is dead", body: responses.detail } },
  run: async ({ ctx, sessionToken }) => {
    if (sessionToken !== null) await endSession(ctx, sessionToken);
    return { status: 200, body: { detail: "Successfully logged out." } };
  },
});

const setup = operation({
  method: "POST",
  path: `${TOTP}/setup`,
  summary: "Begin to set TOTP up; a set-up begun before is void",
  needs: "session",
  body: null,
  answers: {
    201: { means: "The secret, and the URI for an app", body: responses.setup },
    400: { means: "TOTP is active already" },
    ...FORBIDDEN,
  },
  run: async ({ ctx, signedIn }) => {
    const { secret, uri } = await startTotpSetup(ctx, signedIn, { isFirst: true });
    return {
      status: 201,
      body: { secret_key: secret, provisioning_uri: uri.replace(/^(otpauth:\/\/totp\/[^?:]*):/, "$1%3A") },
    };
  },
});

const activate = operation({
  method: "POST",
  path: `${TOTP}/activate`,
  summary: "Prove a set-up with its first code, which turns TOTP on",
  needs: "session",
  body: requests.code,
  answers: {
    200: { means: "On; the recovery codes are shown this once", body: responses.recoveryCodes },
    400: { means: "A wrong code, nothing was begun, or TOTP is active already" },
    ...FORBIDDEN,
    ...WAIT,
  },
  run: async ({ ctx, signedIn, body }) => {
    requireAccess("totp.confirm", { kind: "session", signedIn });
    if (signedIn.twoFactor.isOn) refuse({ code: "conflict", reason: "two_factor_on" });
    const { recoveryCodes } = await confirmTotp(ctx, signedIn, { code: body.token });
    return { status: 200, body: { recovery_codes: recoveryCodes ?? [] } };
  },
});

const verify = operation({
  method: "POST",
  path: `${TOTP}/verify`,
  summary: "Finish logging in with a TOTP or recovery code",
  needs: "nothing",
  body: requests.verification,
  answers: {
    200: { means: "Logged in", body: responses.key },
    400: { means: "A field is missing, or the code is wrong or was used before" },
    401: { means: "The temp token is unknown, lapsed or used" },
    ...WAIT,
  },
  run: async ({ ctx, body }) => {
    const typed = { challengeToken: body.temp_token, code: body.token };
    const { token } = await completeSignIn(ctx, typed);
    return { status: 200, body: { key: token } };
  },
});

const deactivate = operation({
  method: "POST",
  path: `${TOTP}/deactivate`,
  summary: "Turn TOTP off, for a second factor proven at most ten minutes ago",
  needs: "session",
  body: null,
  answers: { 200: { means: "Off" }, 400: { means: "TOTP is not active" }, ...FORBIDDEN },
  run: async ({ ctx, signedIn }) => {
    if (!signedIn.twoFactor.isOn) refuse({ code: "conflict", reason: "two_factor_off" });
    await disableTwoFactorByProof(ctx, signedIn);
    return { status: 200 };
  },
});

/** Omnitron: an Authorization header, Django REST framework's conventions, a slash at the end of addresses. */
export const omnitron = defineDialect({
  name: "omnitron",
  title: "Omnitron",
  original: "Omnitron API 1.0.0, as its OpenAPI 3.0.3 document has it",
  operations: [login, logout, setup, activate, verify, deactivate],
  prefixes: ["/api/v1/"],
  slash: true,
  proof: [
    {
      name: "key",
      scheme: {
        type: "apiKey",
        in: "header",
        name: "Authorization",
        description: "The word Token, a space, and the key that logging in gave",
      },
      gives: ["session"],
    },
  ],
  curlNote: "KEY is the key that login or verify answered: export KEY=...",
  curl: ({ needs }) => (needs === "nothing" ? [] : ['-H "Authorization: Token $KEY"']),
  failure: responses.failure,
  findCaller,
  refusal,
  problem,
  // A key in a header is nothing that another site can make a browser send.
  checkOrigin: null,
});
