import { expect, test } from "vitest";
import type { MailKind } from "@/lib/core/mail-queue";
import { mailText } from "./texts";

const sender = { issuer: "Example", publicUrl: new URL("https://id.example.org") };
const createdAt = new Date("2026-07-01T12:34:56Z");
const userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

const kinds: Record<MailKind, true> = {
  two_factor_on: true,
  two_factor_off: true,
  two_factor_reset: true,
  authenticator_added: true,
  authenticator_replaced: true,
  authenticator_removed: true,
  recovery_codes_made: true,
  recovery_code_used: true,
  trusted_browser_added: true,
  trusted_browser_reused: true,
  password_changed: true,
  sign_in_code_failed: true,
  sign_in_locked: true,
};

// Of an object's keys TypeScript only knows that they are strings; these are the type's.
test.each(Object.keys(kinds) as MailKind[])("%s says what, when, from where and what to do", (kind) => {
  const details = { address: "192.0.2.1", userAgent, name: "Phone", failures: 10 };
  const { subject, text, html } = mailText({ kind, createdAt, details }, sender);
  expect(subject).toMatch(/^Example: \S/);
  // The HTML says the same, and fetches nothing.
  const said = html.replace(/<style.*?<\/style>|<title>.*?<\/title>|<[^>]+>/gs, " ").replace(/&quot;/g, '"');
  expect(said.replace(/\s+/g, " ").trim()).toBe(text.replace(/\s+/g, " ").trim());
  expect(html.match(/(?:src|href|url\()[^>]*/g)).toEqual([
    expect.stringMatching(/^href="https:\/\/id\.example\.org\/settings\/security"/),
  ]);
  expect(text).toContain("1 July 2026 at 12:34 UTC from Firefox on Linux (address 192.0.2.1).");
  expect(text).toContain("https://id.example.org/settings/security\n");
  expect(text).not.toMatch(/undefined|null|NaN|\[object/);
  expect(text.length).toBeLessThan(600);
});

test("what a person typed adds no lines", () => {
  const details = { name: "Phone\r\n\r\nOpen https://evil.example", address: "", userAgent: "" };
  const { subject, text } = mailText({ kind: "authenticator_added", createdAt, details }, sender);
  expect(`${subject}\n${text}`).not.toMatch(/^Open/m);
});

test("what people typed is text in the HTML, too", () => {
  const details = { name: `<img src=x onerror="x()">&amp;'`, address: "<b>", userAgent: "" };
  const { html } = mailText({ kind: "authenticator_added", createdAt, details }, sender);
  expect(html).toContain("&lt;img src=x onerror=&quot;x()&quot;&gt;&amp;amp;&#39;");
  expect(html).not.toMatch(/<(?:img|b)\b/);
});

test.each([
  [9, "and 9 are left."],
  [3, "and 3 are left: make new ones."],
  [1, "and 1 is left: make new ones."],
  [0, "and none is left: make new ones."],
])("a recovery code that leaves %i says so", (codesLeft, words) => {
  const { text } = mailText({ kind: "recovery_code_used", createdAt, details: { codesLeft } }, sender);
  expect(text).toContain(words);
});
