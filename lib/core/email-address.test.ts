import { describe, expect, it } from "vitest";
import { resetTwoFactor } from "./admin/reset-two-factor";
import { completeSignIn } from "./challenges";
import type { Context } from "./context";
import {
  askToChangeEmail,
  askToConfirmEmail,
  confirmEmail,
  readEmailConfirmation,
  readEmailLink,
} from "./email-address";
import { askForNewPassword, chooseNewPassword, readPasswordLink } from "./forgotten-password";
import { newId } from "./ids";
import { LIMITS } from "./limits";
import type { MailKind } from "./mail-queue";
import { mailLinkToken } from "./mail-secrets";
import { checkOwnMailedCode, mailOwnCode } from "./mailed-code";
import type { SignedIn } from "./sessions";
import { beginSignIn } from "./sign-in";
import {
  beginChallenge,
  contextOf,
  expectRefusal,
  later,
  mailedLink,
  makePerson,
  makeProtectedPerson,
  newestCode,
  PASSWORD,
  refusalOf,
  reread,
  testDatabase,
} from "./testing/fixtures";
import { changePassword, signUp } from "./users";

const db = testDatabase();
const GONE = { code: "conflict", reason: "link_gone" };

const freshEmail = () =>
  `${newId(new Date()).toLowerCase()}${Math.random().toString(36).slice(2)}@example.org`;
const mailsTo = (recipient: string, kind: MailKind) => db.mail.count({ where: { recipient, kind } });

type Owner = { ctx: Context; email: string; signedIn: SignedIn };

/** The token of the newest link that was mailed to an address about itself. */
const mailedToken = (ctx: Context, recipient: string) =>
  mailedLink(ctx, recipient, "email_confirmation_asked", "email_change_asked");

describe("an address is confirmed", () => {
  it("by the link in the mail that an account begins with, once", async () => {
    const ctx = contextOf(db);
    const email = freshEmail();
    const signedIn = await reread(ctx, (await signUp(ctx, { email, password: PASSWORD })).token);
    expect(await readEmailConfirmation(ctx, signedIn)).toBeNull();
    const token = await mailedToken(ctx, email);
    expect(await readEmailLink(ctx, token)).toEqual({ email, isChange: false });
    await confirmEmail(ctx, { token });
    expect(await readEmailConfirmation(ctx, signedIn)).toEqual(ctx.now);
    expect(await refusalOf(confirmEmail(ctx, { token }))).toEqual(GONE);
    expect(await readEmailLink(ctx, token)).toBeNull();
  });

  it("by the newest link alone, for a day, and by nothing made up", async () => {
    const ctx = contextOf(db);
    const { email, signedIn } = await makePerson(ctx);
    await askToConfirmEmail(ctx, signedIn);
    const first = await mailedToken(ctx, email);
    await askToConfirmEmail(later(ctx, 1), signedIn);
    const second = await mailedToken(ctx, email);
    const [id = ""] = second.split(".");
    for (const token of [first, id, `${id}.${"a".repeat(43)}`, mailLinkToken(ctx.keys, newId(ctx.now)), ""])
      expect(await refusalOf(confirmEmail(ctx, { token }))).toEqual(GONE);
    const lapsed = later(ctx, 1 + LIMITS.emailLink.ttlSeconds);
    expect(await refusalOf(confirmEmail(lapsed, { token: second }))).toEqual(GONE);
    await confirmEmail(later(lapsed, -1), { token: second });
  });

  it("not by a link to a new password, nor the other way round", async () => {
    const ctx = contextOf(db);
    const { email, user, signedIn } = await makePerson(ctx);
    await askToConfirmEmail(ctx, signedIn);
    await askForNewPassword(ctx, { email });
    const links = await db.mailLink.findMany({ where: { userId: user.id } });
    const tokenOf = (purpose: string) =>
      mailLinkToken(ctx.keys, links.find((link) => link.purpose === purpose)?.id ?? "");
    expect(await refusalOf(confirmEmail(ctx, { token: tokenOf("new_password") }))).toEqual(GONE);
    expect(await readPasswordLink(ctx, tokenOf("confirm_email"))).toBeNull();
  });

  it("three times in a quarter of an hour at most", async () => {
    const ctx = contextOf(db);
    const { signedIn } = await makePerson(ctx);
    for (let n = 0; n < 3; n += 1) await askToConfirmEmail(ctx, signedIn);
    expect(await refusalOf(askToConfirmEmail(ctx, signedIn))).toEqual({
      code: "too_many_requests",
      retryAfterSeconds: 900,
    });
  });
});

describe("an address is changed", () => {
  it("when the link to the new one is used, not before; the old one is told and signs nobody in", async () => {
    const ctx = contextOf(db);
    const { email, user, signedIn } = await makePerson(ctx);
    const next = freshEmail();
    await askToChangeEmail(ctx, signedIn, { email: next.toUpperCase(), password: PASSWORD });
    expect((await beginSignIn(ctx, { email, password: PASSWORD })).kind).toBe("session");
    await expectRefusal(beginSignIn(ctx, { email: next, password: PASSWORD }), "invalid_credentials");
    const token = await mailedToken(ctx, next);
    expect(await readEmailLink(ctx, token)).toEqual({ email: next, isChange: true });
    await confirmEmail(ctx, { token });
    await expectRefusal(beginSignIn(ctx, { email, password: PASSWORD }), "invalid_credentials");
    expect((await beginSignIn(ctx, { email: next, password: PASSWORD })).kind).toBe("session");
    expect(await mailsTo(email, "email_change_announced")).toBe(1);
    expect(await mailsTo(email, "email_changed")).toBe(1);
    expect(await readEmailConfirmation(ctx, signedIn)).toEqual(ctx.now);
    const events = await db.event.findMany({ where: { userId: user.id, kind: { startsWith: "email." } } });
    expect(events.map(({ kind }) => kind).sort()).toEqual(["email.change_asked", "email.changed"]);
  });

  it("so that a code that was mailed within a session to the old one is void", async () => {
    const ctx = contextOf(db);
    const { email, token, user } = await makeProtectedPerson(ctx);
    await db.user.update({ where: { id: user.id }, data: { emailVerifiedAt: ctx.now } });
    const signedIn = await reread(ctx, token);
    await mailOwnCode(ctx, signedIn);
    const code = await newestCode(ctx, email);
    const next = freshEmail();
    await askToChangeEmail(ctx, signedIn, { email: next, password: PASSWORD });
    await confirmEmail(ctx, { token: await mailedToken(ctx, next) });
    await expectRefusal(checkOwnMailedCode(ctx, await reread(ctx, token), { code }), "invalid_code");
  });

  it("so that what was on its way to the old one is void", async () => {
    const ctx = contextOf(db);
    const { email, signedIn, recoveryCodes } = await makeProtectedPerson(ctx);
    const challengeToken = await beginChallenge(ctx, email);
    await askForNewPassword(ctx, { email });
    const oldLink = await mailedLink(ctx, email, "new_password_asked");
    const next = freshEmail();
    await askToChangeEmail(ctx, signedIn, { email: next, password: PASSWORD });
    await confirmEmail(ctx, { token: await mailedToken(ctx, next) });
    expect(await readPasswordLink(ctx, oldLink)).toBeNull();
    const code = recoveryCodes[0] ?? "";
    await expectRefusal(completeSignIn(ctx, { challengeToken, code }), "challenge_expired");
  });

  it.each([
    [
      "the owner changes the password",
      async ({ ctx, signedIn }: Owner) => {
        await changePassword(ctx, signedIn, { password: PASSWORD, newPassword: "another horse battery" });
      },
    ],
    [
      "the owner chooses a new password by mail",
      async ({ ctx, email }: Owner) => {
        await askForNewPassword(ctx, { email });
        const token = await mailedLink(ctx, email, "new_password_asked");
        await chooseNewPassword(ctx, { token, newPassword: "another horse battery" });
      },
    ],
    [
      "an operator resets the account",
      async ({ ctx, email }: Owner) => {
        await resetTwoFactor(ctx, { email, actor: "cli", reason: "lost phone" });
      },
    ],
  ])("no more once %s: what an intruder began is void", async (_when, act) => {
    const ctx = contextOf(db);
    const { email, signedIn } = await makePerson(ctx);
    const intruders = freshEmail();
    await askToChangeEmail(ctx, signedIn, { email: intruders, password: PASSWORD });
    const token = await mailedToken(ctx, intruders);
    await act({ ctx, email, signedIn });
    expect(await refusalOf(confirmEmail(ctx, { token }))).toEqual(GONE);
    expect(await db.user.count({ where: { email } })).toBe(1);
  });

  it("for the password and a fresh proof alone", async () => {
    const ctx = contextOf(db);
    const { user, signedIn, token } = await makeProtectedPerson(ctx);
    const email = freshEmail();
    await expectRefusal(
      askToChangeEmail(ctx, signedIn, { email, password: "not the password" }),
      "wrong_password",
    );
    await expectRefusal(askToChangeEmail(ctx, signedIn, { email: "x", password: PASSWORD }), "invalid_input");
    const stale = later(ctx, LIMITS.stepUp.freshSeconds + 1);
    const typed = { email, password: PASSWORD };
    await expectRefusal(askToChangeEmail(stale, await reread(stale, token), typed), "step_up_required");
    expect(await db.mailLink.count({ where: { userId: user.id } })).toBe(0);
    expect(await db.mail.count({ where: { recipient: email } })).toBe(0);
  });

  it("never to somebody else's: only its owner learns of it", async () => {
    const ctx = contextOf(db);
    const { email, signedIn, user } = await makePerson(ctx);
    const { email: theirs } = await makePerson(contextOf(db));
    expect(await askToChangeEmail(ctx, signedIn, { email: theirs, password: PASSWORD })).toBeUndefined();
    expect(await mailsTo(theirs, "email_in_use")).toBe(1);
    expect(await mailsTo(theirs, "email_change_asked")).toBe(0);
    expect((await db.user.findUniqueOrThrow({ where: { id: user.id } })).email).toBe(email);
  });

  it("without telling the asker whether somebody has it: an older link is void in either case", async () => {
    const ctx = contextOf(db);
    const { signedIn } = await makePerson(ctx);
    const { email: taken } = await makePerson(contextOf(db));
    const own = freshEmail();
    for (const next of [taken, freshEmail()]) {
      await askToChangeEmail(ctx, signedIn, { email: own, password: PASSWORD });
      const token = await mailedToken(ctx, own);
      await askToChangeEmail(later(ctx, 1000), signedIn, { email: next, password: PASSWORD });
      expect(await readEmailLink(ctx, token)).toBeNull();
    }
  });

  it("so that nobody's mailbox is filled, whoever asks", async () => {
    const theirs = freshEmail();
    const { perQuarterHour, perDayByAll } = LIMITS.mails;
    for (let sent = 0; sent <= perDayByAll; sent += perQuarterHour) {
      const ctx = contextOf(db);
      const { signedIn } = await makePerson(ctx);
      for (let n = 0; n < perQuarterHour; n += 1)
        await askToChangeEmail(ctx, signedIn, { email: theirs, password: PASSWORD });
    }
    expect(await mailsTo(theirs, "email_change_asked")).toBe(perDayByAll);
  });

  it("once, when its link is used many times at once", async () => {
    const ctx = contextOf(db);
    const { email, user, signedIn } = await makePerson(ctx);
    const next = freshEmail();
    await askToChangeEmail(ctx, signedIn, { email: next, password: PASSWORD });
    const token = await mailedToken(ctx, next);
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => confirmEmail(ctx, { token })));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await db.event.count({ where: { userId: user.id, kind: "email.changed" } })).toBe(1);
    expect(await mailsTo(email, "email_changed")).toBe(1);
  });

  it("by one of two accounts that ask for the same one at once", async () => {
    const ctx = contextOf(db);
    const next = freshEmail();
    const people = await Promise.all([makePerson(ctx), makePerson(ctx)]);
    const tokens: string[] = [];
    for (const { signedIn } of people) {
      await askToChangeEmail(ctx, signedIn, { email: next, password: PASSWORD });
      tokens.push(await mailedToken(ctx, next));
    }
    const results = await Promise.allSettled(tokens.map((token) => confirmEmail(ctx, { token })));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const loser = tokens[results.findIndex(({ status }) => status === "rejected")] ?? "";
    expect(await refusalOf(confirmEmail(ctx, { token: loser }))).toEqual({
      code: "conflict",
      reason: "address_in_use",
    });
  });
});
