import { describe, expect, it } from "vitest";
import { resetTwoFactor } from "./admin/reset-two-factor";
import { completeSignIn } from "./challenges";
import type { Context } from "./context";
import { confirmTotp } from "./factors/confirm-totp";
import { regenerateRecoveryCodes } from "./factors/recovery-codes";
import { disableTwoFactor } from "./factors/remove-totp";
import { startTotpSetup } from "./factors/totp";
import { newId } from "./ids";
import { LIMITS } from "./limits";
import { readChallenge } from "./read-challenge";
import type { SignedIn } from "./sessions";
import { beginSignIn } from "./sign-in";
import {
  beginChallenge,
  contextOf,
  expectRefusal,
  later,
  makeProtectedPerson,
  PASSWORD,
  reread,
  testDatabase,
} from "./testing/fixtures";
import { Phone } from "./testing/phone";
import { listTrustedBrowsers, revokeTrustedBrowser, revokeTrustedBrowsers } from "./trusted-browsers";
import { changePassword } from "./users";

const db = testDatabase();
const DAY = 86_400;

/** Somebody who ticked the box in their browser half an hour after their set-up. */
async function trustingPerson(options: { isAdmin?: boolean } = {}) {
  const begun = contextOf(db);
  const person = await makeProtectedPerson(begun, options);
  const ctx = later(begun, 1800);
  const challengeToken = await beginChallenge(ctx, person.email);
  const typed = { challengeToken, code: person.phone.code(ctx.now), trustBrowser: true };
  const { trust, token } = await completeSignIn(ctx, typed);
  return { ...person, token, trust, trusted: { ...ctx, trustToken: trust?.token ?? null } };
}

const signIn = (ctx: Context, email: string) => beginSignIn(ctx, { email, password: PASSWORD });
const kindOf = async (ctx: Context, email: string) => (await signIn(ctx, email)).kind;
const mailsOf = (email: string, kind: string) => db.mail.count({ where: { recipient: email, kind } });

describe("a trusted browser", () => {
  it("needs the password and no code, and gets another token at each use", async () => {
    const { email, trusted, user } = await trustingPerson();
    let ctx = trusted;
    for (let n = 0; n < 3; n += 1) {
      ctx = later(ctx, DAY);
      await expectRefusal(beginSignIn(ctx, { email, password: "not the password" }), "invalid_credentials");
      const begun = await signIn(ctx, email);
      if (begun.kind !== "session" || !begun.trust) throw new Error("this browser should be trusted");
      expect(begun.trust.token).not.toBe(ctx.trustToken);
      ctx = { ...ctx, trustToken: begun.trust.token };
    }
    expect(await db.trustedBrowser.count({ where: { userId: user.id } })).toBe(1);
    expect(await mailsOf(email, "trusted_browser_added")).toBe(1);
    expect(await mailsOf(email, "trusted_browser_reused")).toBe(0);
  });

  it("opens a session without a fresh proof", async () => {
    const { email, trusted } = await trustingPerson();
    const begun = await signIn(trusted, email);
    const signedIn = await reread(trusted, begun.token);
    expect(signedIn.isProofFresh).toBe(false);
    await expectRefusal(startTotpSetup(trusted, signedIn), "step_up_required");
  });

  it("is trusted for 30 days from the first, however often it is used", async () => {
    const { email, trusted, trust } = await trustingPerson();
    const { ttlDays } = LIMITS.trustedBrowser;
    const nearlyOver = later(trusted, ttlDays * DAY - 1);
    const used = await signIn(nearlyOver, email);
    if (used.kind !== "session") throw new Error("this browser should be trusted");
    expect(used.trust?.expiresAt).toEqual(trust?.expiresAt);
    const over = { ...later(trusted, ttlDays * DAY), trustToken: used.trust?.token ?? null };
    expect(await kindOf(over, email)).toBe("challenge");
  });

  it("whose old token comes again is trusted no longer, and the owner is told", async () => {
    const { email, trusted, user } = await trustingPerson();
    const used = await signIn(trusted, email);
    const thief = later(trusted, LIMITS.trustedBrowser.graceSeconds + 1);
    // Without the password an old token does nothing.
    await expectRefusal(beginSignIn(thief, { email, password: "not the password" }), "invalid_credentials");
    expect(await db.trustedBrowser.count({ where: { userId: user.id } })).toBe(1);
    expect(await kindOf(thief, email)).toBe("challenge");
    expect(await db.trustedBrowser.count({ where: { userId: user.id } })).toBe(0);
    expect(await mailsOf(email, "trusted_browser_reused")).toBe(1);
    expect(await db.event.count({ where: { userId: user.id, kind: "trusted_browser.reused" } })).toBe(1);
    const newest = used.kind === "session" ? (used.trust?.token ?? null) : null;
    expect(await kindOf({ ...thief, trustToken: newest }, email)).toBe("challenge");
  });

  it("used twice at once is used once; the other is asked for a code, and nobody is warned", async () => {
    const { email, trusted, user } = await trustingPerson();
    const begun = await Promise.all(Array.from({ length: 5 }, () => signIn(trusted, email)));
    expect(begun.filter(({ kind }) => kind === "session")).toHaveLength(1);
    expect(await db.trustedBrowser.count({ where: { userId: user.id } })).toBe(1);
    expect(await mailsOf(email, "trusted_browser_reused")).toBe(0);
  });

  it("is trusted by its own account alone, and a made-up token is nothing", async () => {
    const mine = await trustingPerson();
    const theirs = await trustingPerson();
    const borrowed = { ...theirs.trusted, trustToken: mine.trusted.trustToken };
    expect(await kindOf(borrowed, theirs.email)).toBe("challenge");
    for (const trustToken of ["", "x", ".", `${newId(mine.trusted.now)}.${"a".repeat(43)}`, "\0.\0"])
      expect(await kindOf({ ...mine.trusted, trustToken }, mine.email)).toBe("challenge");
    expect(await kindOf(mine.trusted, mine.email)).toBe("session");
  });
});

describe("trust is not given", () => {
  it("where it is not asked for, or after a wrong code", async () => {
    const ctx = contextOf(db);
    const { email, phone, user } = await makeProtectedPerson(ctx);
    const challengeToken = await beginChallenge(ctx, email);
    const wrong = { challengeToken, code: phone.wrongCode(ctx.now), trustBrowser: true };
    await expectRefusal(completeSignIn(ctx, wrong), "invalid_code");
    expect((await completeSignIn(ctx, { challengeToken, code: phone.code(ctx.now) })).trust).toBeNull();
    expect(await db.trustedBrowser.count({ where: { userId: user.id } })).toBe(0);
  });

  it("for a recovery code, which ends what trust there was", async () => {
    const { email, recoveryCodes, trusted, user } = await trustingPerson();
    const elsewhere = { ...trusted, trustToken: null };
    const challengeToken = await beginChallenge(elsewhere, email);
    const typed = { challengeToken, code: recoveryCodes[0] ?? "", trustBrowser: true };
    expect((await completeSignIn(elsewhere, typed)).trust).toBeNull();
    expect(await db.trustedBrowser.count({ where: { userId: user.id } })).toBe(0);
    expect(await kindOf(trusted, email)).toBe("challenge");
  });

  it("to administrators, and is worth nothing to who became one", async () => {
    const admin = await trustingPerson({ isAdmin: true });
    expect(admin.trust).toBeNull();
    const challengeToken = await beginChallenge(admin.trusted, admin.email);
    expect((await readChallenge(admin.trusted, challengeToken))?.canTrustBrowser).toBe(false);
    const { email, trusted, user } = await trustingPerson();
    await db.user.update({ where: { id: user.id }, data: { isAdmin: true } });
    expect(await kindOf(trusted, email)).toBe("challenge");
  });
});

describe("trust ends", () => {
  type Trusting = Awaited<ReturnType<typeof trustingPerson>> & { signedIn: SignedIn };
  const ends: [string, (person: Trusting) => Promise<unknown>][] = [
    [
      "when the password is changed",
      ({ trusted, signedIn }) =>
        changePassword(trusted, signedIn, { password: PASSWORD, newPassword: PASSWORD }),
    ],
    [
      "when an authenticator is added",
      async ({ trusted, signedIn }) => {
        const { uri } = await startTotpSetup(trusted, signedIn);
        await confirmTotp(trusted, signedIn, { code: new Phone(uri).code(trusted.now) });
      },
    ],
    [
      "when new recovery codes are made",
      ({ trusted, signedIn }) => regenerateRecoveryCodes(trusted, signedIn),
    ],
    [
      "when an authenticator is replaced",
      async ({ trusted, signedIn, factorId }) => {
        const { uri } = await startTotpSetup(trusted, signedIn, { replaces: factorId });
        await confirmTotp(trusted, signedIn, { code: new Phone(uri).code(trusted.now) });
      },
    ],
    [
      "when two-factor is turned off",
      ({ trusted, signedIn, phone }) =>
        disableTwoFactor(trusted, signedIn, { code: phone.code(trusted.now) }),
    ],
    [
      "when two-factor is reset",
      ({ trusted, email }) => resetTwoFactor(trusted, { email, actor: "test", reason: "lost" }),
    ],
    ["when its owner ends all", ({ trusted, signedIn }) => revokeTrustedBrowsers(trusted, signedIn)],
    [
      "when its owner ends it",
      async ({ trusted, signedIn }) => {
        const [one] = await listTrustedBrowsers(trusted, signedIn);
        await revokeTrustedBrowser(trusted, signedIn, one?.id ?? "");
      },
    ],
  ];
  it.each(ends)("%s", async (_when, end) => {
    const person = await trustingPerson();
    await end({ ...person, signedIn: await reread(person.trusted, person.token) });
    expect(await db.trustedBrowser.count({ where: { userId: person.user.id } })).toBe(0);
  });
});

it("one's own are listed, this one marked; another's is not there to end", async () => {
  const mine = await trustingPerson();
  const theirs = await trustingPerson();
  const signedIn = await reread(mine.trusted, mine.token);
  const list = await listTrustedBrowsers(mine.trusted, signedIn);
  expect(list).toMatchObject([{ userAgent: "Test", isCurrent: true, expiresAt: mine.trust?.expiresAt }]);
  expect(await listTrustedBrowsers({ ...mine.trusted, trustToken: null }, signedIn)).toMatchObject([
    { isCurrent: false },
  ]);
  const [other] = await listTrustedBrowsers(theirs.trusted, await reread(theirs.trusted, theirs.token));
  for (const id of [other?.id ?? "", newId(mine.trusted.now)])
    await expectRefusal(revokeTrustedBrowser(mine.trusted, signedIn, id), "not_found");
  expect(await kindOf(theirs.trusted, theirs.email)).toBe("session");
});

it("there are ten at most; the oldest goes", async () => {
  const { email, phone, trusted, user } = await trustingPerson();
  const first = await db.trustedBrowser.findFirstOrThrow({ where: { userId: user.id } });
  for (let n = 1; n <= LIMITS.trustedBrowser.perUser; n += 1) {
    const ctx = { ...later(trusted, n * 60), trustToken: null };
    const challengeToken = await beginChallenge(ctx, email);
    await completeSignIn(ctx, { challengeToken, code: phone.code(ctx.now), trustBrowser: true });
  }
  const ids = (await db.trustedBrowser.findMany({ where: { userId: user.id } })).map(({ id }) => id);
  expect(ids).toHaveLength(LIMITS.trustedBrowser.perUser);
  expect(ids).not.toContain(first.id);
});
