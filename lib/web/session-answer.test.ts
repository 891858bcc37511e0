import { expect, it } from "vitest";
import { contextOf, makePerson, makeProtectedPerson, testDatabase } from "@/lib/core/testing/fixtures";
import { placeOwed } from "./place-owed";
import { sessionAnswer } from "./session-answer";

const db = testDatabase();

it("tells applications who is signed in", async () => {
  const { email, signedIn } = await makePerson(contextOf(db));
  expect(sessionAnswer(signedIn)).toMatchObject({ user: { email }, twoFactor: { isOn: false } });
});

it("tells them of nobody while somebody owes a set-up, or a new password", async () => {
  const ctx = contextOf(db);
  const { signedIn: due } = await makePerson(ctx, { isAdmin: true });
  expect(sessionAnswer(due)).toEqual({});
  const { signedIn: administrator } = await makeProtectedPerson(ctx, { isAdmin: true });
  expect(sessionAnswer(administrator)).not.toEqual({});
  expect(sessionAnswer({ ...administrator, mustChangePassword: true })).toEqual({});
});

it("sends whoever owes a set-up there from every page, but from those that it takes", async () => {
  const { signedIn } = await makePerson(contextOf(db), { isAdmin: true });
  const wizard = "/settings/security/authenticators/new";
  for (const page of [
    "/",
    "/settings/security",
    "/settings/security?done=renamed#authenticators",
    "/settings/security/activity",
    "/settings/security/authenticators/01JD2QK7M3N8P5R9S0T1V2W3X4/remove",
    "/settings/security/turn-off",
    "/settings/password",
    "/settings/email",
    "/admin/policy",
    "/app",
    "/step-upwards",
  ])
    expect(placeOwed(signedIn, page)).toBe(wizard);
  for (const page of [
    wizard,
    `${wizard}/done`,
    "/settings/security/recovery-codes?then=done",
    "/step-up?callbackUrl=%2F",
  ])
    expect(placeOwed(signedIn, page)).toBeNull();
});
