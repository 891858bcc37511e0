import { afterAll, beforeAll, expect, it } from "vitest";
import type { Database } from "@/lib/db/client";
import { startOwnTestDatabase } from "@/lib/db/testing/test-database";
import { SCOPES } from "../access/scopes";
import { createApiTokenFor, readApiToken } from "../api-tokens";
import { provisionTotp } from "../factors/provisioned-totp";
import { removeTotpOfUser } from "../factors/totp-of-users";
import { contextOf, makePerson, makeProtectedPerson, refusalOf } from "../testing/fixtures";
import { disableUser } from "./disable-user";
import { resetTwoFactorOf } from "./reset-two-factor";

// In a database of their own: in the others there are many administrators.
let db: Database;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ db, stop } = await startOwnTestDatabase());
});
afterAll(() => stop());

it("the last administrator with two-factor sign-in keeps it and the account, whoever asks", async () => {
  const ctx = contextOf(db);
  const last = await makeProtectedPerson(ctx, { isAdmin: true });
  // An administrator without it acts by a token that the command line made.
  const other = await makePerson(ctx, { isAdmin: true });
  const asked = { email: other.email, name: "Script", scopes: SCOPES, actor: "test" };
  const holder = await readApiToken(ctx, (await createApiTokenFor(ctx, asked)).token);
  if (!holder) throw new Error("this token should be live");
  const userId = last.user.id;
  await provisionTotp(ctx, holder, { userId });
  const reason = "asked for in person";
  const conflict = { code: "conflict", reason: "last_administrator" };
  expect(await refusalOf(disableUser(ctx, holder, { userId, reason }))).toEqual(conflict);
  expect(await refusalOf(resetTwoFactorOf(ctx, holder, { userId, reason }))).toEqual(conflict);
  for (const which of [{ id: last.factorId }, { userId }])
    expect(await refusalOf(removeTotpOfUser(ctx, holder, which))).toEqual({ code: "forbidden" });
  expect(await db.totpFactor.count({ where: { userId } })).toBe(2);
  const second = await makeProtectedPerson(ctx, { isAdmin: true });
  await disableUser(ctx, second.signedIn, { userId, reason });
});
