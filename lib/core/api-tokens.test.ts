import { describe, expect, it } from "vitest";
import { requireAccess } from "./access/guard";
import { isAdministrators, SCOPES } from "./access/scopes";
import { resetTwoFactor } from "./admin/reset-two-factor";
import {
  type AskedToken,
  createApiToken,
  createApiTokenFor,
  listApiTokens,
  listApiTokensOf,
  readApiToken,
  revokeApiToken,
  revokeApiTokenOf,
  TOKEN_PREFIX,
  type TokenHolder,
} from "./api-tokens";
import type { Context } from "./context";
import { startTotpByToken } from "./factors/provisioned-totp";
import { disableTwoFactor } from "./factors/remove-totp";
import { newId } from "./ids";
import { LIMITS } from "./limits";
import { purgeLapsed } from "./purge";
import { type RefusalCode, Refused } from "./refusals";
import type { SignedIn } from "./sessions";
import {
  contextOf,
  expectRefusal,
  later,
  makePerson,
  makeProtectedPerson,
  PASSWORD,
  refusalOf,
  reread,
  testDatabase,
} from "./testing/fixtures";
import { takeNewToken } from "./token-reveal";
import { changePassword } from "./users";

const db = testDatabase();
const DAY = 86_400;
const ASKED: AskedToken = { name: "Nightly script", scopes: ["2fa:read", "sessions:read"] };

/** Somebody with two-factor sign-in on, and a token of theirs. */
async function tokenOwner(options: { isAdmin?: boolean; asked?: AskedToken } = {}) {
  const ctx = contextOf(db);
  const person = await makeProtectedPerson(ctx, options);
  const made = await createApiToken(ctx, person.signedIn, options.asked ?? ASKED);
  return { ...person, ctx, made };
}

async function holderOf(ctx: Context, token: string): Promise<TokenHolder> {
  const holder = await readApiToken(ctx, token);
  if (!holder) throw new Error("this token should be live");
  return holder;
}

const tokensOf = (userId: string) => db.apiToken.count({ where: { userId } });
const eventsOf = (userId: string, kind: string) => db.event.findMany({ where: { userId, kind } });

describe("a token", () => {
  it("is known by its prefix, and opens its owner's account within its scopes", async () => {
    const { ctx, made, user, email } = await tokenOwner();
    expect(made.token).toMatch(/^countersign_[A-Za-z0-9_-]{43}$/);
    expect(TOKEN_PREFIX).toBe("countersign_");
    const holder = await holderOf(ctx, made.token);
    expect(holder).toMatchObject({
      token: { id: made.id, name: ASKED.name, scopes: ASKED.scopes, expiresAt: made.expiresAt },
      user: { id: user.id, email },
      twoFactor: { isOn: true },
    });
  });

  it("is in no row of the database, nor is any part of it that would do", async () => {
    const { ctx, made, signedIn } = await tokenOwner();
    await takeNewToken(ctx, signedIn, made.id);
    await holderOf(ctx, made.token);
    const secret = made.token.slice(TOKEN_PREFIX.length);
    const bytes = Buffer.from(secret, "base64url").toString("hex");
    const tables = await db.$queryRaw<{ name: string }[]>`
      SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`;
    expect(tables.length).toBeGreaterThan(15);
    for (const { name } of tables) {
      // Names of tables, from the database itself.
      const [{ found } = { found: 1n }] = await db.$queryRawUnsafe<{ found: bigint }[]>(
        `SELECT count(*) AS found FROM "${name}" AS t WHERE strpos(t::text, $1) > 0 OR strpos(t::text, $2) > 0`,
        secret,
        bytes,
      );
      expect(`${name}: ${found}`).toBe(`${name}: 0`);
    }
  });

  it("lasts 30 days, or as asked, at most 90, and then is dead", async () => {
    const { ctx, made, signedIn } = await tokenOwner();
    expect(made.expiresAt).toEqual(later(ctx, 30 * DAY).now);
    expect(await readApiToken(later(ctx, 30 * DAY - 1), made.token)).not.toBeNull();
    expect(await readApiToken(later(ctx, 30 * DAY), made.token)).toBeNull();
    const longest = await createApiToken(ctx, signedIn, { ...ASKED, days: 90 });
    expect(longest.expiresAt).toEqual(later(ctx, 90 * DAY).now);
    for (const days of [91, 0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(await refusalOf(createApiToken(ctx, signedIn, { ...ASKED, days }))).toMatchObject({
        code: "invalid_input",
        field: "days",
      });
  });

  it("that has lapsed is not listed, and is deleted in time", async () => {
    // Long before the other files' rows, so that theirs have not lapsed.
    const ctx = { ...contextOf(db), now: new Date("2019-01-01T00:00:00Z") };
    const { signedIn, user } = await makeProtectedPerson(ctx);
    await createApiToken(ctx, signedIn, { ...ASKED, days: 1 });
    expect(await listApiTokens(later(ctx, DAY - 1), signedIn)).toHaveLength(1);
    expect(await listApiTokens(later(ctx, DAY), signedIn)).toEqual([]);
    await purgeLapsed(db, later(ctx, DAY).now);
    expect(await tokensOf(user.id)).toBe(0);
  });

  it("shows when it was last used, to the minute", async () => {
    const { ctx, made, signedIn } = await tokenOwner();
    const lastUse = async () => (await listApiTokens(ctx, signedIn))[0]?.lastUsedAt;
    expect(await lastUse()).toBeNull();
    const uses = [0, 30, 60, 61, 100, 3600];
    const shown: unknown[] = [];
    for (const seconds of uses) {
      await holderOf(later(ctx, seconds), made.token);
      shown.push(await lastUse());
    }
    expect(shown).toEqual([0, 0, 0, 61, 61, 3600].map((seconds) => later(ctx, seconds).now));
  });

  it("that is revoked is dead at once, and that is written down once", async () => {
    const { ctx, made, signedIn, user } = await tokenOwner();
    const other = await createApiToken(ctx, signedIn, { ...ASKED, name: "Other" });
    const revoked = await Promise.allSettled([1, 2, 3].map(() => revokeApiToken(ctx, signedIn, made.id)));
    expect(revoked.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await readApiToken(ctx, made.token)).toBeNull();
    expect(await readApiToken(ctx, other.token)).not.toBeNull();
    const events = await eventsOf(user.id, "api_token.revoked");
    expect(events.map(({ details }) => details)).toEqual([{ name: ASKED.name, tokenId: made.id }]);
  });

  it("is dead while its owner is disabled", async () => {
    const { ctx, made, user } = await tokenOwner();
    const disable = (disabledAt: Date | null) =>
      db.user.update({ where: { id: user.id }, data: { disabledAt } });
    await disable(ctx.now);
    expect(await readApiToken(ctx, made.token)).toBeNull();
    await disable(null);
    expect(await readApiToken(ctx, made.token)).not.toBeNull();
  });

  it("ends with two-factor sign-in: turned off by its owner, or reset by an operator", async () => {
    const first = await tokenOwner();
    await disableTwoFactor(first.ctx, first.signedIn, { code: first.phone.code(first.ctx.now) });
    expect(await readApiToken(first.ctx, first.made.token)).toBeNull();
    const second = await tokenOwner();
    const { email } = second;
    await resetTwoFactor(second.ctx, { email, actor: "test", reason: "lost phone" });
    expect(await readApiToken(second.ctx, second.made.token)).toBeNull();
  });

  it("that is none, or somebody's guess, is nobody", async () => {
    const { ctx, made } = await tokenOwner();
    const secret = made.token.slice(TOKEN_PREFIX.length);
    const guesses = [
      "",
      TOKEN_PREFIX,
      secret,
      `${TOKEN_PREFIX}${TOKEN_PREFIX}${secret}`,
      `${made.token} `,
      `${made.token}a`,
      made.token.slice(0, -1),
      made.token.toUpperCase(),
      `${TOKEN_PREFIX}${"a".repeat(43)}`,
      `${TOKEN_PREFIX}\0`,
    ];
    for (const guess of guesses) expect(await readApiToken(ctx, guess)).toBeNull();
  });
});

describe("the scopes of a token", () => {
  const refusalFor = async (scopes: string[], isAdmin = false) => {
    const ctx = contextOf(db);
    const { signedIn } = await makeProtectedPerson(ctx, { isAdmin });
    return refusalOf(createApiToken(ctx, signedIn, { name: "Script", scopes }));
  };

  it("are some that there are", async () => {
    const field = { code: "invalid_input", field: "scopes" };
    expect(await refusalFor([])).toEqual({ ...field, problem: "missing" });
    for (const scope of ["", "everything", "2FA:READ", "2fa:read ", "-", "toString"])
      expect(await refusalFor(["2fa:read", scope])).toEqual({ ...field, problem: "malformed" });
  });

  it("are each named once, in one order", async () => {
    const { ctx, made } = await tokenOwner({
      asked: { name: "Script", scopes: ["sessions:read", "2fa:read", "2fa:read", "sessions:read"] },
    });
    expect((await holderOf(ctx, made.token)).token.scopes).toEqual(["2fa:read", "sessions:read"]);
  });

  it("of administrators are for administrators", async () => {
    const administrators = SCOPES.filter(isAdministrators);
    expect(administrators.length).toBeGreaterThanOrEqual(5);
    for (const scope of administrators)
      expect(await refusalFor(["2fa:read", scope])).toEqual({ code: "forbidden" });
    const { ctx, made } = await tokenOwner({ isAdmin: true, asked: { name: "All", scopes: SCOPES } });
    expect((await holderOf(ctx, made.token)).token.scopes).toEqual(SCOPES);
  });

  it("of administrators are nothing once their owner is none", async () => {
    const { ctx, made, user } = await tokenOwner({ isAdmin: true, asked: { name: "All", scopes: SCOPES } });
    const ask = (holder: TokenHolder) => requireAccess("audit.read", { kind: "token", holder });
    ask(await holderOf(ctx, made.token));
    await db.user.update({ where: { id: user.id }, data: { isAdmin: false } });
    const holder = await holderOf(ctx, made.token);
    expect(() => ask(holder)).toThrow("forbidden");
    requireAccess("two_factor.read", { kind: "token", holder });
  });
});

describe("making a token", () => {
  it("takes two-factor sign-in, and a fresh proof of it", async () => {
    const ctx = contextOf(db);
    const plain = await makePerson(ctx);
    await expectRefusal(createApiToken(ctx, plain.signedIn, ASKED), "forbidden");
    const { made, token, ...owner } = await tokenOwner();
    const stale = later(owner.ctx, LIMITS.stepUp.freshSeconds + 1);
    const signedIn = await reread(stale, token);
    await expectRefusal(createApiToken(stale, signedIn, ASKED), "step_up_required");
    await expectRefusal(revokeApiToken(stale, signedIn, made.id), "step_up_required");
    expect(await tokensOf(owner.user.id)).toBe(1);
  });

  it("is nothing that a token can do, whatever its scopes, and neither is revoking one", async () => {
    const { ctx, made } = await tokenOwner({ isAdmin: true, asked: { name: "All", scopes: SCOPES } });
    const holder = await holderOf(ctx, made.token);
    for (const operation of ["api_tokens.create", "api_tokens.revoke"] as const)
      expect(() => requireAccess(operation, { kind: "token", holder })).toThrow("forbidden");
  });

  it("takes a name that can be shown", async () => {
    const { ctx, signedIn } = await tokenOwner();
    for (const name of ["", "  ", "a".repeat(65), "a\nb", "a\0b"])
      expect(await refusalOf(createApiToken(ctx, signedIn, { ...ASKED, name }))).toMatchObject({
        code: "invalid_input",
        field: "name",
      });
  });

  it("is told by mail, and written down, without the token", async () => {
    const { email, made, user } = await tokenOwner();
    const mail = await db.mail.findFirstOrThrow({ where: { recipient: email, kind: "api_token_made" } });
    const [event] = await eventsOf(user.id, "api_token.made");
    expect(event).toMatchObject({ actor: user.id, via: "pages" });
    expect(event?.details).toEqual({ ...ASKED, tokenId: made.id, days: 30 });
    expect(JSON.stringify([mail.details, event?.details])).not.toContain(made.token.slice(12));
  });

  it("never leads to more than an account can hold, however many are made at once; lapsed ones do not count", async () => {
    const { perUser } = LIMITS.apiTokens;
    const { ctx, signedIn, user } = await tokenOwner({ asked: { ...ASKED, days: 1 } });
    const rows = Array.from({ length: perUser - 3 }, () => ({
      id: newId(ctx.now),
      userId: user.id,
      name: "Old",
      tokenHash: crypto.getRandomValues(new Uint8Array(32)),
      scopes: ["2fa:read"],
      createdAt: ctx.now,
      expiresAt: later(ctx, 90 * DAY).now,
    }));
    await db.apiToken.createMany({ data: rows });
    const made = await Promise.allSettled(
      Array.from({ length: 12 }, () => createApiToken(ctx, signedIn, ASKED)),
    );
    const refused = made.flatMap((one) => (one.status === "rejected" ? [one.reason.refusal] : []));
    expect(refused).toEqual(Array(10).fill({ code: "conflict", reason: "too_many_tokens" }));
    expect(await tokensOf(user.id)).toBe(perUser);
    await db.apiToken.updateMany({ where: { userId: user.id, name: "Old" }, data: { expiresAt: ctx.now } });
    await createApiToken(ctx, signedIn, ASKED);
    expect(await tokensOf(user.id)).toBe(4);
  });

  it("while two-factor sign-in is turned off leaves none behind, and waits for nothing in a ring", async () => {
    for (let round = 0; round < 6; round += 1) {
      const { ctx, signedIn, phone, user, made } = await tokenOwner();
      const outcomes = await Promise.allSettled([
        ...Array.from({ length: 4 }, () => createApiToken(ctx, signedIn, ASKED)),
        disableTwoFactor(ctx, signedIn, { code: phone.code(ctx.now) }),
      ]);
      expectRefusals(outcomes, ["forbidden", "unauthenticated"]);
      expect(outcomes.at(-1)?.status).toBe("fulfilled");
      expect(await tokensOf(user.id)).toBe(0);
      expect(await readApiToken(ctx, made.token)).toBeNull();
    }
  });

  it("in a session that ends by a new password waits for nothing in a ring", async () => {
    for (let round = 0; round < 4; round += 1) {
      const { ctx, signedIn } = await tokenOwner();
      const other = await makeSecondSession(ctx, signedIn);
      const newPassword = "another long password";
      const outcomes = await Promise.allSettled([
        ...Array.from({ length: 4 }, () => createApiToken(ctx, other, ASKED)),
        changePassword(ctx, signedIn, { password: PASSWORD, newPassword }),
      ]);
      expectRefusals(outcomes, ["unauthenticated"]);
      expect(outcomes.at(-1)?.status).toBe("fulfilled");
    }
  });
});

/** One more live session of the same person, as freshly proven. */
async function makeSecondSession(ctx: Context, signedIn: SignedIn): Promise<SignedIn> {
  const row = await db.session.findUniqueOrThrow({ where: { id: signedIn.session.id } });
  const id = newId(ctx.now);
  const tokenHash = crypto.getRandomValues(new Uint8Array(32));
  await db.session.create({ data: { ...row, id, tokenHash } });
  return { ...signedIn, session: { ...signedIn.session, id } };
}

/** Anything but these refusals, such as a deadlock that PostgreSQL ended, fails. */
function expectRefusals(outcomes: PromiseSettledResult<unknown>[], codes: RefusalCode[]): void {
  for (const one of outcomes) {
    if (one.status === "fulfilled") continue;
    if (!(one.reason instanceof Refused)) throw one.reason;
    expect(codes).toContain(one.reason.refusal.code);
  }
}

describe("a new token is shown", () => {
  it("once, by the session that made it, of any number of requests by one", async () => {
    const { ctx, made, signedIn } = await tokenOwner();
    const other = await makeSecondSession(ctx, signedIn);
    expect(await takeNewToken(ctx, other, made.id)).toBeNull();
    const taken = await Promise.all([1, 2, 3, 4].map(() => takeNewToken(ctx, signedIn, made.id)));
    expect(taken.filter((token) => token !== null)).toEqual([made.token]);
    expect(await takeNewToken(ctx, signedIn, made.id)).toBeNull();
  });

  it("to nobody else, not later than in five minutes, and not once it is revoked", async () => {
    const { ctx, made, signedIn } = await tokenOwner();
    const stranger = await makeProtectedPerson(ctx);
    expect(await takeNewToken(ctx, stranger.signedIn, made.id)).toBeNull();
    expect(await takeNewToken(later(ctx, 300), signedIn, made.id)).toBeNull();
    await revokeApiToken(ctx, signedIn, made.id);
    expect(await takeNewToken(ctx, signedIn, made.id)).toBeNull();
    expect(await db.tokenReveal.count({ where: { apiTokenId: made.id } })).toBe(0);
  });
});

describe("somebody else's token", () => {
  it("is neither listed nor revoked", async () => {
    const mine = await tokenOwner();
    const theirs = await tokenOwner();
    expect(await listApiTokens(mine.ctx, mine.signedIn)).toMatchObject([{ id: mine.made.id }]);
    await expectRefusal(revokeApiToken(mine.ctx, mine.signedIn, theirs.made.id), "not_found");
    expect(await readApiToken(theirs.ctx, theirs.made.token)).not.toBeNull();
  });

  it("begins nothing for anybody but its owner", async () => {
    const scopes = ["2fa:enroll"];
    const mine = await tokenOwner({ asked: { name: "Set-up", scopes } });
    const begun = await startTotpByToken(mine.ctx, await holderOf(mine.ctx, mine.made.token));
    const { userId } = await db.totpFactor.findUniqueOrThrow({ where: { id: begun.id } });
    expect(userId).toBe(mine.user.id);
  });
});

describe("whoever runs the service", () => {
  const actor = "cli:test";

  it("makes, lists and revokes anybody's tokens, which is written down with who did it", async () => {
    const ctx = { ...contextOf(db), via: "cli" };
    const { email, user } = await makePerson(ctx);
    const typed = { ...ASKED, email: ` ${email.toUpperCase()} `, actor };
    const made = await createApiTokenFor(ctx, typed);
    expect(await readApiToken(ctx, made.token)).toMatchObject({
      user: { id: user.id },
      twoFactor: { isOn: false },
    });
    const listed = await listApiTokensOf(ctx, email);
    expect(listed).toMatchObject([{ id: made.id, name: ASKED.name, scopes: ASKED.scopes }]);
    expect(JSON.stringify(listed)).not.toContain(made.token.slice(12));
    await revokeApiTokenOf(ctx, { email, id: made.id, actor });
    expect(await readApiToken(ctx, made.token)).toBeNull();
    for (const kind of ["api_token.made", "api_token.revoked"])
      expect(await eventsOf(user.id, kind)).toMatchObject([{ actor, via: "cli" }]);
    expect(await db.mail.count({ where: { recipient: email, kind: "api_token_made" } })).toBe(1);
  });

  it("makes none for nobody, for a disabled account, or of scopes that are not its owner's", async () => {
    const ctx = contextOf(db);
    const { email, user } = await makePerson(ctx);
    const asked = { ...ASKED, actor };
    await expectRefusal(createApiTokenFor(ctx, { ...asked, email: `x${email}` }), "not_found");
    await expectRefusal(createApiTokenFor(ctx, { ...asked, email, scopes: ["audit:read"] }), "forbidden");
    await db.user.update({ where: { id: user.id }, data: { disabledAt: ctx.now } });
    await expectRefusal(createApiTokenFor(ctx, { ...asked, email }), "not_found");
    expect(await tokensOf(user.id)).toBe(0);
  });

  it("revokes a token of the account that is named, and of no other", async () => {
    const { ctx, made } = await tokenOwner();
    const other = await makePerson(ctx);
    await expectRefusal(revokeApiTokenOf(ctx, { email: other.email, id: made.id, actor }), "not_found");
    await expectRefusal(revokeApiTokenOf(ctx, { email: other.email, id: "none", actor }), "not_found");
    expect(await readApiToken(ctx, made.token)).not.toBeNull();
  });
});
