import { expect, it } from "vitest";
import { completeSignIn } from "./challenges";
import { readSession } from "./sessions";
import { beginSignIn } from "./sign-in";
import {
  beginChallenge,
  contextOf,
  elsewhere,
  expectRefusal,
  later,
  makePerson,
  makeProtectedPerson,
  PASSWORD,
  refusalOf,
  reread,
  testDatabase,
} from "./testing/fixtures";
import { changePassword, signUp } from "./users";

const db = testDatabase();

it("without a second factor the password opens a session; with one, a challenge and no session", async () => {
  const ctx = contextOf(db);
  const { email } = await makePerson(ctx);
  expect((await beginSignIn(ctx, { email: ` ${email.toUpperCase()} `, password: PASSWORD })).kind).toBe(
    "session",
  );
  const person = await makeProtectedPerson(ctx);
  const before = await db.session.count({ where: { userId: person.user.id } });
  expect((await beginSignIn(ctx, { email: person.email, password: PASSWORD })).kind).toBe("challenge");
  expect(await db.session.count({ where: { userId: person.user.id } })).toBe(before);
});

it("a wrong password and an unknown e-mail are refused alike, from the first try into the waits", async () => {
  const { email } = await makePerson(contextOf(db));
  const stranger = elsewhere(contextOf(db));
  const refusals = async (address: string) => {
    const seen: unknown[] = [];
    for (let n = 0; n < 13; n += 1) {
      seen.push(await refusalOf(beginSignIn(stranger, { email: address, password: "not the password" })));
    }
    return seen;
  };
  const known = await refusals(email);
  expect(await refusals(`nobody-${email}`)).toEqual(known);
  expect(known.slice(0, 10)).toEqual(Array(10).fill({ code: "invalid_credentials" }));
  expect(known.at(-1)).toEqual({ code: "too_many_requests", retryAfterSeconds: 5 });
});

it("the wait doubles to at most 15 minutes, ends in no lock, and a right password ends it", async () => {
  const { email } = await makePerson(contextOf(db));
  let now = contextOf(db);
  const waits: number[] = [];
  for (let n = 0; n < 22; n += 1) {
    now = { ...now, address: contextOf(db).address };
    const refusal = await refusalOf(beginSignIn(now, { email, password: "not the password" }));
    if (refusal.code !== "too_many_requests") continue;
    waits.push(refusal.retryAfterSeconds);
    now = later(now, refusal.retryAfterSeconds);
  }
  expect(waits).toEqual([5, 10, 20, 40, 80, 160]);
  const quiet = later(now, 900);
  expect((await beginSignIn(quiet, { email, password: PASSWORD })).kind).toBe("session");
  await expectRefusal(beginSignIn(quiet, { email, password: "not the password" }), "invalid_credentials");
});

it("while an account waits, whoever tries neither writes nor locks anything that others would stand at", async () => {
  const { email, user } = await makePerson(contextOf(db));
  const stranger = elsewhere(contextOf(db));
  const guess = () => refusalOf(beginSignIn(stranger, { email, password: "not the password" }));
  while ((await guess()).code !== "too_many_requests");
  // PostgreSQL writes down in the row itself who wrote or locked it last.
  const row = () =>
    db.$queryRaw`SELECT ctid::text, xmin::text, xmax::text FROM password_budget WHERE key = ${user.id}`;
  const before = await row();
  expect(before).toHaveLength(1);
  expect((await guess()).code).toBe("too_many_requests");
  expect(await row()).toEqual(before);
});

it("a browser that the account knows does not wait for what strangers did", async () => {
  const start = contextOf(db);
  const { email, phone } = await makeProtectedPerson(start);
  const ctx = later(start, 1800);
  const done = await completeSignIn(ctx, {
    challengeToken: await beginChallenge(ctx, email),
    code: phone.code(ctx.now),
  });
  const stranger = elsewhere(ctx);
  for (let n = 0; n < 12; n += 1)
    await refusalOf(beginSignIn(stranger, { email, password: "not the password" }));
  await expectRefusal(beginSignIn(stranger, { email, password: PASSWORD }), "too_many_requests");
  const known = { ...ctx, browserToken: done.browserToken };
  expect((await beginSignIn(known, { email, password: PASSWORD })).kind).toBe("challenge");
});

it("a changed password ends every other session and open challenge, and the old one opens nothing", async () => {
  const ctx = contextOf(db);
  const { email, phone, token, signedIn } = await makeProtectedPerson(ctx);
  const challengeToken = await beginChallenge(ctx, email);
  const other = await completeSignIn(ctx, {
    challengeToken: await beginChallenge(ctx, email),
    code: phone.code(ctx.now),
  });
  const renewed = await changePassword(ctx, signedIn, {
    password: PASSWORD,
    newPassword: "another long password",
  });
  expect(await readSession(ctx, renewed.token)).not.toBeNull();
  for (const dead of [token, other.token]) expect(await readSession(ctx, dead)).toBeNull();
  const then = later(ctx, 30);
  await expectRefusal(
    completeSignIn(then, { challengeToken, code: phone.code(then.now) }),
    "challenge_expired",
  );
  await expectRefusal(beginSignIn(ctx, { email, password: PASSWORD }), "invalid_credentials");
});

it("sign-up: one address, one account, also in parallel; closed means closed", async () => {
  const ctx = contextOf(db);
  const email = `parallel${Math.random()}@example.org`;
  const tries = Array.from({ length: 8 }, () => signUp(ctx, { email, password: PASSWORD }));
  const made = (await Promise.allSettled(tries)).filter(({ status }) => status === "fulfilled");
  expect(made).toHaveLength(1);
  expect(await db.user.count({ where: { email } })).toBe(1);
  const closed = { ...ctx, settings: { ...ctx.settings, signUp: "closed" as const } };
  await expectRefusal(signUp(closed, { email: "x@example.org", password: PASSWORD }), "sign_up_closed");
});

it.each([
  [{ email: "", password: PASSWORD }, "email", "missing"],
  [{ email: "no at sign", password: PASSWORD }, "email", "malformed"],
  [{ email: "nul\u0000@example.org", password: PASSWORD }, "email", "malformed"],
  [{ email: "half\ud800@example.org", password: PASSWORD }, "email", "malformed"],
  [{ email: `${"a".repeat(70000)}@example.org`, password: PASSWORD }, "email", "too_long"],
  [{ email: "a@example.org", password: "" }, "password", "missing"],
  [{ email: "a@example.org", password: "short" }, "password", "too_short"],
  [{ email: "a@example.org", password: "x".repeat(70000) }, "password", "too_long"],
  [{ email: "a@example.org", password: "half \ud800 of a pair" }, "password", "malformed"],
])("sign-up refuses %#: bad input changes nothing", async (typed, field, problem) => {
  const before = await db.event.count();
  expect(await refusalOf(signUp(contextOf(db), typed))).toEqual({ code: "invalid_input", field, problem });
  expect(await db.event.count()).toBe(before);
});

it("what strangers try at sign-in neither shuts the owner's own prompt nor a browser of theirs", async () => {
  const ctx = contextOf(db);
  const { email } = await makePerson(ctx);
  const begun = await beginSignIn(ctx, { email, password: PASSWORD });
  if (begun.kind !== "session") throw new Error("a session was expected");
  const stranger = elsewhere(ctx);
  for (let n = 0; n < 12; n += 1)
    await refusalOf(beginSignIn(stranger, { email, password: "not the password" }));
  await expectRefusal(beginSignIn(elsewhere(ctx), { email, password: PASSWORD }), "too_many_requests");
  const known = { ...ctx, browserToken: begun.browserToken };
  expect((await beginSignIn(known, { email, password: PASSWORD })).kind).toBe("session");
  const signedIn = await reread(ctx, begun.token);
  const change = { password: PASSWORD, newPassword: "another long password" };
  expect((await changePassword(ctx, signedIn, change)).userId).toBe(signedIn.user.id);
});

it("a thief of the password cannot crowd a known browser's challenge out", async () => {
  const start = contextOf(db);
  const { email, phone } = await makeProtectedPerson(start);
  const ctx = later(start, 1800);
  const first = await completeSignIn(ctx, {
    challengeToken: await beginChallenge(ctx, email),
    code: phone.code(ctx.now),
  });
  const known = { ...ctx, browserToken: first.browserToken };
  const challengeToken = await beginChallenge(known, email);
  // From elsewhere, and from the owner's own network.
  for (const thief of [elsewhere(ctx), ctx])
    for (let n = 1; n < 8; n += 1) await beginChallenge(later(thief, n), email);
  const after = later(known, 10);
  expect((await completeSignIn(after, { challengeToken, code: phone.code(after.now) })).factor).toBe("totp");
});
