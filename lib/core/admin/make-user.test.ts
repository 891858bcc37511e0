import { expect, it } from "vitest";
import { chooseNewPassword, readPasswordLink } from "../forgotten-password";
import { LIMITS } from "../limits";
import { beginSignIn } from "../sign-in";
import {
  contextOf,
  expectRefusal,
  later,
  mailedLink,
  makeProtectedPerson,
  PASSWORD,
  refusalOf,
  testDatabase,
} from "../testing/fixtures";
import { disableUser } from "./disable-user";
import { inviteAgain, makeUser } from "./make-user";
import { readUser } from "./read-user";

const db = testDatabase();
const GONE = { code: "conflict", reason: "link_gone" };
const newEmail = () => `new${Math.random().toString(36).slice(2)}@example.org`;

async function start() {
  const ctx = contextOf(db);
  const { signedIn, user } = await makeProtectedPerson(ctx, { isAdmin: true });
  return { ctx, signedIn, admin: user, email: newEmail() };
}

it("nobody is made by an administrator who was disabled in the meantime", async () => {
  const { ctx, signedIn, email } = await start();
  const other = await makeProtectedPerson(ctx, { isAdmin: true });
  await disableUser(ctx, other.signedIn, { userId: signedIn.user.id, reason: "left" });
  await expectRefusal(
    makeUser(ctx, signedIn, { email, password: PASSWORD, isAdmin: true }),
    "unauthenticated",
  );
  expect(await db.user.count({ where: { email } })).toBe(0);
});

it("somebody made with a password signs in with it, and is mailed", async () => {
  const { ctx, signedIn, admin, email } = await start();
  const made = await makeUser(ctx, signedIn, {
    email: ` ${email.toUpperCase()}`,
    password: PASSWORD,
    name: "Kim",
  });
  expect(made.isInvited).toBe(false);
  expect((await beginSignIn(ctx, { email, password: PASSWORD })).kind).toBe("session");
  expect(await db.mail.count({ where: { recipient: email } })).toBe(1);
  const events = await db.event.findMany({ where: { userId: made.id, kind: "account.created" } });
  expect(events).toMatchObject([{ actor: admin.id, details: { isAdmin: false } }]);
  expect(await readUser(ctx, signedIn, made.id)).toMatchObject({
    name: "Kim",
    isAdmin: false,
    invitation: null,
  });
});

it("an administrator is made when asked for, and nobody else is one", async () => {
  const { ctx, signedIn, email } = await start();
  const { id } = await makeUser(ctx, signedIn, { email, isAdmin: true });
  // The last test's installation is claimed or not: that is installation.test.ts's to say.
  expect((await readUser(ctx, signedIn, id)).isAdmin).toBe(true);
});

it("an address that somebody has is refused, and what is no address or password too", async () => {
  const { ctx, signedIn, email } = await start();
  await makeUser(ctx, signedIn, { email });
  const taken = await refusalOf(makeUser(ctx, signedIn, { email }));
  expect(taken).toEqual({ code: "conflict", reason: "email_taken" });
  await expectRefusal(makeUser(ctx, signedIn, { email: "nobody" }), "invalid_input");
  await expectRefusal(makeUser(ctx, signedIn, { email: newEmail(), password: "short" }), "invalid_input");
});

it("of many who make the same account at once, one does", async () => {
  const { ctx, signedIn, email } = await start();
  const results = await Promise.allSettled(
    Array.from({ length: 5 }, () => makeUser(ctx, signedIn, { email })),
  );
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(await db.mail.count({ where: { recipient: email } })).toBe(1);
});

it("an invitation gives a password once, and nothing else opens the account before", async () => {
  const { ctx, signedIn, email } = await start();
  const { id, isInvited } = await makeUser(ctx, signedIn, { email });
  expect(isInvited).toBe(true);
  await expectRefusal(beginSignIn(ctx, { email, password: PASSWORD }), "invalid_credentials");
  const token = await mailedLink(ctx, email, "account_invited");
  expect(await readPasswordLink(ctx, token)).toEqual({ isInvitation: true });
  await chooseNewPassword(ctx, { token, newPassword: PASSWORD });
  expect((await beginSignIn(ctx, { email, password: PASSWORD })).kind).toBe("session");
  expect(await refusalOf(chooseNewPassword(ctx, { token, newPassword: "another horse battery" }))).toEqual(
    GONE,
  );
  expect((await readUser(ctx, signedIn, id)).invitation).toBeNull();
  expect(await refusalOf(inviteAgain(ctx, signedIn, id))).toEqual(GONE);
});

it("an invitation is good for 7 days, and another one ends it", async () => {
  const { ctx, signedIn, email } = await start();
  const { id } = await makeUser(ctx, signedIn, { email });
  const first = await mailedLink(ctx, email, "account_invited");
  const end = LIMITS.invitation.ttlSeconds;
  expect(end).toBe(7 * 86_400);
  expect(await readPasswordLink(later(ctx, end - 1), first)).toEqual({ isInvitation: true });
  expect(await readPasswordLink(later(ctx, end), first)).toBeNull();
  expect((await readUser(later(ctx, end - 1), signedIn, id)).invitation?.endsAt).toEqual(later(ctx, end).now);
  expect((await readUser(later(ctx, end), signedIn, id)).invitation).toEqual({ endsAt: null });
  await inviteAgain(ctx, signedIn, id);
  expect(await readPasswordLink(ctx, first)).toBeNull();
  const second = await mailedLink(ctx, email, "account_invited");
  await chooseNewPassword(ctx, { token: second, newPassword: PASSWORD });
});

it("an invitation to an account that is disabled is worth nothing, and no other is sent", async () => {
  const { ctx, signedIn, email } = await start();
  const { id } = await makeUser(ctx, signedIn, { email });
  const token = await mailedLink(ctx, email, "account_invited");
  await disableUser(ctx, signedIn, { userId: id, reason: "made by mistake" });
  expect(await refusalOf(chooseNewPassword(ctx, { token, newPassword: PASSWORD }))).toEqual(GONE);
  expect(await refusalOf(inviteAgain(ctx, signedIn, id))).toEqual(GONE);
});
