import type { InputProblem, Refusal } from "@/lib/core/refusals";
import { type Answer, type Operation, type Problem, waitSeconds } from "../dialect";
import { ofField, ofInput, ofRequest } from "../django-rest";

/** What the core calls a code is `token` here. */
const FIELDS: Readonly<Record<string, string>> = { code: "token" };
const WRONG_PAIR = "Unable to log in with provided credentials.";
const WRONG_CODE = ofField("token", "Invalid token.", "invalid_token");
const INPUT: Record<InputProblem, [message: string, code: string]> = {
  missing: ["This field may not be blank.", "blank"],
  too_short: ["This value is too short.", "invalid"],
  too_long: ["This value is too long.", "invalid"],
  malformed: ["Enter a valid value.", "invalid"],
};

/** How Omnitron says each refusal. */
export function refusal(refused: Refusal, _operation: Operation): Answer {
  switch (refused.code) {
    case "invalid_input":
      // A name that no account can have is a wrong one, whatever the client calls it.
      if (refused.field === "email") return ofInput(WRONG_PAIR, "authentication_failed");
      return ofField(FIELDS[refused.field] ?? refused.field, ...INPUT[refused.problem]);
    case "invalid_credentials":
    case "wrong_password":
      return ofInput(WRONG_PAIR, "authentication_failed");
    case "invalid_code":
      return WRONG_CODE;
    case "challenge_expired":
      // A wrong code is that, the last try as well; what comes after it has no temp token.
      return refused.outOfTries === "now"
        ? WRONG_CODE
        : ofRequest(401, "Invalid or expired temp token.", "authentication_failed");
    case "unauthenticated":
    case "second_factor_required":
      return ofRequest(
        403,
        "Authentication credentials were not provided or are no longer valid.",
        "not_authenticated",
      );
    case "step_up_required":
      return ofRequest(
        403,
        "Log in again first: the last proof of who you are is too old.",
        "step_up_required",
      );
    case "enrolment_required":
    case "password_change_required":
    case "forbidden":
    case "insufficient_scope":
    case "sign_up_closed":
      return ofRequest(403, "You do not have permission to perform this action.", "permission_denied");
    case "not_found":
      return ofRequest(404, "Not found.");
    case "conflict":
      return conflict(refused);
    case "locked":
    case "too_many_requests": {
      const detail = `Request was throttled. Expected available in ${waitSeconds(refused)} seconds.`;
      return ofRequest(429, detail, "throttled");
    }
    case "unavailable":
      return ofRequest(503, "Service temporarily unavailable, try again later.");
  }
}

function conflict({ reason }: Extract<Refusal, { code: "conflict" }>): Answer {
  switch (reason) {
    case "two_factor_on":
      return ofInput("TOTP is already active.", "totp_already_active");
    case "two_factor_off":
      return ofInput("TOTP is not active.", "totp_not_active");
    case "nothing_pending":
      return ofInput("TOTP is not set up.", "totp_not_set_up");
    case "email_taken":
    case "too_many_authenticators":
    case "link_gone":
    case "address_in_use":
    case "email_unconfirmed":
    case "too_many_tokens":
    case "already_confirmed":
    case "own_account":
    case "last_administrator":
    case "two_factor_required":
      return ofInput("This is not possible now.", "invalid");
  }
}

/** How Omnitron says what is wrong with a request whatever it is about. */
export function problem(found: Problem): Answer {
  switch (found.kind) {
    case "not_found":
      return ofRequest(404, "Not found.");
    case "method_not_allowed":
      return ofRequest(405, `Method "${found.method}" not allowed.`, "method_not_allowed");
    case "foreign_origin":
      return ofRequest(403, "You do not have permission to perform this action.", "permission_denied");
    case "too_large":
      return ofRequest(413, "Request body is too large.");
    case "not_json":
      return ofRequest(415, "Unsupported media type in request.");
    case "malformed":
      return ofRequest(400, "JSON parse error.", "parse_error");
    case "invalid":
      if (found.path === "") return ofInput("Invalid data. Expected a dictionary.", "invalid");
      return found.isMissing
        ? ofField(found.path, "This field is required.", "required")
        : ofField(found.path, "Not a valid string.", "invalid");
    case "crashed":
      return ofRequest(500, "A server error occurred.");
  }
}
