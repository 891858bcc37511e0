import { expect, it } from "vitest";
import { LIMITS } from "./limits";
import { type MailKind, mailRow } from "./mail-queue";
import { contextOf, testDatabase } from "./testing/fixtures";

const db = testDatabase();
const DAY = 86_400;

it.each([
  ["password_changed", DAY],
  ["email_confirmation_asked", LIMITS.emailLink.ttlSeconds],
  ["email_change_asked", LIMITS.emailLink.ttlSeconds],
  ["new_password_asked", LIMITS.newPasswordLink.ttlSeconds],
  ["sign_in_code", LIMITS.mailedCode.ttlSeconds],
] satisfies [MailKind, number][])("%s is given up after %i seconds, and tried at once", (kind, seconds) => {
  const ctx = contextOf(db);
  const { expiresAt, nextTryAt } = mailRow(ctx, "owner@example.org", kind);
  expect(expiresAt.getTime() - ctx.now.getTime()).toBe(seconds * 1000);
  expect(nextTryAt).toEqual(ctx.now);
});
