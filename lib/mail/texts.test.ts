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
  const { subject, text } = mailText({ kind, createdAt, details }, sender);
  expect(subject).toMatch(/^Example: \S/);
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
