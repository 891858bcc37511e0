import type { Refusal } from "@/lib/core/refusals";
import type { AnswerCookie } from "@/lib/http/answer-cookie";
import { ownName } from "../browser-session";
import { type Answer, type Operation, type Problem, waitSeconds } from "../dialect";
import { COOKIES } from "./caller";

function failed(status: number, code: string, message: string): Answer {
  return { status, body: { message, code } };
}

/** How Athena says each refusal. */
export function refusal(refused: Refusal, operation: Operation): Answer {
  switch (refused.code) {
    case "invalid_input":
      return invalidInput(refused, operation);
    case "invalid_credentials":
      return failed(401, "INVALID_EMAIL_OR_PASSWORD", "Invalid email or password");
    case "wrong_password":
      return failed(400, "INVALID_PASSWORD", "Invalid password");
    case "invalid_code":
      return refused.isNoneMailed ? failed(400, "OTP_HAS_EXPIRED", "OTP has expired") : wrongCode(operation);
    case "challenge_expired":
      return challengeOver(refused, operation);
    case "unauthenticated":
    case "second_factor_required":
      return failed(401, "UNAUTHORIZED", "Unauthorized");
    case "step_up_required":
      return failed(403, "SESSION_NOT_FRESH", "Session is not fresh");
    case "enrolment_required":
    case "password_change_required":
    case "insufficient_scope":
      return failed(403, "FORBIDDEN", "Forbidden");
    case "forbidden":
      return /(?:-otp|\/enable)$/.test(operation.path)
        ? failed(400, "OTP_NOT_CONFIGURED", "OTP is not available")
        : failed(403, "FORBIDDEN", "Forbidden");
    case "sign_up_closed":
      return failed(400, "EMAIL_PASSWORD_SIGN_UP_DISABLED", "Email and password sign up is not enabled");
    case "not_found":
      return failed(404, "NOT_FOUND", "Not found");
    case "conflict":
      return conflict(refused, operation);
    case "locked": {
      const message = "Too many failed verification attempts. Your account is temporarily locked.";
      return { ...failed(429, "ACCOUNT_TEMPORARILY_LOCKED", message), headers: alsoWaiting(refused) };
    }
    case "too_many_requests":
      return {
        status: 429,
        body: { message: "Too many requests. Please try again later." },
        headers: alsoWaiting(refused),
      };
    case "unavailable":
      return failed(503, "SERVICE_UNAVAILABLE", "Service unavailable");
  }
}

/** The header that the original has beside the standard's. */
function alsoWaiting(refused: Refusal): Record<string, string> {
  return { "X-Retry-After": `${waitSeconds(refused)}` };
}

function wrongCode({ path }: Operation): Answer {
  return path.endsWith("/verify-backup-code")
    ? failed(401, "INVALID_BACKUP_CODE", "Invalid backup code")
    : failed(401, "INVALID_CODE", "Invalid code");
}

function challengeOver(
  { outOfTries }: Extract<Refusal, { code: "challenge_expired" }>,
  operation: Operation,
): Answer {
  if (outOfTries === "now") return wrongCode(operation);
  if (outOfTries !== "before") return failed(401, "INVALID_TWO_FACTOR_COOKIE", "Invalid two factor cookie");
  const cookies: AnswerCookie[] = [{ name: ownName(COOKIES, COOKIES.challenge), value: null }];
  const message = "Too many attempts. Please request a new code.";
  return { ...failed(400, "TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE", message), cookies };
}

function invalidInput(
  { field, problem: found }: Extract<Refusal, { code: "invalid_input" }>,
  operation: Operation,
): Answer {
  // What is no code at all is a wrong one.
  if (field === "code") return wrongCode(operation);
  const isPassword = field === "password" || field === "newPassword";
  if (isPassword && found === "too_short") return failed(400, "PASSWORD_TOO_SHORT", "Password too short");
  if (isPassword && found === "too_long") return failed(400, "PASSWORD_TOO_LONG", "Password too long");
  if (field === "email") return failed(400, "INVALID_EMAIL", "Invalid email");
  return failed(400, "VALIDATION_ERROR", `[body.${field}] ${found.replace("_", " ")}`);
}

function conflict({ reason }: Extract<Refusal, { code: "conflict" }>, { path }: Operation): Answer {
  switch (reason) {
    case "email_taken":
      return failed(422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL", "User already exists. Use another email.");
    case "two_factor_on":
      return failed(400, "TOTP_ALREADY_ENABLED", "TOTP is already enabled");
    case "two_factor_off":
      return path.endsWith("/verify-backup-code")
        ? failed(400, "BACKUP_CODES_NOT_ENABLED", "Backup codes aren't enabled")
        : failed(400, "TWO_FACTOR_NOT_ENABLED", "Two factor isn't enabled");
    case "nothing_pending":
      return failed(400, "TOTP_NOT_ENABLED", "TOTP not enabled");
    case "email_unconfirmed":
      return failed(400, "OTP_NOT_ENABLED", "OTP not enabled: the e-mail address is not verified");
    case "too_many_authenticators":
    case "link_gone":
    case "address_in_use":
    case "too_many_tokens":
    case "already_confirmed":
    case "own_account":
    case "last_administrator":
    case "two_factor_required":
      return failed(400, "BAD_REQUEST", "This is not possible now");
  }
}

/** How Athena says what is wrong with a request whatever it is about. */
export function problem(found: Problem): Answer {
  switch (found.kind) {
    case "not_found":
    case "method_not_allowed":
      return { status: 404 };
    case "foreign_origin":
      return found.isMissing
        ? failed(403, "MISSING_OR_NULL_ORIGIN", "Missing or null Origin")
        : failed(403, "INVALID_ORIGIN", "Invalid origin");
    case "too_large":
      return failed(413, "PAYLOAD_TOO_LARGE", "The body is too large");
    case "not_json":
      return failed(415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported media type");
    case "malformed":
      return failed(400, "BAD_REQUEST", "Invalid JSON");
    case "invalid":
      return failed(400, "VALIDATION_ERROR", `[body${found.path && `.${found.path}`}] ${found.message}`);
    case "crashed":
      return failed(500, "INTERNAL_SERVER_ERROR", "Internal server error");
  }
}
