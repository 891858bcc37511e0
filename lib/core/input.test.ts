import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normaliseEmail, parseCode, parseEmail, parseName, parseOptionalName, parsePassword } from "./input";
import { LIMITS } from "./limits";
import { Refused } from "./refusals";

/** The value, or the refusal's words. */
function outcome<T>(parse: () => T): T | string {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === "invalid_input") return error.refusal.problem;
    throw error;
  }
}

describe("an e-mail address", () => {
  it.each([
    [" Jo@Example.ORG ", "jo@example.org"],
    ["ｊｏ@example.org", "jo@example.org"],
    ["jo+tag@sub.example.org", "jo+tag@sub.example.org"],
    ["jo@localhost", "jo@localhost"],
    ["", "missing"],
    ["   ", "missing"],
    ["jo", "malformed"],
    ["jo@", "malformed"],
    ["@example.org", "malformed"],
    ["jo @example.org", "malformed"],
    ["jo@example.org\r\nBcc: x@example.org", "malformed"],
    ["jo@-example.org", "malformed"],
    [`${"a".repeat(300)}@example.org`, "too_long"],
  ])("%j is %j", (typed, expected) => expect(outcome(() => parseEmail(typed))).toBe(expected));

  it("is the same after being normalised once more", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        (text) => normaliseEmail(normaliseEmail(text)) === normaliseEmail(text),
      ),
    );
  });
});

describe("a code", () => {
  it.each(["123 456", "123-456", " 123456\n", "１２３４５６", "123 456", "123–456"])(
    "%j is 123456",
    (typed) => expect(parseCode(typed)).toBe("123456"),
  );
  it.each([
    ["", "missing"],
    ["--", "missing"],
    ["12345\u0000", "malformed"],
    ["½", "malformed"],
    ["1".repeat(65), "too_long"],
  ])("%j is %s", (typed, problem) => expect(outcome(() => parseCode(typed))).toBe(problem));
});

it("a password keeps its blanks, is counted in characters and normalised", () => {
  expect(parsePassword("  eight ch ", "password", true)).toBe("  eight ch ");
  expect(outcome(() => parsePassword("🔑🔑🔑🔑🔑🔑🔑", "password", true))).toBe("too_short");
  expect(parsePassword("🔑🔑🔑🔑🔑🔑🔑🔑", "password", true)).toHaveLength(16);
  expect(parsePassword("ﬁfteen letters", "password", true)).toBe("fifteen letters");
  expect(outcome(() => parsePassword("x".repeat(LIMITS.input.passwordMax + 1), "password", false))).toBe(
    "too_long",
  );
});

it("a name is trimmed, folded and free of control characters", () => {
  expect(parseName("  My \t phone ".replace("\t", " "), 64)).toBe("My phone");
  expect(outcome(() => parseName("a\u0007b", 64))).toBe("malformed");
  expect(outcome(() => parseName("a".repeat(65), 64))).toBe("too_long");
  expect(parseOptionalName("  ", 64)).toBeNull();
});

it("a name can be seen, and does not turn what stands around it", () => {
  for (const hidden of ["\u202egnp.exe", "a\u2066b", "a\u200bb", "\ufeffa", "a\u00adb", "\u{e0041}a"])
    expect(
      outcome(() => parseName(hidden, 64)),
      encodeURIComponent(hidden),
    ).toBe("malformed");
  expect(outcome(() => parseName("\u200d\u200c", 64))).toBe("missing");
  // Joiners are part of how Persian and some emoji are written.
  for (const joined of ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u{1f469}\u200d\u{1f4bb}"])
    expect(parseName(joined, 64)).toBe(joined);
});

it("whatever is typed is taken or refused, never anything else", () => {
  const any = fc.oneof(fc.string({ unit: "binary" }), fc.string({ maxLength: 400 }));
  fc.assert(
    fc.property(any, (text) => {
      for (const parse of [
        parseEmail,
        parseCode,
        (t: string) => parseName(t, 64),
        (t: string) => parsePassword(t, "password", true),
      ]) {
        const parsed = outcome(() => parse(text));
        if (/[\p{Cs}\0]/u.test(parsed)) return false;
      }
      return true;
    }),
    { numRuns: 2000 },
  );
});
