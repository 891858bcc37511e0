import { afterAll, beforeAll, expect, it } from "vitest";
import type { Database } from "@/lib/db/client";
import { findBrokenInvariants } from "@/lib/db/invariants";
import { startOwnTestDatabase } from "@/lib/db/testing/test-database";
import { createApiToken } from "./api-tokens";
import { completeSignIn } from "./challenges";
import { recordEvent } from "./events";
import { startTotpSetup } from "./factors/totp";
import { askForNewPassword } from "./forgotten-password";
import {
  beginChallenge,
  contextOf,
  elsewhere,
  later,
  makePerson,
  makeProtectedPerson,
  reread,
} from "./testing/fixtures";
import { expectWhole } from "./testing/whole";

// In a database of its own: here it is broken on purpose.
let own: Awaited<ReturnType<typeof startOwnTestDatabase>>;
let db: Database;
beforeAll(async () => {
  own = await startOwnTestDatabase();
  ({ db } = own);
});
afterAll(() => own.stop());

/** What makes each promise be broken, in the order of their names. */
const BREAKS: [string, string][] = [
  [
    "an authenticator is proven or pending, never both",
    "UPDATE totp_factor SET last_step = 7 WHERE confirmed_at IS NULL",
  ],
  ["each account has its budget of tries", "DELETE FROM factor_budget"],
  ["each code is used at most once", "UPDATE recovery_code SET used_at = NULL"],
  ["every change has its event", "UPDATE session SET created_at = created_at + interval '1 second'"],
  ["nothing is pending past its time", "UPDATE challenge SET expires_at = created_at"],
  [
    "the step of a code that was used is remembered",
    "UPDATE totp_factor SET last_step = last_step - 1 WHERE confirmed_at IS NOT NULL",
  ],
  [
    "two-factor sign-in is on with a confirmed authenticator and a set of recovery codes, and off without both",
    "DELETE FROM recovery_code WHERE id IN (SELECT id FROM recovery_code LIMIT 1)",
  ],
];

it("codes of a set that went with a restore count against no other, and those of the set that is there do", async () => {
  const start = contextOf(db);
  const { id: userId } = (await makeProtectedPerson(start)).user;
  const use = { kind: "sign_in.succeeded", userId, details: { factor: "recovery" } } as const;
  const since = later(start, 60);
  await recordEvent(since, { kind: "recovery_codes.made", userId });
  // One more than a set has.
  for (let n = 0; n <= 10; n += 1) await recordEvent(since, use);
  await expectWhole(own.connection, since, "restored");
  const before = later(start, 30);
  await recordEvent(before, use);
  const found = await findBrokenInvariants(own.connection, { newest: null, purgedUntil: null });
  expect(found).toMatchObject([{ invariant: "each code is used at most once" }]);
  const { id } = await db.recoveryCode.findFirstOrThrow({ where: { userId } });
  await db.recoveryCode.update({ where: { id }, data: { usedAt: before.now } });
  await expectWhole(own.connection, since, "used");
});

it("of a database in use nothing is broken, and each promise that is broken is named", async () => {
  const start = contextOf(db);
  const { email, phone, recoveryCodes } = await makeProtectedPerson(start);
  const ctx = later(elsewhere(start), 600);
  const code = recoveryCodes[0] ?? "";
  const challengeToken = await beginChallenge(ctx, email);
  const { token } = await completeSignIn(ctx, { challengeToken, code });
  const trusting = {
    challengeToken: await beginChallenge(ctx, email),
    code: phone.code(ctx.now),
    trustBrowser: true,
  };
  await completeSignIn(ctx, trusting);
  await beginChallenge(ctx, email);
  await createApiToken(ctx, await reread(ctx, token), { name: "Script", scopes: ["2fa:read"] });
  await startTotpSetup(ctx, await reread(ctx, token));
  await makePerson(ctx);
  await askForNewPassword(ctx, { email });
  await expectWhole(own.connection, ctx, "in use");

  const asked = { newest: null, purgedUntil: ctx.now };
  const broken: string[] = [];
  for (const [invariant, statement] of BREAKS) {
    await db.$executeRawUnsafe(statement);
    broken.push(invariant);
    const found = await findBrokenInvariants(own.connection, asked);
    expect([...new Set(found.map((one) => one.invariant))]).toEqual(broken);
  }
  expect(await findBrokenInvariants(own.connection, { newest: 0, purgedUntil: null })).toEqual([]);
});
