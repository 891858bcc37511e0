import { beforeEach, expect, it } from "vitest";
import { generateKeys, KeysError, parseKeys } from "@/lib/crypto/keys";
import {
  canClaim,
  claimInstallation,
  prepareInstallation,
  readInstallation,
  setUpToken,
} from "./installation";
import { contextOf, expectRefusal, NOON, PASSWORD, reread, testDatabase } from "./testing/fixtures";
import { createUser } from "./users";

// The installation is one row of the shared database; no other test file makes or claims it.
const db = testDatabase();
beforeEach(async () => {
  await db.installation.deleteMany();
});

it("the first start ties the database to its keys; other keys are refused", async () => {
  const ctx = contextOf(db);
  expect(await readInstallation(ctx.db)).toBeNull();
  const first = await prepareInstallation(ctx.db, ctx.keys, NOON);
  expect(await prepareInstallation(ctx.db, ctx.keys, NOON)).toEqual(first);
  const others = parseKeys(generateKeys());
  await expect(prepareInstallation(ctx.db, others, NOON)).rejects.toThrow(KeysError);
});

it("the link makes one administrator, once, and never again", async () => {
  const ctx = contextOf(db);
  const installation = await prepareInstallation(ctx.db, ctx.keys, NOON);
  const token = setUpToken(ctx.keys, installation);
  const typed = { token, email: `first${Math.random()}@example.org`, password: PASSWORD };
  for (const wrong of ["", "x", token.slice(1), `${token.slice(0, -1)}_`])
    expect(await canClaim(ctx, wrong)).toBe(false);
  await expectRefusal(claimInstallation(ctx, { ...typed, token: "x" }), "not_found");
  await expectRefusal(claimInstallation(ctx, { ...typed, password: "short" }), "invalid_input");
  expect(await canClaim(ctx, token)).toBe(true);
  const session = await claimInstallation(ctx, typed);
  expect((await reread(ctx, session.token)).user.isAdmin).toBe(true);
  await expectRefusal(claimInstallation(ctx, { ...typed, email: "second@example.org" }), "not_found");
  expect(await canClaim(ctx, token)).toBe(false);
});

it("an administrator made by the operator closes the link too", async () => {
  const ctx = contextOf(db);
  const installation = await prepareInstallation(ctx.db, ctx.keys, NOON);
  const token = setUpToken(ctx.keys, installation);
  await createUser(ctx, { email: `plain${Math.random()}@example.org`, password: PASSWORD }, "cli");
  expect(await canClaim(ctx, token)).toBe(true);
  await createUser(
    ctx,
    { email: `admin${Math.random()}@example.org`, password: PASSWORD, isAdmin: true },
    "cli",
  );
  expect(await canClaim(ctx, token)).toBe(false);
});
