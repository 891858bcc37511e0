import { type Refusal, refuse } from "../refusals";
import type { SignedIn } from "../sessions";
import matrix from "./access-matrix.json" with { type: "json" };
import { OPERATIONS, type Operation } from "./operations";

/** Who asks. A revoked or made-up session is anonymous: nothing tells them apart. */
export type Caller = { kind: "anonymous" } | { kind: "challenge" } | { kind: "session"; signedIn: SignedIn };

/** A column of the matrix. */
export type CallerState = "ANON" | "PART" | "FULL0" | "FULL2" | "STALE" | "ADMIN" | "ADM_STALE";

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

const ROWS = new Map(matrix.rows.map((row) => [row.n, row.cells]));

/**
 * The matrix column a caller stands in. An administrator's columns presume two-factor sign-in (the matrix: "FULL2 + role
 * admin"), so without it an administrator is what everybody else is.
 */
export function callerState(caller: Caller): CallerState {
  if (caller.kind === "anonymous") return "ANON";
  if (caller.kind === "challenge") return "PART";
  const { isProofFresh, twoFactor, user } = caller.signedIn;
  const isAdmin = user.isAdmin && twoFactor.isOn;
  if (!isProofFresh) return isAdmin ? "ADM_STALE" : "STALE";
  if (isAdmin) return "ADMIN";
  return twoFactor.isOn ? "FULL2" : "FULL0";
}

/**
 * Asks the matrix. Returns when the caller may; a starred cell means yes under a condition that the use case checks.
 * Refuses with the cell's refusal; an operation or cell that the matrix does not have is refused as `forbidden`.
 */
export function requireAccess(operation: Operation, caller: Caller): void {
  const cell = ROWS.get(OPERATIONS[operation])?.[callerState(caller)];
  if (cell === "A" || cell === "A*") return;
  refuse(REFUSALS[cell ?? "X"] ?? { code: "forbidden" });
}
