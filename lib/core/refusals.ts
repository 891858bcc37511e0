/** What the core says no with. There is no HTTP in it: pages and dialects each say it in their own words. */
export type Refusal =
  | { code: "invalid_input"; field: InputField; problem: InputProblem }
  /** Sign-in: the pair of e-mail and password is wrong; the same for an e-mail nobody has. */
  | { code: "invalid_credentials" }
  /** The password prompt of somebody who is signed in. */
  | { code: "wrong_password" }
  /**
   * A wrong, replayed or used code. `triesLeft` is null where no challenge counts. `isNoneMailed`: a mailed code was asked
   * for, and none is outstanding.
   */
  | { code: "invalid_code"; triesLeft: number | null; hint?: CodeHint; isNoneMailed?: boolean }
  /** The account's factor budget; null: until the owner takes another way. */
  | { code: "locked"; retryAfterSeconds: number | null }
  /** An address's limit, or the wait after wrong passwords. */
  | { code: "too_many_requests"; retryAfterSeconds: number }
  /** No live challenge: unknown, lapsed, used, or out of tries, be it by this wrong code or by those before. */
  | { code: "challenge_expired"; outOfTries?: "now" | "before" }
  | { code: "unauthenticated" }
  | { code: "second_factor_required" }
  | { code: "step_up_required" }
  | { code: "enrolment_required" }
  /** An administrator let codes count again, and a new password is to be chosen first. */
  | { code: "password_change_required" }
  | { code: "forbidden" }
  | { code: "insufficient_scope" }
  | { code: "not_found" }
  | { code: "conflict"; reason: ConflictReason }
  | { code: "sign_up_closed" }
  /** The database cannot be reached now. */
  | { code: "unavailable" };

/**
 * Why a code from an app was wrong: it was used before, or it is one of another time, by so many seconds (below zero: the
 * phone's clock is slow). It helps whoever guesses, too, so a browser that the account does not know never gets one.
 */
export type CodeHint = { kind: "used" } | { kind: "clock"; secondsOff: number };

export type RefusalCode = Refusal["code"];
export type InputField =
  | "email"
  | "password"
  | "newPassword"
  | "name"
  | "code"
  | "reason"
  | "token"
  | "issuer"
  | "scopes"
  | "days"
  | "requiredFrom"
  | "graceDays"
  | AuditField;
/** What the audit log is searched by. */
export type AuditField = "person" | "actor" | "kind" | "via" | "from" | "to" | "before" | "after";
export type InputProblem = "missing" | "too_short" | "too_long" | "malformed";
export type ConflictReason =
  | "email_taken"
  | "two_factor_off"
  | "two_factor_on"
  | "nothing_pending"
  | "too_many_authenticators"
  | "link_gone"
  | "address_in_use"
  | "email_unconfirmed"
  | "too_many_tokens"
  /** An authenticator that is live already. */
  | "already_confirmed"
  /** One's own account, or the last administrator. */
  | "own_account"
  | "last_administrator"
  /** Policy asks for two-factor sign-in, and this would be the end of it. */
  | "two_factor_required";

/** Thrown by every use case that says no. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

/** Says no. */
export function refuse(refusal: Refusal): never {
  throw new Refused(refusal);
}
