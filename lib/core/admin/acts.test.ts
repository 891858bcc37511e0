import { beforeAll, describe, expect, it } from "vitest";
import type { Acting } from "../access/guard";
import { createApiToken, readApiToken, type TokenHolder } from "../api-tokens";
import type { Context } from "../context";
import { provisionTotp } from "../factors/provisioned-totp";
import { disableTwoFactor, disableTwoFactorByProof, removeTotpFactor } from "../factors/remove-totp";
import { removeTotpOfUser } from "../factors/totp-of-users";
import { askForNewPassword } from "../forgotten-password";
import { readSession, type SignedIn } from "../sessions";
import { beginSignIn } from "../sign-in";
import {
  beginChallenge,
  contextOf,
  expectRefusal,
  later,
  makePerson,
  makeProtectedPerson,
  PASSWORD,
  refusalOf,
  reread,
  testDatabase,
} from "../testing/fixtures";
import { changePassword } from "../users";
import { disableUser, enableUser } from "./disable-user";
import { endAccessOf } from "./end-access-of";
import { inviteAgain, makeUser } from "./make-user";
import { findUserFor, listUsersFor, readUser } from "./read-user";
import { resetTwoFactorOf } from "./reset-two-factor";
import { unlockUser } from "./unlock-user";

const db = testDatabase();
const reason = "asked for in person";
type Protected = Awaited<ReturnType<typeof makeProtectedPerson>>;

const makeAdmin = (ctx: Context) => makeProtectedPerson(ctx, { isAdmin: true });

/** The same administrator, whose proof is old by now. */
const STALE_SECONDS = 700;

async function holderOf(ctx: Context, signedIn: SignedIn, scopes: string[]): Promise<TokenHolder> {
  const { token } = await createApiToken(ctx, signedIn, { name: "Script", scopes });
  const holder = await readApiToken(ctx, token);
  if (!holder) throw new Error("this token should be live");
  return holder;
}

/** Each act with the scope that a token needs for it; those on an account take one that is there. */
const ACTS: [string, string, (ctx: Context, acting: Acting, person: Protected) => Promise<unknown>][] = [
  [
    "make a user",
    "admin:devices.write",
    (ctx, acting) => makeUser(ctx, acting, { email: `n${Math.random()}@example.org` }),
  ],
  [
    "make a device",
    "admin:devices.write",
    (ctx, acting, { user }) => provisionTotp(ctx, acting, { userId: user.id }),
  ],
  [
    "remove a device",
    "admin:devices.write",
    (ctx, acting, { factorId }) => removeTotpOfUser(ctx, acting, { id: factorId }, { reason }),
  ],
  [
    "reset",
    "admin:2fa.reset",
    (ctx, acting, { user }) => resetTwoFactorOf(ctx, acting, { userId: user.id, reason }),
  ],
  [
    "unlock",
    "admin:sessions.write",
    (ctx, acting, { user }) => unlockUser(ctx, acting, { userId: user.id, reason }),
  ],
  [
    "end sessions",
    "admin:sessions.write",
    (ctx, acting, { user }) => endAccessOf(ctx, acting, { userId: user.id, reason }),
  ],
  [
    "disable",
    "admin:sessions.write",
    (ctx, acting, { user }) => disableUser(ctx, acting, { userId: user.id, reason }),
  ],
  [
    "enable",
    "admin:sessions.write",
    (ctx, acting, { user }) => enableUser(ctx, acting, { userId: user.id, reason }),
  ],
];

const READS: [string, (ctx: Context, acting: Acting, person: Protected) => Promise<unknown>][] = [
  ["list users", (ctx, acting) => listUsersFor(ctx, acting, { order: "newest", limit: 1 })],
  ["find a user", (ctx, acting, { user }) => findUserFor(ctx, acting, user.id)],
  ["read a user", (ctx, acting, { user }) => readUser(ctx, acting, user.id)],
];

describe("who may", () => {
  let ctx: Context;
  let admin: Protected;
  let other: Protected;
  let unprotected: Awaited<ReturnType<typeof makePerson>>;
  let unprotectedAdmin: typeof unprotected;
  beforeAll(async () => {
    ctx = contextOf(db);
    admin = await makeAdmin(ctx);
    other = await makeProtectedPerson(ctx);
    unprotected = await makePerson(ctx);
    unprotectedAdmin = await makePerson(ctx, { isAdmin: true });
  });

  it.each(ACTS)("%s: an administrator, lately proven", async (_name, scope, act) => {
    await act(ctx, admin.signedIn, await makeProtectedPerson(contextOf(db)));
    // By token, too, and no other scope will do.
    const again = await makeProtectedPerson(contextOf(db));
    await act(ctx, await holderOf(ctx, admin.signedIn, [scope]), again);
    const without = ["2fa:read", "audit:read", "admin:devices.read"];
    await expectRefusal(act(ctx, await holderOf(ctx, admin.signedIn, without), again), "insufficient_scope");
  });

  it.each(ACTS)("%s: nobody whose proof is old, and nobody else", async (_name, _scope, act) => {
    const person = await makeProtectedPerson(contextOf(db));
    const at = later(ctx, STALE_SECONDS);
    const before = await db.event.count({ where: { userId: person.user.id } });
    await expectRefusal(act(at, await reread(at, admin.token), person), "step_up_required");
    await expectRefusal(act(ctx, other.signedIn, person), "forbidden");
    await expectRefusal(act(ctx, unprotected.signedIn, person), "forbidden");
    await expectRefusal(act(ctx, unprotectedAdmin.signedIn, person), "enrolment_required");
    expect(await db.event.count({ where: { userId: person.user.id } })).toBe(before);
  });

  it.each(READS)("%s: an administrator, however old the proof, and nobody else", async (_name, read) => {
    await read(ctx, admin.signedIn, other);
    await read(ctx, await reread(later(ctx, STALE_SECONDS), admin.token), other);
    await read(ctx, await holderOf(ctx, admin.signedIn, ["admin:devices.read"]), other);
    await expectRefusal(read(ctx, other.signedIn, other), "forbidden");
    await expectRefusal(
      read(ctx, await holderOf(ctx, admin.signedIn, ["admin:devices.write"]), other),
      "insufficient_scope",
    );
  });
});

describe("every act on an account", () => {
  const onAccounts: [string, typeof disableUser][] = [
    ["disable", disableUser],
    ["enable", enableUser],
    ["reset", resetTwoFactorOf],
    ["unlock", unlockUser],
    ["end sessions", endAccessOf],
  ];

  it.each(onAccounts)(
    "%s: wants a reason, somebody who is there, and nobody's own account",
    async (_name, act) => {
      const ctx = contextOf(db);
      const admin = await makeAdmin(ctx);
      const { user } = await makeProtectedPerson(ctx);
      for (const wrong of ["", " ", "a".repeat(501), "a\nb"]) {
        const refused = await refusalOf(act(ctx, admin.signedIn, { userId: user.id, reason: wrong }));
        expect(refused).toMatchObject({ code: "invalid_input", field: "reason" });
      }
      await expectRefusal(act(ctx, admin.signedIn, { userId: "0".repeat(26), reason }), "not_found");
      const own = await refusalOf(act(ctx, admin.signedIn, { userId: admin.user.id, reason }));
      expect(own).toEqual({ code: "conflict", reason: "own_account" });
      expect(await db.event.count({ where: { userId: user.id, actor: admin.user.id } })).toBe(0);
      expect(await readSession(ctx, admin.token)).not.toBeNull();
    },
  );

  it.each([
    ["account.disabled", "account_disabled", disableUser],
    ["two_factor.reset", "two_factor_reset", resetTwoFactorOf],
    ["account.unlocked", "account_unlocked", unlockUser],
    ["access.ended", "access_ended", endAccessOf],
  ] as const)("%s: is written down with actor and reason, and mailed", async (kind, mail, act) => {
    const ctx = contextOf(db);
    const admin = await makeAdmin(ctx);
    const { user, email } = await makeProtectedPerson(ctx);
    await act(ctx, admin.signedIn, { userId: user.id, reason });
    const events = await db.event.findMany({ where: { userId: user.id, kind } });
    expect(events).toMatchObject([{ actor: admin.user.id, details: { reason } }]);
    const mails = await db.mail.findMany({ where: { recipient: email, kind: mail } });
    expect(mails).toMatchObject([{ details: { reason } }]);
  });

  it.each([
    ["account.disabled", "fulfilled", disableUser],
    ["two_factor.reset", "rejected", resetTwoFactorOf],
    ["account.unlocked", "fulfilled", unlockUser],
    ["access.ended", "fulfilled", endAccessOf],
  ] as const)("%s: is done once, though two tabs ask for it", async (kind, other, act) => {
    const ctx = contextOf(db);
    const admin = await makeAdmin(ctx);
    const { user, email } = await makeProtectedPerson(ctx);
    const asked = { userId: user.id, reason };
    const mailed = await db.mail.count({ where: { recipient: email } });
    const results = await Promise.allSettled([
      act(ctx, admin.signedIn, asked),
      act(ctx, admin.signedIn, asked),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", other]);
    expect(await db.event.count({ where: { userId: user.id, kind } })).toBe(1);
    expect(await db.mail.count({ where: { recipient: email } })).toBe(mailed + 1);
  });
});

describe("a disabled user", () => {
  it("is out everywhere at once and cannot get in, until enabled again", async () => {
    const ctx = contextOf(db);
    const admin = await makeAdmin(ctx);
    const person = await makeProtectedPerson(ctx);
    const { user, email, token, signedIn } = person;
    const { token: apiToken } = await createApiToken(ctx, signedIn, { name: "Script", scopes: ["2fa:read"] });
    await askForNewPassword(ctx, { email });
    await beginChallenge(ctx, email);
    await disableUser(ctx, admin.signedIn, { userId: user.id, reason });
    expect(await readSession(ctx, token)).toBeNull();
    expect(await readApiToken(ctx, apiToken)).toBeNull();
    const where = { userId: user.id };
    // Each has this column, and count takes it.
    for (const left of [db.session, db.challenge, db.trustedBrowser, db.mailLink, db.apiToken])
      expect(await (left as typeof db.session).count({ where })).toBe(0);
    await expectRefusal(beginSignIn(ctx, { email, password: PASSWORD }), "invalid_credentials");
    const tried = { where: { userId: user.id }, orderBy: { id: "desc" } } as const;
    expect(await db.event.findFirst(tried)).toMatchObject({
      kind: "sign_in.password_failed",
      details: { isDisabled: true },
    });
    await enableUser(ctx, admin.signedIn, { userId: user.id, reason });
    expect((await beginSignIn(ctx, { email, password: PASSWORD })).kind).toBe("challenge");
    expect(await readApiToken(ctx, apiToken)).toBeNull();
  });

  it("is disabled once, whoever does it at the same time", async () => {
    const ctx = contextOf(db);
    const admins = await Promise.all([makeAdmin(ctx), makeAdmin(ctx)]);
    const { user, email } = await makeProtectedPerson(ctx);
    const acts = [...admins, ...admins].map(({ signedIn }) =>
      disableUser(ctx, signedIn, { userId: user.id, reason }),
    );
    await Promise.all(acts);
    expect(await db.event.count({ where: { userId: user.id, kind: "account.disabled" } })).toBe(1);
    expect(await db.mail.count({ where: { recipient: email, kind: "account_disabled" } })).toBe(1);
  });
});

describe("administrators", () => {
  it.each([
    ["disable", disableUser],
    ["reset", resetTwoFactorOf],
  ])("of two who %s each other at once, one stays", async (_name, act) => {
    const ctx = contextOf(db);
    const [one, two] = await Promise.all([makeAdmin(ctx), makeAdmin(ctx)]);
    const results = await Promise.allSettled([
      act(ctx, one.signedIn, { userId: two.user.id, reason }),
      act(ctx, two.signedIn, { userId: one.user.id, reason }),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const refused = results.find((result) => result.status === "rejected");
    expect(refused?.reason).toMatchObject({ refusal: { code: "unauthenticated" } });
    const left = [await readSession(ctx, one.token), await readSession(ctx, two.token)];
    expect(left.filter((session) => session !== null)).toHaveLength(1);
  });

  it("may not take their own device away here", async () => {
    const ctx = contextOf(db);
    const admin = await makeAdmin(ctx);
    await expectRefusal(
      removeTotpOfUser(ctx, admin.signedIn, { id: admin.factorId }, { reason }),
      "forbidden",
    );
    expect((await reread(ctx, admin.token)).twoFactor.isOn).toBe(true);
  });
});

it("what policy asks for cannot be turned off, by any way, and no code is used up by it", async () => {
  const ctx = contextOf(db);
  const { signedIn, factorId, token, recoveryCodes } = await makeAdmin(ctx);
  const code = recoveryCodes[0] ?? "";
  await expectRefusal(removeTotpFactor(ctx, signedIn, { id: factorId, code }), "forbidden");
  await expectRefusal(disableTwoFactor(ctx, signedIn, { code }), "forbidden");
  await expectRefusal(disableTwoFactorByProof(ctx, signedIn), "forbidden");
  expect((await reread(ctx, token)).twoFactor).toEqual({ isOn: true, recoveryCodesLeft: 10 });
});

it("an unlocked user's codes count again, and nothing is open to them but a new password", async () => {
  const ctx = contextOf(db);
  const admin = await makeAdmin(ctx);
  const { user, token } = await makePerson(ctx);
  await db.factorBudget.update({
    where: { userId: user.id },
    data: { failures: Array(20).fill(ctx.now), waitUntil: later(ctx, 60).now },
  });
  const budget = { failures: 30, lastAt: ctx.now, waitUntil: later(ctx, 900).now };
  await db.passwordBudget.createMany({
    data: [user.id, `own:${user.id}`].map((key) => ({ key, ...budget })),
  });
  expect((await readUser(ctx, admin.signedIn, user.id)).lock).toMatchObject({ isUsedUp: true, failures: 20 });
  await unlockUser(ctx, admin.signedIn, { userId: user.id, reason });
  const { lock, passwordChangeDemandedAt } = await readUser(ctx, admin.signedIn, user.id);
  expect(lock).toEqual({ failures: 0, units: 20, waitUntil: null, isUsedUp: false, passwordWaitUntil: null });
  expect(passwordChangeDemandedAt).toEqual(ctx.now);
  const signedIn = await reread(ctx, token);
  expect(signedIn.mustChangePassword).toBe(true);
  const renewed = await changePassword(ctx, signedIn, {
    password: PASSWORD,
    newPassword: "another horse battery",
  });
  expect((await reread(ctx, renewed.token)).mustChangePassword).toBe(false);
});

it("ended access ends sessions, trust and half-done sign-ins, and leaves the account as it was", async () => {
  const ctx = contextOf(db);
  const admin = await makeAdmin(ctx);
  const { user, email, token } = await makeProtectedPerson(ctx);
  await beginChallenge(ctx, email);
  await endAccessOf(ctx, admin.signedIn, { userId: user.id, reason });
  expect(await readSession(ctx, token)).toBeNull();
  expect(await db.challenge.count({ where: { userId: user.id } })).toBe(0);
  expect((await beginSignIn(ctx, { email, password: PASSWORD })).kind).toBe("challenge");
});

it("an invitation cannot be sent to somebody who has a password", async () => {
  const ctx = contextOf(db);
  const admin = await makeAdmin(ctx);
  const { user } = await makePerson(ctx);
  await expectRefusal(inviteAgain(ctx, admin.signedIn, user.id), "conflict");
});
