import { describe, expect, test } from "vitest";
import { SCOPES } from "@/lib/core/access/scopes";
import { EVENT_KINDS } from "@/lib/core/events";
import type { InputField, InputProblem, Refusal } from "@/lib/core/refusals";
import { retryAfterSeconds } from "@/lib/http/retry-after";
import {
  doneSentence,
  eventInWords,
  pageName,
  recoverySentence,
  refusalSentence,
  scopeInWords,
  waitInWords,
} from "./messages";
import { refusalStatus } from "./refusal-status";

const FIELDS: InputField[] = [
  "email",
  "password",
  "newPassword",
  "name",
  "code",
  "reason",
  "token",
  "issuer",
  "scopes",
  "days",
];
const PROBLEMS: InputProblem[] = ["missing", "too_short", "too_long", "malformed"];

/** One of each refusal there is, and what a page answers with. */
const REFUSALS: [Refusal, number][] = [
  ...FIELDS.flatMap((field) =>
    PROBLEMS.map((problem): [Refusal, number] => [{ code: "invalid_input", field, problem }, 400]),
  ),
  [{ code: "invalid_credentials" }, 401],
  [{ code: "wrong_password" }, 403],
  [{ code: "invalid_code", triesLeft: 4 }, 400],
  [{ code: "invalid_code", triesLeft: null }, 400],
  [{ code: "invalid_code", triesLeft: null, hint: { kind: "used" } }, 400],
  [{ code: "invalid_code", triesLeft: 3, hint: { kind: "clock", secondsOff: -150 } }, 400],
  [{ code: "locked", retryAfterSeconds: 840 }, 429],
  [{ code: "locked", retryAfterSeconds: null }, 429],
  [{ code: "too_many_requests", retryAfterSeconds: 42 }, 429],
  [{ code: "challenge_expired" }, 401],
  [{ code: "unauthenticated" }, 401],
  [{ code: "second_factor_required" }, 401],
  [{ code: "step_up_required" }, 403],
  [{ code: "enrolment_required" }, 403],
  [{ code: "forbidden" }, 403],
  [{ code: "insufficient_scope" }, 403],
  [{ code: "not_found" }, 404],
  [{ code: "conflict", reason: "email_taken" }, 409],
  [{ code: "conflict", reason: "two_factor_off" }, 409],
  [{ code: "conflict", reason: "nothing_pending" }, 409],
  [{ code: "conflict", reason: "link_gone" }, 409],
  [{ code: "conflict", reason: "address_in_use" }, 409],
  [{ code: "conflict", reason: "email_unconfirmed" }, 409],
  [{ code: "conflict", reason: "too_many_authenticators" }, 409],
  [{ code: "conflict", reason: "too_many_tokens" }, 409],
  [{ code: "sign_up_closed" }, 403],
  [{ code: "unavailable" }, 503],
];

describe("refusals", () => {
  test.each(REFUSALS)("%j has a sentence and status %i", (refusal, status) => {
    const sentence = refusalSentence(refusal);
    expect(sentence).toMatch(/^[A-Z].*\.$/s);
    expect(sentence).not.toMatch(/!|undefined|null|TOTP|_/);
    expect(refusalStatus(refusal)).toBe(status);
  });

  test("say how often one may try and how long to wait", () => {
    expect(refusalSentence({ code: "invalid_code", triesLeft: 4 })).toBe(
      "That code didn't work. Codes change every 30 seconds: enter the newest one. 4 tries left.",
    );
    expect(recoverySentence({ code: "invalid_code", triesLeft: 1 })).toMatch(/1 try left\.$/);
    expect(refusalSentence({ code: "locked", retryAfterSeconds: 840 })).toBe(
      "Too many tries. Try again in 14 min, or use a recovery code.",
    );
    expect(retryAfterSeconds({ code: "too_many_requests", retryAfterSeconds: 42 })).toBe(42);
    expect(retryAfterSeconds({ code: "locked", retryAfterSeconds: null })).toBeNull();
    expect(retryAfterSeconds({ code: "not_found" })).toBeNull();
  });
});

test.each([
  [-150, "about 2½ minutes slow."],
  [150, "about 2½ minutes fast."],
  [-60, "about 1 minute slow."],
  [90, "about 1½ minutes fast."],
  [-600, "about 10 minutes slow."],
  [10, "about half a minute fast."],
])("a clock that is %i seconds off is %s", (secondsOff, words) => {
  const hint = { kind: "clock", secondsOff } as const;
  expect(refusalSentence({ code: "invalid_code", triesLeft: 4, hint })).toMatch(
    new RegExp(`${words}.* 4 tries left\\.$`),
  );
});

test.each([
  [1, "1 second"],
  [59, "59 seconds"],
  [60, "1 min"],
  [61, "2 min"],
  [3600, "1 h"],
])("%i seconds are %s", (seconds, words) => expect(waitInWords(seconds)).toBe(words));

test("every kind of event is said in words", () => {
  for (const kind of EVENT_KINDS) expect(eventInWords(kind, { name: "Phone" })).toMatch(/^[A-Z][^_]*$/);
  expect(eventInWords("totp.removed", { name: "Phone" })).toBe("Removed the authenticator “Phone”");
  expect(eventInWords("sign_in.succeeded", { factor: "recovery" })).toContain("recovery code");
  expect(eventInWords("totp.renamed", null)).toBe("Renamed an authenticator");
  expect(eventInWords("toString", {})).toBe("toString");
});

test("every scope of an API token is said in words", () => {
  for (const scope of SCOPES) expect(scopeInWords(scope)).toMatch(/^[A-Z][^_:]*$/);
  expect(scopeInWords("toString")).toBe("toString");
});

test("an address can only name sentences that there are", () => {
  expect(doneSentence("signed-out")).toBe("You are signed out.");
  for (const made of ["toString", "__proto__", "<b>", "", undefined, 4])
    expect(doneSentence(made)).toBeNull();
});

test("places have names", () => {
  expect(pageName("/settings/password?a=b")).toBe("Password");
  expect(pageName("/settings/security#recovery")).toBe("Security settings");
  expect(pageName("/settings/security/activity")).toBe("Activity");
  for (const path of ["", "?made=0", "/new?kept=k1.a"])
    expect(pageName(`/settings/security/api-tokens${path}`)).toBe("API tokens");
  expect(pageName("/admin/users/new")).toBe("Users");
  expect(pageName("/admin/audit?kind=a")).toBe("Audit log");
  expect(pageName("/admin")).toBe("the console");
  expect(pageName("/administrators")).toBeNull();
  expect(pageName("/elsewhere")).toBeNull();
});
