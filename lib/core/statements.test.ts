import { afterEach, expect, it, vi } from "vitest";
import { argon2Verify } from "@/lib/crypto/argon2";
import { ARGON2ID } from "@/lib/crypto/argon2-cost";
import { ImpatientClient } from "@/lib/db/impatient-client";
import { createApiToken, readApiToken } from "./api-tokens";
import { completeSignIn } from "./challenges";
import { mailSignInCode } from "./mailed-code";
import { readSession } from "./sessions";
import { beginSignIn } from "./sign-in";
import {
  beginChallenge,
  contextOf,
  later,
  makePerson,
  makeProtectedPerson,
  newestCode,
  PASSWORD,
  refusalOf,
  testDatabase,
} from "./testing/fixtures";
import { hashedEmail } from "./try-budget";

// As it is, but counted.
vi.mock("@/lib/crypto/argon2", async (load) => {
  const real = await load<typeof import("@/lib/crypto/argon2")>();
  return { ...real, argon2Verify: vi.fn(real.argon2Verify) };
});

const db = testDatabase();
afterEach(() => void vi.restoreAllMocks());

/** How many statements the driver sends while `work` goes on: BEGIN and COMMIT would count too. */
async function statements(work: () => Promise<unknown>): Promise<number> {
  const sent = vi.spyOn(ImpatientClient.prototype, "query");
  await work();
  const count = sent.mock.calls.length;
  sent.mockRestore();
  return count;
}

it("reading a session is one statement", async () => {
  const ctx = contextOf(db);
  const { token } = await makePerson(ctx);
  expect(await statements(() => readSession(ctx, token))).toBe(1);
  expect(await statements(() => readSession(later(ctx, 120), token))).toBe(1);
});

it("reading an API token is one statement, whether it notes the use or not, and none for what is no token", async () => {
  const ctx = contextOf(db);
  const { signedIn } = await makeProtectedPerson(ctx);
  const { token } = await createApiToken(ctx, signedIn, { name: "Script", scopes: ["2fa:read"] });
  for (const seconds of [0, 30, 120])
    expect(await statements(() => readApiToken(later(ctx, seconds), token))).toBe(1);
  expect(await statements(() => readApiToken(ctx, "no token"))).toBe(0);
});

it("the password step is at most four, whoever is meant and however it ends", async () => {
  const ctx = contextOf(db);
  const { email } = await makePerson(ctx);
  const person = await makeProtectedPerson(ctx);
  const wrong = "not the password";
  expect(await statements(() => beginSignIn(ctx, { email, password: PASSWORD }))).toBe(3);
  expect(await statements(() => beginSignIn(ctx, { email: person.email, password: PASSWORD }))).toBe(3);
  const known = await statements(() => refusalOf(beginSignIn(ctx, { email, password: wrong })));
  const unknown = await statements(() =>
    refusalOf(beginSignIn(ctx, { email: `x${email}`, password: wrong })),
  );
  expect([known, unknown]).toEqual([3, 3]);
});

it("a refused password is the same work, whoever is meant: the same statements, and one hash of the same cost", async () => {
  const ctx = contextOf(db);
  const wrong = "not the password";
  const { email } = await makePerson(ctx);
  const { email: withTwoFactor } = await makeProtectedPerson(ctx);
  const { email: disabled, user } = await makePerson(ctx);
  const known = [email, withTwoFactor, disabled];
  await db.user.update({ where: { id: user.id }, data: { disabledAt: ctx.now } });
  const nobody = `x${email}`;
  const work = async (of: string, password: string) => {
    const sent = vi.spyOn(ImpatientClient.prototype, "query");
    vi.mocked(argon2Verify).mockClear();
    const { code } = await refusalOf(beginSignIn(ctx, { email: of, password }));
    const statements = sent.mock.calls.map(([query]) => (query as unknown as { text: string }).text);
    sent.mockRestore();
    const costs = vi
      .mocked(argon2Verify)
      .mock.calls.map(([hash]) => String(hash).split("$").slice(1, 4).join("$"));
    return { code, statements, costs };
  };
  const refused = await work(nobody, wrong);
  expect(refused.code).toBe("invalid_credentials");
  expect(refused.statements).toHaveLength(3);
  const { memoryCost, timeCost, parallelism } = ARGON2ID;
  expect(refused.costs).toEqual([`argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}`]);
  for (const of of known) expect(await work(of, wrong)).toEqual(refused);
  // The right one, too, of an account that is disabled.
  expect(await work(disabled, PASSWORD)).toEqual(refused);

  const people = await db.user.findMany({ where: { email: { in: known } } });
  // A disabled account is counted as nobody's.
  const nobodys = [nobody, disabled].map((address) => `nobody:${hashedEmail(ctx, address)}`);
  const keys = [...people.map(({ id }) => id), ...nobodys];
  const data = { waitUntil: later(ctx, 60).now };
  expect((await db.passwordBudget.updateMany({ where: { key: { in: keys } }, data })).count).toBe(4);
  const waiting = await work(nobody, wrong);
  expect(waiting).toMatchObject({ code: "too_many_requests", costs: [] });
  for (const of of known) expect(await work(of, wrong)).toEqual(waiting);
});

it("the code step is at most four, right or wrong, by authenticator or recovery code", async () => {
  const start = contextOf(db);
  const { email, phone, recoveryCodes } = await makeProtectedPerson(start);
  const ctx = later(start, 1800);
  const step = async (code: string) => {
    const challengeToken = await beginChallenge(ctx, email);
    return statements(() => completeSignIn(ctx, { challengeToken, code }).catch(() => null));
  };
  expect(await step(phone.wrongCode(ctx.now))).toBe(2);
  expect(await step(phone.code(ctx.now))).toBe(2);
  expect(await step(recoveryCodes[0] ?? "")).toBe(2);
});

it("a mailed code costs no statement more", async () => {
  const start = contextOf(db);
  const { email, user } = await makeProtectedPerson(start);
  await db.user.update({ where: { id: user.id }, data: { emailVerifiedAt: start.now } });
  const ctx = later(start, 1800);
  const challengeToken = await beginChallenge(ctx, email);
  await mailSignInCode(ctx, { challengeToken });
  const code = await newestCode(ctx, email);
  expect(await statements(() => completeSignIn(ctx, { challengeToken, code, factor: "email" }))).toBe(2);
});

it("trusting a browser costs no statement more, in either step", async () => {
  const start = contextOf(db);
  const { email, phone } = await makeProtectedPerson(start);
  const ctx = later(start, 1800);
  const challengeToken = await beginChallenge(ctx, email);
  let trustToken: string | null = null;
  const sent = await statements(async () => {
    const typed = { challengeToken, code: phone.code(ctx.now), trustBrowser: true };
    trustToken = (await completeSignIn(ctx, typed)).trust?.token ?? null;
  });
  expect(sent).toBe(2);
  const trusted = { ...ctx, trustToken };
  expect(await statements(() => beginSignIn(trusted, { email, password: PASSWORD }))).toBe(3);
  // Its old token, long after: the trust ends, the owner is told, the challenge opens.
  const old = { ...later(ctx, 3600), trustToken };
  expect(await statements(() => beginSignIn(old, { email, password: PASSWORD }))).toBe(3);
});
