import { requireAccess } from "@/lib/core/access/guard";
import type { Operation as Access } from "@/lib/core/access/operations";
import { completeSignIn } from "@/lib/core/challenges";
import { confirmTotp } from "@/lib/core/factors/confirm-totp";
import { regenerateRecoveryCodes } from "@/lib/core/factors/recovery-codes";
import type { AskedFactor } from "@/lib/core/factors/registry";
import { disableTwoFactorByProof } from "@/lib/core/factors/remove-totp";
import { showTotpKey, startTotpSetupWithRecoveryCodes } from "@/lib/core/factors/totp";
import { checkOwnMailedCode, mailOwnCode, mailSignInCode } from "@/lib/core/mailed-code";
import { refuse } from "@/lib/core/refusals";
import { endSession, type SignedIn } from "@/lib/core/sessions";
import { proveOwnPassword } from "@/lib/core/sign-in";
import { stepUp, withOwnProof } from "@/lib/core/step-up";
import { leave, nobodyCookies, withoutRedeemed } from "../browser-session";
import { type Answer, type Caller, operation, WAIT } from "../dialect";
import { NOT_FRESH, UNAUTHORIZED } from "./account";
import { trustCookie } from "./caller";
import * as requests from "./requests";
import * as responses from "./responses";
import { handOut, renewed, signedInAnswer, verified } from "./session-answers";

const BASE = "/api/auth/two-factor";
const PASSWORD = {
  400: { means: "VALIDATION_ERROR, INVALID_PASSWORD, or the state of the account forbids it" },
  ...WAIT,
};
const WRONG_CODE = {
  400: { means: "VALIDATION_ERROR, TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE, or there is nothing to verify" },
  401: { means: "A wrong or used code, or INVALID_TWO_FACTOR_COOKIE: neither session nor challenge" },
  429: { means: "ACCOUNT_TEMPORARILY_LOCKED, or too many requests" },
};

type OwnCall = Caller & { signedIn: SignedIn; body: { password: string } };

/** The password in the request proves who asks; where two-factor is on, a lately proven second factor is asked for first. */
async function byPassword({ ctx, signedIn, body }: OwnCall, access: Access): Promise<SignedIn> {
  if (signedIn.twoFactor.isOn) requireAccess(access, { kind: "session", signedIn });
  await proveOwnPassword(ctx, signedIn, body.password, "step_up.failed");
  return withOwnProof(signedIn);
}

const enable = operation({
  method: "POST",
  path: `${BASE}/enable`,
  summary: "Begin to set an authenticator up; nothing changes until a code of it is verified",
  needs: "session",
  body: requests.enabling,
  answers: {
    200: { means: "The key and the backup codes, shown this once", body: responses.enabled },
    ...PASSWORD,
    ...UNAUTHORIZED,
    ...NOT_FRESH,
  },
  run: async (call) => {
    const signedIn = await byPassword(call, "totp.start");
    if (call.body.method === "otp") {
      // Mailed codes are there for whoever has an authenticator, where the operator offers them; alone they protect nothing.
      if (!call.ctx.settings.emailCodes) refuse({ code: "forbidden" });
      return { status: 200, body: { method: "otp" } };
    }
    const { issuer } = call.body;
    const { uri, recoveryCodes } = await startTotpSetupWithRecoveryCodes(call.ctx, signedIn, { issuer });
    return { status: 200, body: { method: "totp", totpURI: uri, backupCodes: recoveryCodes } };
  },
});

const getTotpUri = operation({
  method: "POST",
  path: `${BASE}/get-totp-uri`,
  summary: "The key of a pending authenticator, or of a live one for a fresh second factor",
  needs: "session",
  body: requests.password,
  answers: {
    200: { means: "The key URI", body: responses.totpUri },
    ...PASSWORD,
    ...UNAUTHORIZED,
    ...NOT_FRESH,
  },
  run: async (call) => {
    const signedIn = await byPassword(call, "totp.start");
    return { status: 200, body: { totpURI: await showTotpKey(call.ctx, signedIn) } };
  },
});

type CodeCall = Caller & { body: { code: string; trustDevice?: boolean | undefined } };

/** Completes a sign-in with a code of one kind. */
async function complete(
  { ctx, challengeToken, body }: CodeCall,
  factor: AskedFactor,
): Promise<Awaited<ReturnType<typeof completeSignIn>>> {
  const token = challengeToken ?? refuse({ code: "challenge_expired" });
  const trustBrowser = body.trustDevice ?? false;
  return completeSignIn(ctx, { challengeToken: token, code: body.code, factor, trustBrowser });
}

async function signInWith(call: CodeCall & { isRemembered: boolean }, factor: AskedFactor): Promise<Answer> {
  const opened = await complete(call, factor);
  await leave(withoutRedeemed(call));
  return signedInAnswer(call, opened, call.isRemembered);
}

/**
 * Proves a second factor again within a session, which goes on: a browser's by a new token, so that a copy of the old one does
 * not become as good as this.
 */
async function proveAgain(call: CodeCall, signedIn: SignedIn, factor: AskedFactor): Promise<Answer> {
  const { body, isByCookie, isRemembered, sessionToken } = call;
  // Who holds a bearer token would not look for a new one.
  const ctx = isByCookie ? call.ctx : { ...call.ctx, keptToken: sessionToken };
  const session = await stepUp(ctx, signedIn, { code: body.code, factor });
  const given = isByCookie ? handOut(call, session, isRemembered) : {};
  return { ...verified(await renewed(call, session), session.token), ...given };
}

const verifyTotp = operation({
  method: "POST",
  path: `${BASE}/verify-totp`,
  summary: "A code of the authenticator: finishes a sign-in, turns two-factor on, or proves it again",
  needs: "either",
  body: requests.code,
  answers: { 200: { means: "Verified", body: responses.verified }, ...WRONG_CODE },
  run: async (call) => {
    const { ctx, signedIn, body } = call;
    if (signedIn === null) return signInWith(call, "totp");
    if (signedIn.twoFactor.isOn) return proveAgain(call, signedIn, "totp");
    // A set-up is begun by a proof, in this session, and lapses soon: whoever reads a code of it is who began it.
    const confirmed = await confirmTotp(ctx, withOwnProof(signedIn), { code: body.code });
    return {
      ...verified(await renewed(call, confirmed), confirmed.token),
      ...handOut(call, confirmed, call.isRemembered),
    };
  },
});

const sendOtp = operation({
  method: "POST",
  path: `${BASE}/send-otp`,
  summary: "Mail a code; one mailed before is void",
  needs: "either",
  body: requests.nothing,
  answers: {
    200: { means: "It is on its way", body: responses.status },
    400: { means: "OTP_NOT_CONFIGURED, OTP_NOT_ENABLED, TWO_FACTOR_NOT_ENABLED" },
    401: { means: "INVALID_TWO_FACTOR_COOKIE: neither session nor challenge" },
    ...WAIT,
  },
  run: async ({ ctx, signedIn, challengeToken }) => {
    if (signedIn !== null) await mailOwnCode(ctx, signedIn);
    else
      await mailSignInCode(ctx, { challengeToken: challengeToken ?? refuse({ code: "challenge_expired" }) });
    return { status: 200, body: { status: true } };
  },
});

const verifyOtp = operation({
  method: "POST",
  path: `${BASE}/verify-otp`,
  summary: "A mailed code: finishes a sign-in; within a session it is proof of nothing sensitive",
  needs: "either",
  body: requests.code,
  answers: { 200: { means: "Verified", body: responses.verified }, ...WRONG_CODE },
  run: async (call) => {
    const { ctx, signedIn, sessionToken, body } = call;
    if (signedIn === null) return signInWith(call, "email");
    await checkOwnMailedCode(ctx, signedIn, body);
    return verified(signedIn, sessionToken ?? "");
  },
});

const verifyBackupCode = operation({
  method: "POST",
  path: `${BASE}/verify-backup-code`,
  summary: "A backup code: finishes a sign-in, or proves the second factor again",
  needs: "either",
  body: requests.backupCode,
  answers: {
    200: {
      means: "Verified; without a session if that was asked for",
      body: responses.verified.or(responses.verifiedAlone),
    },
    ...WRONG_CODE,
  },
  run: async (call) => {
    const { ctx, signedIn, body } = call;
    if (signedIn !== null) {
      if (!signedIn.twoFactor.isOn) refuse({ code: "conflict", reason: "two_factor_off" });
      const answer = await proveAgain(call, signedIn, "recovery");
      return body.disableSession ? { ...answer, body: { user: responses.userOf(signedIn) } } : answer;
    }
    const opened = await complete(call, "recovery");
    await leave(withoutRedeemed(call));
    if (!body.disableSession) return signedInAnswer(call, opened, call.isRemembered);
    await endSession(ctx, opened.token);
    return {
      status: 200,
      body: { user: responses.userOf(opened.signedIn) },
      cookies: nobodyCookies(),
    };
  },
});

const generateBackupCodes = operation({
  method: "POST",
  path: `${BASE}/generate-backup-codes`,
  summary: "New backup codes; the old ones are void",
  needs: "session",
  body: requests.password,
  answers: {
    200: { means: "The codes, shown this once", body: responses.backupCodes },
    ...PASSWORD,
    ...UNAUTHORIZED,
    ...NOT_FRESH,
  },
  run: async (call) => {
    const signedIn = await byPassword(call, "recovery_codes.regenerate");
    const backupCodes = await regenerateRecoveryCodes(call.ctx, signedIn);
    return { status: 200, body: { status: true, backupCodes } };
  },
});

const disable = operation({
  method: "POST",
  path: `${BASE}/disable`,
  summary: "Turn two-factor off, for the password and a second factor proven at most ten minutes ago",
  needs: "session",
  body: requests.password,
  answers: { 200: { means: "Off", body: responses.status }, ...PASSWORD, ...UNAUTHORIZED, ...NOT_FRESH },
  run: async (call) => {
    const signedIn = await byPassword(call, "totp.remove");
    const removed = await disableTwoFactorByProof(call.ctx, signedIn);
    const { cookies, headers } = handOut(call, removed, call.isRemembered);
    const trustGone = { name: trustCookie(), value: null };
    return { status: 200, body: { status: true }, cookies: [...cookies, trustGone], headers };
  },
});

export const twoFactorOperations = [
  enable,
  getTotpUri,
  verifyTotp,
  sendOtp,
  verifyOtp,
  verifyBackupCode,
  generateBackupCodes,
  disable,
];
