import { describe, expect, it } from "vitest";
import { hashToken } from "@/lib/crypto/tokens";
import { completeSignIn } from "./challenges";
import type { Context } from "./context";
import { confirmTotp } from "./factors/confirm-totp";
import { startTotpSetup } from "./factors/totp";
import { askForNewPassword, chooseNewPassword, readPasswordLink } from "./forgotten-password";
import { newId } from "./ids";
import { LIMITS } from "./limits";
import { mailLinkToken } from "./mail-secrets";
import { readChallenge } from "./read-challenge";
import { readSession } from "./sessions";
import { beginSignIn } from "./sign-in";
import {
  beginChallenge,
  contextOf,
  elsewhere,
  expectRefusal,
  later,
  mailedLink,
  makePerson,
  makeProtectedPerson,
  PASSWORD,
  refusalOf,
  testDatabase,
} from "./testing/fixtures";
import { Phone } from "./testing/phone";
import { changePassword } from "./users";

const db = testDatabase();
const NEW = "another horse battery";
const GONE = { code: "conflict", reason: "link_gone" };

async function askedLink(ctx: Context, email: string): Promise<string> {
  await askForNewPassword(ctx, { email });
  return mailedLink(ctx, email, "new_password_asked");
}

const choose = (ctx: Context, token: string, newPassword = NEW) =>
  chooseNewPassword(ctx, { token, newPassword });
const mailsTo = (recipient: string, kind: string) => db.mail.count({ where: { recipient, kind } });

describe("a mailed link", () => {
  it("gives a new password once, ends what the old one opened, and signs nobody in", async () => {
    const ctx = contextOf(db);
    const { email, token: session, user } = await makePerson(ctx);
    const token = await askedLink(ctx, email);
    expect(await readPasswordLink(ctx, token)).toEqual({ isInvitation: false });
    const { browserToken } = await choose(ctx, token);
    expect(await readSession(ctx, browserToken ?? "")).toBeNull();
    expect(await readSession(ctx, session)).toBeNull();
    await expectRefusal(beginSignIn(ctx, { email, password: PASSWORD }), "invalid_credentials");
    expect((await beginSignIn(ctx, { email, password: NEW })).kind).toBe("session");
    expect(await refusalOf(choose(ctx, token, "a third horse battery"))).toEqual(GONE);
    expect(await readPasswordLink(ctx, token)).toBeNull();
    expect(await mailsTo(email, "password_changed")).toBe(1);
    // Whoever has the link reads that mailbox.
    expect((await db.user.findUniqueOrThrow({ where: { email } })).emailVerifiedAt).toEqual(ctx.now);
    expect(await db.event.count({ where: { userId: user.id, kind: "password.reset" } })).toBe(1);
  });

  it("leaves the second factor owed, and what was open before it is over", async () => {
    const ctx = contextOf(db);
    const { email, phone, recoveryCodes } = await makeProtectedPerson(ctx);
    const trusting = later(ctx, 1800);
    const { trust } = await completeSignIn(trusting, {
      challengeToken: await beginChallenge(trusting, email),
      code: phone.code(trusting.now),
      trustBrowser: true,
    });
    const trusted = { ...trusting, trustToken: trust?.token ?? null };
    const open = await beginChallenge(elsewhere(trusting), email);
    await choose(trusted, await askedLink(trusted, email));
    expect((await beginSignIn(trusted, { email, password: NEW })).kind).toBe("challenge");
    const code = recoveryCodes[0] ?? "";
    await expectRefusal(completeSignIn(trusted, { challengeToken: open, code }), "challenge_expired");
  });

  it("used many times at once is used once", async () => {
    const ctx = contextOf(db);
    const { email } = await makePerson(ctx);
    const token = await askedLink(ctx, email);
    const words = Array.from({ length: 5 }, (_, n) => `horse battery ${n}`);
    const results = await Promise.allSettled(words.map((password) => choose(ctx, token, password)));
    const winner = results.findIndex(({ status }) => status === "fulfilled");
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await beginSignIn(ctx, { email, password: words[winner] ?? "" })).kind).toBe("session");
  });

  it("is good for 30 minutes, until a newer one was asked for, and for nothing made up", async () => {
    const ctx = contextOf(db);
    const { email } = await makePerson(ctx);
    const first = await askedLink(ctx, email);
    const second = await askedLink(later(ctx, 1), email);
    expect(second).not.toBe(first);
    const lapsed = later(ctx, 1 + LIMITS.newPasswordLink.ttlSeconds);
    const [id = ""] = second.split(".");
    const madeUp = [
      id,
      `${id}.`,
      `${id}.${"a".repeat(43)}`,
      mailLinkToken(ctx.keys, newId(ctx.now)),
      "",
      ".",
    ];
    for (const token of [first, ...madeUp]) expect(await refusalOf(choose(ctx, token))).toEqual(GONE);
    expect(await refusalOf(choose(lapsed, second))).toEqual(GONE);
    await choose(later(lapsed, -1), second);
  });

  it("is one of any number that were asked for at once", async () => {
    const ctx = contextOf(db);
    const { email, user } = await makePerson(ctx);
    await Promise.all(Array.from({ length: 3 }, () => askForNewPassword(ctx, { email })));
    expect(await db.mailLink.count({ where: { userId: user.id } })).toBe(1);
  });

  it("is void once the password was changed another way", async () => {
    const ctx = contextOf(db);
    const { email, signedIn } = await makePerson(ctx);
    const token = await askedLink(ctx, email);
    await changePassword(ctx, signedIn, { password: PASSWORD, newPassword: NEW });
    expect(await refusalOf(choose(ctx, token))).toEqual(GONE);
  });

  it("is worth nothing once the account has another address", async () => {
    const ctx = contextOf(db);
    const { email, user } = await makePerson(ctx);
    const token = await askedLink(ctx, email);
    await db.user.update({ where: { id: user.id }, data: { email: `new-${email}` } });
    expect(await readPasswordLink(ctx, token)).toBeNull();
    expect(await refusalOf(choose(ctx, token))).toEqual(GONE);
  });

  it("wants a password that can be one, and is not used up by another", async () => {
    const ctx = contextOf(db);
    const { email } = await makePerson(ctx);
    const token = await askedLink(ctx, email);
    await expectRefusal(choose(ctx, token, "short"), "invalid_input");
    await choose(ctx, token);
  });

  it("is worth nothing to a disabled account, which gets none either", async () => {
    const ctx = contextOf(db);
    const { email, user } = await makePerson(ctx);
    const token = await askedLink(ctx, email);
    await db.user.update({ where: { id: user.id }, data: { disabledAt: ctx.now } });
    expect(await refusalOf(choose(ctx, token))).toEqual(GONE);
    await askForNewPassword(ctx, { email });
    expect(await mailsTo(email, "new_password_asked")).toBe(1);
  });

  it("holds nothing in the database that opens the account", async () => {
    const ctx = contextOf(db);
    const { email, user } = await makePerson(ctx);
    const [, proof = ""] = (await askedLink(ctx, email)).split(".");
    const rows = [
      await db.mailLink.findMany({ where: { userId: user.id } }),
      await db.mail.findMany({ where: { recipient: email } }),
      await db.event.findMany({ where: { userId: user.id } }),
    ];
    expect(proof).toHaveLength(43);
    expect(JSON.stringify(rows)).not.toContain(proof);
  });
});

describe("asking", () => {
  it("is answered alike for an address that nobody has, and mails nobody", async () => {
    const ctx = contextOf(db);
    const email = `nobody-${newId(ctx.now).toLowerCase()}@example.org`;
    expect(await askForNewPassword(ctx, { email })).toBeUndefined();
    expect(await mailsTo(email, "new_password_asked")).toBe(0);
    await expectRefusal(askForNewPassword(ctx, { email: "x" }), "invalid_input");
  });

  it("whoever asks, and from however many addresses, a link that is good lies in the mailbox after it", async () => {
    const ctx = contextOf(db);
    const { email } = await makePerson(ctx);
    const { byAll, ttlSeconds } = LIMITS.newPasswordLink;
    // Strangers ask all day long, as often as they can, and just before the owner does.
    for (let asked = 0; asked < 86_400; asked += ttlSeconds / 3) {
      const now = later(ctx, asked);
      for (let n = 0; n <= byAll; n += 1) await askForNewPassword(elsewhere(now), { email });
      expect(await readPasswordLink(now, await mailedLink(now, email, "new_password_asked"))).not.toBeNull();
    }
    expect(await mailsTo(email, "new_password_asked")).toBe((byAll * 86_400) / ttlSeconds);
  });

  it("from one address mails one account ten times a day, and says nothing of it", async () => {
    const ctx = contextOf(db);
    const { email } = await makePerson(ctx);
    for (let n = 0; n < 20; n += 1) await askForNewPassword(later(ctx, n * 1801), { email });
    expect(await mailsTo(email, "new_password_asked")).toBe(LIMITS.mails.perDay);
    // Elsewhere its owner can ask all the same.
    await askForNewPassword(elsewhere(later(ctx, 40_000)), { email });
    expect(await mailsTo(email, "new_password_asked")).toBe(LIMITS.mails.perDay + 1);
  });

  it("is written down once, whoever is meant", async () => {
    const ctx = contextOf(db);
    const { email, user } = await makePerson(ctx);
    const kind = "password.reset_asked";
    await askForNewPassword(ctx, { email });
    expect(await db.event.count({ where: { userId: user.id, kind } })).toBe(1);
    await askForNewPassword(ctx, { email: `nobody-${email}` });
    expect(await db.event.count({ where: { userId: null, kind, address: ctx.address } })).toBe(1);
  });

  it("is not written down any more when it is asked too often: the audit trail can only grow", async () => {
    const ctx = contextOf(db);
    const { email } = await makePerson(ctx);
    for (const whose of [email, `nobody-${email}`])
      for (let n = 0; n < 5; n += 1) await askForNewPassword(ctx, { email: whose });
    const where = { kind: "password.reset_asked", address: ctx.address };
    expect(await db.event.count({ where })).toBe(2 * LIMITS.mails.perQuarterHour);
  });

  it("is counted apart for browsers that the account knows: strangers do not use the owner's up", async () => {
    const ctx = contextOf(db);
    const { email, phone } = await makeProtectedPerson(ctx);
    const soon = later(ctx, 1800);
    const challengeToken = await beginChallenge(soon, email);
    const { browserToken } = await completeSignIn(soon, { challengeToken, code: phone.code(soon.now) });
    const { byAll } = LIMITS.newPasswordLink;
    for (let n = 0; n <= byAll; n += 1) await askForNewPassword(elsewhere(soon), { email });
    expect(await mailsTo(email, "new_password_asked")).toBe(byAll);
    const known = { ...elsewhere(soon), browserToken };
    for (let n = 0; n < 5; n += 1) await askForNewPassword(known, { email });
    expect(await mailsTo(email, "new_password_asked")).toBe(byAll + 3);
    const other = await makePerson(contextOf(db));
    for (let n = 0; n < 5; n += 1) await askForNewPassword(known, { email: other.email });
    expect(await mailsTo(other.email, "new_password_asked")).toBe(byAll);
  });

  it("is refused to one address after 20 times an hour", async () => {
    const ctx = contextOf(db);
    for (let n = 0; n < LIMITS.address.mailRequests.tries; n += 1)
      await askForNewPassword(ctx, { email: `nobody${n}@example.org` });
    await expectRefusal(askForNewPassword(ctx, { email: "nobody@example.org" }), "too_many_requests");
  });
});

it("whoever reads the mailbox makes no browser unknown with it, however many links they use", async () => {
  const start = contextOf(db);
  const { email, phone, user } = await makeProtectedPerson(start);
  const home = later(elsewhere(start), 1800);
  const challengeToken = await beginChallenge(home, email);
  const { browserToken } = await completeSignIn(home, { challengeToken, code: phone.code(home.now) });
  const { ttlSeconds } = LIMITS.newPasswordLink;
  for (let n = 0; n <= LIMITS.knownBrowser.perUser; n += 1) {
    const then = elsewhere(later(home, (n + 1) * (ttlSeconds / 2)));
    const token = await askedLink(then, email);
    await choose(then, token, PASSWORD);
  }
  // One of a stranger's is expected at a time, and pushes out nothing when the owner signs in elsewhere.
  const where = { userId: user.id, spent: LIMITS.knownBrowser.units };
  expect(await db.knownBrowser.count({ where })).toBe(1);
  const away = elsewhere(later(home, 86_400));
  const second = await beginChallenge(away, email);
  await completeSignIn(away, { challengeToken: second, code: phone.code(away.now) });
  const tokenHash = hashToken(browserToken ?? "") ?? new Uint8Array();
  expect(await db.knownBrowser.count({ where: { userId: user.id, tokenHash } })).toBe(1);
});

describe("an account whose tries strangers used up", () => {
  const spend = (userId: string, now: Date, units: number) =>
    db.factorBudget.update({
      where: { userId },
      data: { failures: Array(units).fill(now), waitUntil: null },
    });

  it("opens in a new browser with a new password and a code, three times a year and no more", async () => {
    const begun = contextOf(db);
    const { email, phone, user } = await makeProtectedPerson(begun);
    for (let n = 0; n <= LIMITS.unlock.times; n += 1) {
      const ctx = { ...later(begun, (n + 1) * 86_400), address: contextOf(db).address };
      await spend(user.id, ctx.now, LIMITS.account.units);
      const password = `${NEW} ${n}`;
      await choose(ctx, await askedLink(ctx, email), password);
      const challenge = await beginSignIn(ctx, { email, password });
      const result = completeSignIn(ctx, { challengeToken: challenge.token, code: phone.code(ctx.now) });
      if (n < LIMITS.unlock.times) expect((await result).factor).toBe("totp");
      else await expectRefusal(result, "locked");
    }
  });

  it("opens too when the tries that are left are fewer than its authenticators", async () => {
    const begun = contextOf(db);
    const { email, phone, user, signedIn } = await makeProtectedPerson(begun);
    const pending = await startTotpSetup(begun, signedIn);
    await confirmTotp(begun, signedIn, { code: new Phone(pending.uri).code(begun.now) });
    const ctx = later(elsewhere(begun), 1800);
    await spend(user.id, ctx.now, LIMITS.account.units - 1);
    const locked = await readChallenge(ctx, await beginChallenge(ctx, email));
    expect(locked?.isLocked).toBe(true);
    await choose(ctx, await askedLink(ctx, email));
    const { token: challengeToken } = await beginSignIn(ctx, { email, password: NEW });
    expect((await completeSignIn(ctx, { challengeToken, code: phone.code(ctx.now) })).factor).toBe("totp");
  });

  it("that has tries left keeps its count: a new password gives none back", async () => {
    const ctx = contextOf(db);
    const { email, user } = await makeProtectedPerson(ctx);
    await spend(user.id, ctx.now, LIMITS.account.units - 1);
    await choose(ctx, await askedLink(ctx, email));
    const { failures } = await db.factorBudget.findUniqueOrThrow({ where: { userId: user.id } });
    expect(failures).toHaveLength(LIMITS.account.units - 1);
  });
});
