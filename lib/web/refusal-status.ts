import type { Refusal } from "@/lib/core/refusals";

/** The HTTP status with which a page says a refusal. A new refusal does not compile until it has one. */
export function refusalStatus(refusal: Refusal): number {
  switch (refusal.code) {
    case "invalid_input":
    case "invalid_code":
      return 400;
    case "invalid_credentials":
    case "challenge_expired":
    case "unauthenticated":
    case "second_factor_required":
      return 401;
    case "wrong_password":
    case "step_up_required":
    case "enrolment_required":
    case "password_change_required":
    case "forbidden":
    case "insufficient_scope":
    case "sign_up_closed":
      return 403;
    case "not_found":
      return 404;
    case "conflict":
      return 409;
    case "locked":
    case "too_many_requests":
      return 429;
    case "unavailable":
      return 503;
  }
}
