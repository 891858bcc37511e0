import { expect, it } from "vitest";
import { createApiToken } from "../api-tokens";
import { provisionTotp } from "../factors/provisioned-totp";
import { contextOf, expectRefusal, makePerson, makeProtectedPerson, testDatabase } from "../testing/fixtures";
import { listUsers, type UserFilter } from "../user-summary";
import { disableUser } from "./disable-user";
import { listUsersFor, readUser } from "./read-user";

const db = testDatabase();

it("tells of an account what it has, and no secret of it", async () => {
  const ctx = contextOf(db);
  const admin = await makeProtectedPerson(ctx, { isAdmin: true });
  const person = await makeProtectedPerson(ctx);
  const { id } = person.user;
  const { token } = await createApiToken(ctx, person.signedIn, { name: "Script", scopes: ["2fa:read"] });
  const waiting = await provisionTotp(ctx, admin.signedIn, { userId: id, name: "Tablet" });
  const read = await readUser(ctx, admin.signedIn, id);
  expect(read.factors).toMatchObject([
    { id: person.factorId, provisionedBy: null },
    { id: waiting.id, name: "Tablet", confirmedAt: null, provisionedBy: admin.user.id },
  ]);
  expect(read).toMatchObject({
    twoFactor: { isOn: true, authenticators: 1, recoveryCodesLeft: 10 },
    sessions: [{ id: person.signedIn.session.id }],
    apiTokens: [{ name: "Script", scopes: ["2fa:read"] }],
    invitation: null,
  });
  expect(read.events[0]).toMatchObject({ kind: "totp.provisioned", actor: admin.user.id });
  expect(read.people.get(admin.user.id)).toBe(admin.email);
  const said = JSON.stringify(read);
  const rows = await db.totpFactor.findMany({ where: { userId: id } });
  const { passwordHash } = await db.user.findUniqueOrThrow({ where: { id } });
  const secrets = [token, person.token, waiting.secret, waiting.uri, passwordHash, ...person.recoveryCodes];
  for (const secret of [...secrets, ...rows.map(({ sealedSecret }) => sealedSecret)])
    expect(said).not.toContain(secret);
  expect(said).not.toMatch(/secret|hash|token_hash|otpauth/i);
});

it("finds nobody by an id that nobody has", async () => {
  const ctx = contextOf(db);
  const { signedIn } = await makeProtectedPerson(ctx, { isAdmin: true });
  await expectRefusal(readUser(ctx, signedIn, "0".repeat(26)), "not_found");
});

it("users are found by a part of their address or name, and by the whole of a number or id", async () => {
  const ctx = contextOf(db);
  const admin = await makeProtectedPerson(ctx, { isAdmin: true });
  const { user, email } = await makePerson(ctx);
  const name = `Ümit 100%_\\ ${user.number}x`;
  await db.user.update({ where: { id: user.id }, data: { name } });
  const found = async (search: string) =>
    (await listUsersFor(ctx, admin.signedIn, { search, order: "newest", limit: 500 })).map(({ id }) => id);
  const part = email.slice(3, 30);
  for (const search of [part, part.toUpperCase(), ` ${part} `, "ÜMIT 100%", "%_\\", `${user.number}x`])
    expect(await found(search)).toContain(user.id);
  expect(await found(String(user.number))).toContain(user.id);
  expect(await found(user.id)).toEqual([user.id]);
  expect(await found(user.id.toLowerCase())).toEqual([user.id]);
  for (const search of ["a%b", "nobody has this", "a\0b", "\ud800", "z".repeat(300), "999999999999", "100%x"])
    expect(await found(search)).not.toContain(user.id);
});

it("users are filtered, and paged each once in both orders", async () => {
  const ctx = contextOf(db);
  const admin = await makeProtectedPerson(ctx, { isAdmin: true });
  const plain = await makePerson(ctx);
  const on = await makeProtectedPerson(ctx);
  const off = await makePerson(ctx);
  await disableUser(ctx, admin.signedIn, { userId: off.user.id, reason: "left" });
  const ids = new Set([admin, plain, on, off].map(({ user }) => user.id));
  const beyond = admin.user.number - 1;
  const among = async (filter: UserFilter) =>
    (await listUsers(ctx, { ...filter, order: "oldest", beyond, limit: 500 }))
      .map(({ id }) => id)
      .filter((id) => ids.has(id));
  expect(await among({})).toEqual([admin, plain, on, off].map(({ user }) => user.id));
  expect(await among({ hasTwoFactor: true })).toEqual([admin.user.id, on.user.id]);
  expect(await among({ hasTwoFactor: false })).toEqual([plain.user.id, off.user.id]);
  expect(await among({ isAdmin: true })).toEqual([admin.user.id]);
  expect(await among({ isDisabled: true })).toEqual([off.user.id]);
  expect(await among({ isDisabled: false, hasTwoFactor: false })).toEqual([plain.user.id]);
  for (const order of ["oldest", "newest"] as const) {
    const seen: number[] = [];
    let from: number | undefined;
    for (;;) {
      const page = await listUsers(ctx, { order, limit: 2, ...(from === undefined ? {} : { beyond: from }) });
      seen.push(...page.map(({ number }) => number));
      if (page.length < 2) break;
      from = page.at(-1)?.number;
    }
    const inOrder = [...new Set(seen)].sort((a, b) => (order === "oldest" ? a - b : b - a));
    expect(seen).toEqual(inOrder);
    expect(seen).toEqual(expect.arrayContaining([admin.user.number, off.user.number]));
  }
});
