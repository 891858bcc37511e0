import type { RefusalCode } from "../refusals";

/** What each cell of the access matrix says: a yes, or the code of a refusal. */
export const CELL_SAYS: Readonly<Record<string, "allowed" | RefusalCode>> = {
  A: "allowed",
  "A*": "allowed",
  U: "step_up_required",
  E: "enrolment_required",
  "1": "unauthenticated",
  "2": "second_factor_required",
  X: "forbidden",
  S: "insufficient_scope",
  N: "not_found",
  C: "conflict",
};
