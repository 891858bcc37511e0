import { LIMITS } from "@/lib/core/limits";
import type { Refusal } from "@/lib/core/refusals";
import { type Answer, type Problem, waitSeconds } from "../dialect";

/** What went wrong, the same on every transport: google.rpc.Status with a zitadel.v1.ErrorDetail, where it has an id. */
export type Status = { code: number; message: string; id?: string };

/** The codes of gRPC that are answered (google.rpc.Code), and what each is over REST. */
const HTTP: Readonly<Record<number, number>> = {
  3: 400,
  5: 404,
  6: 409,
  7: 403,
  8: 429,
  9: 400,
  12: 501,
  13: 500,
  14: 503,
  16: 401,
};

export const WRONG_CODE: Status = { code: 3, id: "EVENT-8isk2", message: "Invalid code" };
export const NO_HEADER: Status = { code: 16, message: "auth header missing" };
export const TOO_LARGE: Status = { code: 8, message: "The message is larger than 65536 bytes" };
export const CRASHED: Status = { code: 13, message: "An internal error occurred" };
const WRONG_PASSWORD: Status = { code: 3, id: "COMMAND-3M0fs", message: "Password is invalid" };
const NOT_FOUND: Status = { code: 5, id: "COMMAND-3Mif9s", message: "TOTP does not exist" };
const FORBIDDEN: Status = { code: 7, id: "AUTH-AWfge", message: "No matching permissions found" };

const LOCKED: Status = { code: 8, id: "COMMAND-SF3fg", message: "User is locked" };

/** Each refusal in Zitadel's words. */
export function statusOf(refused: Refusal): Status {
  switch (refused.code) {
    case "invalid_input":
      // What can be no code, or nobody's name, is a wrong one.
      if (refused.field === "code") return WRONG_CODE;
      if (refused.field === "email") return WRONG_PASSWORD;
      return { code: 3, message: `The value of ${refused.field} is not valid` };
    case "invalid_credentials":
    case "wrong_password":
      return WRONG_PASSWORD;
    case "invalid_code":
      return WRONG_CODE;
    case "challenge_expired":
      if (refused.outOfTries === "now") return WRONG_CODE;
      if (refused.outOfTries === "before") return LOCKED;
      return { code: 7, id: "COMMAND-sGr42", message: "Session token is invalid" };
    case "unauthenticated":
    case "second_factor_required":
      return { code: 16, id: "AUTH-7fs1e", message: "Invalid token" };
    case "step_up_required":
      return { ...FORBIDDEN, message: "The last proof of who you are is too old, sign in again" };
    case "enrolment_required":
    case "password_change_required":
    case "forbidden":
    case "insufficient_scope":
    case "sign_up_closed":
      return FORBIDDEN;
    case "not_found":
      return NOT_FOUND;
    case "conflict":
      return conflict(refused);
    case "locked":
    case "too_many_requests":
      return LOCKED;
    case "unavailable":
      return { code: 14, message: "The service is not available now" };
  }
}

function conflict({ reason }: Extract<Refusal, { code: "conflict" }>): Status {
  switch (reason) {
    case "already_confirmed":
      return { code: 9, id: "COMMAND-qx4ls", message: "TOTP is already verified" };
    case "nothing_pending":
    case "two_factor_off":
      return NOT_FOUND;
    case "two_factor_on":
    case "too_many_authenticators":
    case "email_taken":
    case "link_gone":
    case "address_in_use":
    case "email_unconfirmed":
    case "too_many_tokens":
    case "own_account":
    case "last_administrator":
    case "two_factor_required":
      return { code: 9, id: "COMMAND-8f2kd", message: "This is not possible now" };
  }
}

/** A status as a sentence: with its id, where it has one. */
export function sentenceOf({ id, message }: Status): string {
  return id === undefined ? message : `${message} (${id})`;
}

/** A status over REST. */
export function answerOf(status: Status, http = HTTP[status.code] ?? 500): Answer {
  const { code, id, message } = status;
  const detail = { "@type": "type.googleapis.com/zitadel.v1.ErrorDetail", id, message };
  return {
    status: http,
    body: { code, message: sentenceOf(status), ...(id === undefined ? {} : { details: [detail] }) },
    // RFC 9110, section 11.6.1.
    ...(http === 401 ? { headers: { "WWW-Authenticate": "Bearer" } } : {}),
  };
}

/** How Zitadel says each refusal over REST. */
export function refusal(refused: Refusal): Answer {
  const answer = answerOf(statusOf(refused));
  // What used a sign-in's tries up made the account wait, too.
  const isSpent = refused.code === "challenge_expired" && answer.status === 429;
  return isSpent ? { ...answer, headers: { "Retry-After": `${LIMITS.account.waits[0].seconds}` } } : answer;
}

/** Trailers of a refusal over gRPC: for how many seconds to wait, as the header of that name says it over REST. */
export function trailersOf(refused: Refusal): Record<string, string> {
  const seconds = waitSeconds(refused);
  return seconds === null ? {} : { "retry-after": `${seconds}` };
}

/** How Zitadel says what is wrong with a request whatever it is about. */
export function problem(found: Problem): Answer {
  switch (found.kind) {
    case "not_found":
      return answerOf({ code: 5, message: "Not Found" });
    case "method_not_allowed":
      return answerOf({ code: 12, message: "Method Not Allowed" }, 405);
    case "foreign_origin":
      return answerOf(FORBIDDEN);
    case "too_large":
      return answerOf(TOO_LARGE, 413);
    case "not_json":
    case "malformed":
      return answerOf({ code: 3, message: "The body is not JSON" });
    case "invalid":
      return answerOf({
        code: 3,
        message: found.path === "" ? "The body is not valid" : `The value of ${found.path} is not valid`,
      });
    case "crashed":
      return answerOf(CRASHED);
  }
}
