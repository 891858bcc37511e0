import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HOME, safeCallbackUrl, withCallbackUrl } from "./callback-url";

describe("safeCallbackUrl", () => {
  test.each(["/settings/security", "/settings/password", "/a/b?c=d&e=f#g", "/", "/?a=/b", "/caf%C3%A9"])(
    "keeps %s",
    (path) => expect(safeCallbackUrl(path)).toBe(path),
  );

  test.each([
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%2f%2fevil.example/..",
    "/%2fevil.example",
    "/%5cevil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/ /evil.example",
    "/%09/evil.example",
    "/%0d%0aSet-Cookie:a=b",
    "/\u0000",
    "/.//evil.example",
    "/..//evil.example",
    "/a/..//evil.example",
    "/%2e%2e//evil.example",
    "https://evil.example",
    "http:evil.example",
    "http:/evil.example",
    "https:evil.example",
    "//user:pass@evil.example",
    "@evil.example",
    ".evil.example",
    "javascript:alert(1)",
    "/javascript:alert(1)\\",
    "data:text/html,x",
    "/%",
    "/%c3%28",
    "/\ud800",
    "",
    "settings",
    "/api/auth/signout",
    "/_next/static/x.js",
    `/${"a".repeat(2000)}`,
    undefined,
    null,
    7,
    ["/settings"],
    { toString: () => "/x" },
  ])("refuses %j", (wanted) => expect(safeCallbackUrl(wanted)).toBe(HOME));

  test("whatever it is given, the answer stays on this origin", () => {
    const piece = fc.constantFrom(
      "/",
      "\\",
      ".",
      "..",
      "%2f",
      "%5c",
      "%09",
      "\t",
      "\n",
      "@",
      ":",
      "evil.example",
      "http:",
      "?",
      "#",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join("")),
        ),
        (text) => {
          const answer = safeCallbackUrl(text);
          const url = new URL(answer, "https://id.example.org/sign-in");
          return (
            url.origin === "https://id.example.org" && answer.startsWith("/") && !/^\/[/\\]/.test(answer)
          );
        },
      ),
      { numRuns: 5000 },
    );
  });
});

test("withCallbackUrl encodes what it carries and leaves the default out", () => {
  expect(withCallbackUrl("/sign-in", HOME)).toBe("/sign-in");
  expect(withCallbackUrl("/sign-in?expired=1", "/a?b=c&d")).toBe(
    "/sign-in?expired=1&callbackUrl=%2Fa%3Fb%3Dc%26d",
  );
});
