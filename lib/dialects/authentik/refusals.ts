import type { InputProblem, Refusal } from "@/lib/core/refusals";
import type { JsonType } from "../body";
import { type Answer, type Operation, type Problem, waitSeconds } from "../dialect";
import { ofField, ofInput, ofRequest } from "../django-rest";

const FORBIDDEN = ofRequest(403, "You do not have permission to perform this action.");

const INPUT: Record<InputProblem, string> = {
  missing: "This field may not be blank.",
  too_short: "Ensure this field has more characters.",
  too_long: "Ensure this field has no more than 64 characters.",
  malformed: "Not a valid string.",
};

/** How authentik says each refusal. */
export function refusal(refused: Refusal, { path }: Operation): Answer {
  switch (refused.code) {
    case "invalid_input":
      return ofField(refused.field, INPUT[refused.problem]);
    case "unauthenticated":
    case "second_factor_required":
    case "challenge_expired":
    case "invalid_credentials":
      return ofRequest(403, "Authentication credentials were not provided.");
    case "forbidden":
    case "insufficient_scope":
    case "step_up_required":
    case "enrolment_required":
    case "password_change_required":
    case "sign_up_closed":
    case "wrong_password":
      return FORBIDDEN;
    case "not_found":
      return ofRequest(
        404,
        `No ${path.includes("/static") ? "Static" : "TOTP"}Device matches the given query.`,
      );
    case "conflict":
      return ofInput(conflict(refused));
    case "invalid_code":
      return ofInput("Invalid code.");
    case "locked":
    case "too_many_requests":
      return ofRequest(429, `Request was throttled. Expected available in ${waitSeconds(refused)} seconds.`);
    case "unavailable":
      return ofRequest(503, "Service temporarily unavailable, try again later.");
  }
}

function conflict({ reason }: Extract<Refusal, { code: "conflict" }>): string {
  switch (reason) {
    case "too_many_authenticators":
      return "This user has as many devices as an account can hold.";
    case "own_account":
    case "last_administrator":
    case "two_factor_required":
    case "already_confirmed":
    case "too_many_tokens":
    case "two_factor_on":
    case "two_factor_off":
    case "nothing_pending":
    case "email_taken":
    case "link_gone":
    case "address_in_use":
    case "email_unconfirmed":
      return "This is not possible now.";
  }
}

/** What Python calls a JSON value, which is what the original tells its callers. */
const PYTHON: Record<JsonType, string> = {
  nothing: "NoneType",
  null: "NoneType",
  boolean: "bool",
  number: "float",
  string: "str",
  list: "list",
  object: "dict",
};

/** How authentik says what is wrong with a request whatever it is about. */
export function problem(found: Problem): Answer {
  switch (found.kind) {
    case "not_found":
      return ofRequest(404, "Not found.");
    case "method_not_allowed":
      return ofRequest(405, `Method "${found.method}" not allowed.`);
    case "foreign_origin":
      return FORBIDDEN;
    case "too_large":
      return ofRequest(413, "Request body is too large.");
    case "not_json":
      return ofRequest(415, "Unsupported media type in request.");
    case "malformed":
      return ofRequest(400, "JSON parse error - the body is not JSON");
    case "invalid":
      return invalid(found);
    case "crashed":
      return ofRequest(500, "A server error occurred.");
  }
}

function invalid({ path, isMissing, got, message }: Extract<Problem, { kind: "invalid" }>): Answer {
  if (path === "") return ofInput(`Invalid data. Expected a dictionary, but got ${PYTHON[got]}.`);
  if (isMissing) return ofField(path, "This field is required.");
  if (got === "null") return ofField(path, "This field may not be null.");
  if (path === "user") return ofField(path, `Incorrect type. Expected pk value, received ${PYTHON[got]}.`);
  return ofField(path, got === "string" ? message : "Not a valid string.");
}
