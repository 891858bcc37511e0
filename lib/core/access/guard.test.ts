import { describe, expect, it } from "vitest";
import type { TokenHolder } from "../api-tokens";
import { Refused } from "../refusals";
import type { SignedIn } from "../sessions";
import { CELL_SAYS } from "../testing/cells";
import matrix from "./access-matrix.json" with { type: "json" };
import { type Caller, type CallerState, callerState, requireAccess } from "./guard";
import { OPERATIONS, type Operation } from "./operations";
import { SCOPES } from "./scopes";

const NOW = new Date("2030-01-01T00:00:00Z");
const NOT_ASKED = { isRequired: false, enrolBy: null, isDue: false, announcedFor: null };
const DUE = { isRequired: true, enrolBy: null, isDue: true, announcedFor: null };

const user = (isAdmin: boolean): SignedIn["user"] => ({
  id: "u",
  number: 1,
  email: "a@example.org",
  isEmailConfirmed: false,
  name: null,
  isAdmin,
  createdAt: NOW,
  factorsChangedAt: null,
});

type Change = Partial<Pick<SignedIn, "demand" | "mustChangePassword">> & { isAdmin?: boolean };

function session(isOn: boolean, isProofFresh: boolean, change: Change = {}): Caller {
  const { isAdmin = false, demand = NOT_ASKED, mustChangePassword = false } = change;
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
    user: user(isAdmin),
    twoFactor: { isOn, recoveryCodesLeft: isOn ? 10 : 0 },
    isProofFresh,
    demand,
    mustChangePassword,
  };
  return { kind: "session", signedIn };
}

function token(scopes: readonly string[], isAdmin = true): Caller {
  const holder: TokenHolder = {
    token: { id: "t", name: "Script", scopes, expiresAt: NOW },
    user: user(isAdmin),
    twoFactor: { isOn: true, recoveryCodesLeft: 10 },
  };
  return { kind: "token", holder };
}

// Object.keys loses the keys' type; these are exactly Operation's.
const ALL = Object.keys(OPERATIONS) as Operation[];
const rowOf = (operation: Operation) => matrix.rows.find(({ n }) => n === OPERATIONS[operation]);

/** A caller in each state; of the last two it depends on what is asked for. */
const CALLERS: Record<CallerState, (operation: Operation) => Caller> = {
  ANON: () => ({ kind: "anonymous" }),
  PART: () => ({ kind: "challenge" }),
  ENROL: () => session(false, true, { demand: DUE }),
  FULL0: () => session(false, true),
  FULL2: () => session(true, true),
  STALE: () => session(true, false),
  ADMIN: () => session(true, true, { isAdmin: true }),
  ADM_STALE: () => session(true, false, { isAdmin: true }),
  "TOK-": (operation) => token(SCOPES.filter((scope) => scope !== rowOf(operation)?.scope)),
  "TOK+": (operation) => token([rowOf(operation)?.scope ?? ""]),
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

describe.each(Object.entries(CALLERS))("a caller in the state %s", (state, callerFor) => {
  it.each(ALL)("%s: as the matrix says", (operation) => {
    const caller = callerFor(operation);
    expect(callerState(operation, caller)).toBe(state);
    // Of an object's keys TypeScript only knows that they are strings; these are the type's.
    expect(answer(operation, caller)).toBe(
      CELL_SAYS[rowOf(operation)?.cells[state as CallerState] ?? "missing"],
    );
  });
});

describe("an administrator without two-factor sign-in", () => {
  it.each(ALL)("%s: never allowed as an administrator", (operation) => {
    const cells = rowOf(operation)?.cells;
    const said = answer(operation, session(false, true, { isAdmin: true, demand: DUE }));
    if (cells?.FULL2 === "X" && cells.ADMIN === "A") expect(said).toBe("enrolment_required");
    else expect(said).toBe(CELL_SAYS[cells?.ENROL ?? "missing"]);
  });
});

it("a set-up that policy asks for takes a fresh password", () => {
  const stale = session(false, false, { demand: DUE });
  expect(answer("totp.start", stale)).toBe("step_up_required");
  expect(answer("totp.confirm", stale)).toBe("step_up_required");
  expect(answer("two_factor.read", stale)).toBe("allowed");
});

it("while a new password is owed, nothing is open but what leads to one", () => {
  const owing = session(true, true, { isAdmin: true, mustChangePassword: true });
  const open = ALL.filter((operation) => answer(operation, owing) !== "password_change_required");
  expect(open.sort()).toEqual(
    [
      "code.verify",
      "email_code.send",
      "email_code.verify",
      "password.change",
      "recovery_code.use",
      "sign_out",
      "two_factor.read",
    ].sort(),
  );
});

it("whoever owes a new password and a set-up can choose the password, and then set up", () => {
  const owesBoth = { demand: DUE, mustChangePassword: true };
  expect(answer("password.change", session(false, true, owesBoth))).toBe("allowed");
  expect(answer("password.change", session(false, false, owesBoth))).toBe("step_up_required");
  expect(answer("totp.start", session(false, true, owesBoth))).toBe("password_change_required");
  expect(answer("totp.start", session(false, true, { demand: DUE }))).toBe("allowed");
});

it("a scope for administrators is nothing in the hands of somebody who is none", () => {
  expect(answer("devices.create", token(["admin:devices.write"]))).toBe("allowed");
  expect(answer("devices.create", token(["admin:devices.write"], false))).toBe("forbidden");
  expect(answer("audit.read", token(["audit:read"], false))).toBe("forbidden");
});

it("no scope is enough to make a token, remove one's own factors, or change a password", () => {
  const all = token(SCOPES);
  for (const operation of ["api_tokens.create", "totp.remove", "recovery_codes.regenerate"] as const)
    expect(answer(operation, all)).not.toBe("allowed");
});
