import type { TokenHolder } from "../api-tokens";
import { type Refusal, refuse } from "../refusals";
import type { SignedIn } from "../sessions";
import matrix from "./access-matrix.json" with { type: "json" };
import { OPERATIONS, type Operation } from "./operations";
import { isAdministrators, scopeOf } from "./scopes";

/** Whoever acts on an account: a person who is signed in, or a program with an API token. */
export type Acting = SignedIn | TokenHolder;

/** Who asks. A revoked or made-up session is anonymous: nothing tells them apart. */
export type Caller =
  | { kind: "anonymous" }
  | { kind: "challenge" }
  | { kind: "session"; signedIn: SignedIn }
  | { kind: "token"; holder: TokenHolder };

/** A column of the matrix. */
export type CallerState =
  | "ANON"
  | "PART"
  | "ENROL"
  | "FULL0"
  | "FULL2"
  | "STALE"
  | "ADMIN"
  | "ADM_STALE"
  | "TOK-"
  | "TOK+";

/** What a cell says, apart from yes. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  U: { code: "step_up_required" },
  E: { code: "enrolment_required" },
  "1": { code: "unauthenticated" },
  "2": { code: "second_factor_required" },
  X: { code: "forbidden" },
  S: { code: "insufficient_scope" },
  N: { code: "not_found" },
  C: { code: "conflict", reason: "two_factor_off" },
};

const ROWS = new Map(matrix.rows.map((row) => [row.n, row]));

/** What is open while a new password is owed: choosing it, proving who chooses, and the way out. */
const BEFORE_NEW_PASSWORD: ReadonlySet<Operation> = new Set<Operation>([
  "two_factor.read",
  "code.verify",
  "recovery_code.use",
  "email_code.send",
  "email_code.verify",
  "password.change",
  "sign_out",
]);

/** The caller that whoever acts is. */
export function callerOf(acting: Acting): Caller {
  return "session" in acting ? { kind: "session", signedIn: acting } : { kind: "token", holder: acting };
}

/**
 * The matrix column a caller stands in when they ask for an operation. An administrator's columns presume two-factor
 * sign-in (the matrix: "FULL2 + role admin"); one without it is asked to set it up before anything else, as policy has it.
 */
export function callerState(operation: Operation, caller: Caller): CallerState {
  if (caller.kind === "anonymous") return "ANON";
  if (caller.kind === "challenge") return "PART";
  if (caller.kind === "token") {
    const scope = scopeOf(operation);
    return caller.holder.token.scopes.some((held) => held === scope) ? "TOK+" : "TOK-";
  }
  const { demand, isProofFresh, mustChangePassword, twoFactor, user } = caller.signedIn;
  // Who owes both chooses the password first, as they would have before policy asked.
  if (demand.isDue && !mustChangePassword) return "ENROL";
  const isAdmin = user.isAdmin && twoFactor.isOn;
  if (!isProofFresh) return isAdmin ? "ADM_STALE" : "STALE";
  if (isAdmin) return "ADMIN";
  return twoFactor.isOn ? "FULL2" : "FULL0";
}

/**
 * What somebody who is signed in owes before anything else, or null. Applications that ask who is signed in take the answer
 * for more than these sessions open, so they are told of nobody until then.
 */
export function owedFirst({ demand, mustChangePassword }: Pick<SignedIn, "demand" | "mustChangePassword">) {
  if (mustChangePassword) return { code: "password_change_required" } as const satisfies Refusal;
  return demand.isDue ? ({ code: "enrolment_required" } as const satisfies Refusal) : null;
}

/**
 * Asks the matrix. Returns when the caller may; a starred cell means yes under a condition that the use case checks.
 * Refuses with the cell's refusal; an operation or cell that the matrix does not have is refused as `forbidden`. Whoever owes
 * a new password is refused `password_change_required` but for what leads to one.
 */
export function requireAccess(operation: Operation, caller: Caller): void {
  const { cells, scope } = ROWS.get(OPERATIONS[operation]) ?? refuse({ code: "forbidden" });
  const state = callerState(operation, caller);
  const cell = cells[state];
  if (caller.kind === "session") {
    const { signedIn } = caller;
    if (signedIn.mustChangePassword && !BEFORE_NEW_PASSWORD.has(operation))
      refuse({ code: "password_change_required" });
    // The matrix, row 18: an administrator is told what is missing.
    if (state === "ENROL" && signedIn.user.isAdmin && cell === "X") refuse({ code: "enrolment_required" });
    // An old proof of the password is no better for a set-up that is owed.
    if (state === "ENROL" && !signedIn.isProofFresh && cells.STALE === "U" && cell === "A")
      refuse({ code: "step_up_required" });
  }
  // A scope that was given to an administrator is nothing in the hands of somebody who is none any more.
  if (caller.kind === "token" && isAdministrators(scope) && !caller.holder.user.isAdmin)
    refuse({ code: "forbidden" });
  if (cell === "A" || cell === "A*") return;
  refuse(REFUSALS[cell] ?? { code: "forbidden" });
}
