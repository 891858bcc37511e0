import { describe, expect, it } from "vitest";
import { Refused } from "../refusals";
import type { SignedIn } from "../sessions";
import matrix from "./access-matrix.json" with { type: "json" };
import { type Caller, type CallerState, callerState, requireAccess } from "./guard";
import { OPERATIONS, type Operation } from "./operations";

const NOW = new Date("2030-01-01T00:00:00Z");

function session(isOn: boolean, isProofFresh: boolean, isAdmin = false): Caller {
  const signedIn: SignedIn = {
    session: {
      id: "s",
      createdAt: NOW,
      lastSeenAt: NOW,
      expiresAt: NOW,
      passwordProvenAt: NOW,
      factorProvenAt: null,
      address: "192.0.2.1",
      userAgent: "Test",
    },
    user: {
      id: "u",
      number: 1,
      email: "a@example.org",
      isEmailConfirmed: false,
      name: null,
      isAdmin,
      createdAt: NOW,
      factorsChangedAt: null,
    },
    twoFactor: { isOn, recoveryCodesLeft: isOn ? 10 : 0 },
    isProofFresh,
  };
  return { kind: "session", signedIn };
}

const CALLERS: Record<CallerState, Caller> = {
  ANON: { kind: "anonymous" },
  PART: { kind: "challenge" },
  FULL0: session(false, true),
  FULL2: session(true, true),
  STALE: session(true, false),
  ADMIN: session(true, true, true),
  ADM_STALE: session(true, false, true),
};

const SAYS: Record<string, string> = {
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

function answer(operation: Operation, caller: Caller): string {
  try {
    requireAccess(operation, caller);
    return "allowed";
  } catch (error) {
    if (error instanceof Refused) return error.refusal.code;
    throw error;
  }
}

describe.each(Object.entries(CALLERS))("a caller in the state %s", (state, caller) => {
  it("is recognised", () => expect(callerState(caller)).toBe(state));

  // Object.entries loses the keys' type; these are exactly Operation's.
  it.each(Object.keys(OPERATIONS) as Operation[])("%s: as the matrix says", (operation) => {
    const row = matrix.rows.find(({ n }) => n === OPERATIONS[operation]);
    expect(answer(operation, caller)).toBe(SAYS[row?.cells[state as CallerState] ?? "missing"]);
  });
});

it("an administrator without two-factor has no administrator's rights", () => {
  expect(callerState(session(false, true, true))).toBe("FULL0");
  expect(callerState(session(false, false, true))).toBe("STALE");
});
