import type { Refusal } from "@/lib/core/refusals";
import type { Answer, Operation, Problem } from "../dialect";

type ErrorCode =
  | "BadRequest"
  | "MissingField"
  | "ValidationErrors"
  | "Unauthorized"
  | "Forbidden"
  | "Conflict"
  | "NotFound"
  | "MethodNotAllowed"
  | "TooManyRequests"
  | "ServiceUnavailable"
  | "InternalServerError";

function failed(
  status: number,
  error: ErrorCode,
  message: string,
  more: Record<string, string> = {},
): Answer {
  return { status, body: { error, message, ...more } };
}

/** How Thogits says each refusal. */
export function refusal(refused: Refusal, { path }: Operation): Answer {
  switch (refused.code) {
    case "invalid_input": {
      const field = refused.field === "name" ? "display_name" : refused.field;
      return refused.problem === "missing"
        ? failed(400, "MissingField", `The field ${field} is missing`, { path: field })
        : failed(400, "ValidationErrors", `The field ${field} is ${refused.problem.replace("_", " ")}`, {
            path: field,
          });
    }
    case "invalid_credentials":
    case "wrong_password":
      return failed(401, "Unauthorized", "Wrong e-mail address or password");
    case "invalid_code":
      return failed(400, "BadRequest", "Invalid code");
    case "challenge_expired":
      // A wrong code is that, the last try as well; what comes after it has no partial session.
      return refused.outOfTries === "now"
        ? failed(400, "BadRequest", "Invalid code")
        : failed(401, "Unauthorized", "No partial session: log in first");
    case "unauthenticated":
      return failed(401, "Unauthorized", "Log in first");
    case "second_factor_required":
      return failed(401, "Unauthorized", "The second factor is still owed");
    case "step_up_required":
      return failed(403, "Forbidden", "The last proof of who you are is too old for this", {
        suggestion: "Log in again, then try again",
      });
    case "enrolment_required":
      return failed(403, "Forbidden", "Two-factor authentication must be set up first");
    case "password_change_required":
      return failed(403, "Forbidden", "A new password must be chosen first, on the pages");
    case "forbidden":
    case "insufficient_scope":
      return failed(403, "Forbidden", "This is not allowed");
    case "sign_up_closed":
      return failed(403, "Forbidden", "Accounts are made by an administrator here");
    case "not_found":
      return failed(404, "NotFound", "There is nothing here");
    case "conflict":
      return failed(
        400,
        refused.reason === "email_taken" ? "Conflict" : "BadRequest",
        conflict(refused, path),
      );
    case "locked":
    case "too_many_requests":
      return failed(429, "TooManyRequests", "Too many tries: wait before the next one");
    case "unavailable":
      return failed(503, "ServiceUnavailable", "Try again in a moment");
  }
}

function conflict({ reason }: Extract<Refusal, { code: "conflict" }>, path: string): string {
  switch (reason) {
    case "email_taken":
      return "There is an account with this e-mail address";
    case "two_factor_off":
      return "TOTP is not set up";
    case "two_factor_on":
      return "TOTP is already active";
    case "nothing_pending":
      return path.endsWith("/disable") ? "TOTP is not set up" : "No pending TOTP setup";
    case "too_many_authenticators":
    case "link_gone":
    case "address_in_use":
    case "email_unconfirmed":
    case "too_many_tokens":
    case "already_confirmed":
    case "own_account":
    case "last_administrator":
    case "two_factor_required":
      return "This cannot be done now";
  }
}

/** How Thogits says what is wrong with a request whatever it is about. */
export function problem(found: Problem): Answer {
  switch (found.kind) {
    case "not_found":
      return failed(404, "NotFound", "There is nothing here");
    case "method_not_allowed":
      return failed(405, "MethodNotAllowed", `${found.method} is not allowed here`);
    case "foreign_origin":
      return failed(403, "Forbidden", "This came from another site");
    case "too_large":
      return failed(413, "BadRequest", "The body is too large");
    case "not_json":
      return failed(415, "BadRequest", "The body must be JSON", {
        suggestion: "Send Content-Type: application/json",
      });
    case "malformed":
      return failed(400, "BadRequest", "The body is not valid JSON");
    case "invalid":
      if (found.path === "") return failed(400, "BadRequest", "The body must be a JSON object");
      return found.isMissing
        ? failed(400, "MissingField", `The field ${found.path} is missing`, { path: found.path })
        : failed(400, "ValidationErrors", `The field ${found.path} is not right: ${found.message}`, {
            path: found.path,
          });
    case "crashed":
      return failed(500, "InternalServerError", "Something went wrong on our side");
  }
}
