import { describe, expect, it } from "vitest";
import { SCOPES } from "../access/scopes";
import { createApiTokenFor, readApiToken, type TokenHolder } from "../api-tokens";
import type { Context } from "../context";
import { LIMITS } from "../limits";
import {
  contextOf,
  elsewhere,
  expectRefusal,
  later,
  makePerson,
  makeProtectedPerson,
  refusalOf,
  testDatabase,
} from "../testing/fixtures";
import { Phone } from "../testing/phone";
import { confirmProvisionedTotp, confirmTotp } from "./confirm-totp";
import { provisionTotp, startTotpByToken } from "./provisioned-totp";
import { declineProvisionedTotp, listWaitingTotp, readPendingTotp, startTotpSetup } from "./totp";
import { removeTotpOfUser, renameTotpOfUser } from "./totp-of-users";

const db = testDatabase();

async function holderOf(ctx: Context, email: string, scopes: readonly string[]): Promise<TokenHolder> {
  const { token } = await createApiTokenFor(ctx, { email, name: "Test", scopes, actor: "test" });
  const holder = await readApiToken(ctx, token);
  if (!holder) throw new Error("this token should be live");
  return holder;
}

async function people() {
  const ctx = contextOf(db);
  const administrator = await makeProtectedPerson(ctx, { isAdmin: true });
  return { ctx, administrator, owner: await makePerson(ctx) };
}

describe("an authenticator that waits for its owner", () => {
  it("waits however long, and however many set-ups its owner begins", async () => {
    const { ctx, administrator, owner } = await people();
    const made = { userId: owner.user.id, name: "Laptop" };
    const { id } = await provisionTotp(ctx, administrator.signedIn, made);
    for (let begun = 0; begun <= LIMITS.pendingSetup.perUser; begun += 1)
      await startTotpSetup(ctx, owner.signedIn, { keepsOthers: true });
    const waiting = await listWaitingTotp(later(ctx, 365 * 86_400), owner.signedIn);
    expect(waiting.map((row) => row.id)).toEqual([id]);
  });

  it("can be given up by its owner, and by nobody else", async () => {
    const { ctx, administrator, owner } = await people();
    const { id } = await provisionTotp(ctx, administrator.signedIn, { userId: owner.user.id });
    await expectRefusal(declineProvisionedTotp(ctx, administrator.signedIn, { id }), "not_found");
    await declineProvisionedTotp(ctx, owner.signedIn, { id });
    expect(await readPendingTotp(ctx, owner.signedIn, id)).toBeNull();
  });

  it("is one of so many at most, however many are made at once", async () => {
    const { ctx, administrator, owner } = await people();
    const make = () => provisionTotp(ctx, administrator.signedIn, { userId: owner.user.id });
    for (let made = 0; made < LIMITS.provisioned.perUser - 1; made += 1) await make();
    const results = await Promise.allSettled([make(), make(), make()]);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await refusalOf(make())).toMatchObject({ reason: "too_many_authenticators" });
  });

  it("fills nobody's mailbox: so many are made for one account within an hour", async () => {
    const { ctx, administrator, owner } = await people();
    const make = (at: Context) => provisionTotp(at, administrator.signedIn, { userId: owner.user.id });
    for (let made = 0; made < LIMITS.provisioned.perHour; made += 1) {
      const { id } = await make(ctx);
      await removeTotpOfUser(ctx, administrator.signedIn, { id });
    }
    await expectRefusal(make(ctx), "too_many_requests");
    const to = owner.user.email;
    expect(await db.mail.count({ where: { recipient: to, kind: "authenticator_provisioned" } })).toBe(
      LIMITS.provisioned.perHour,
    );
    await make(later(ctx, 3600));
  });
});

describe("a program that proves an authenticator", () => {
  it("has five tries, which are not the account's", async () => {
    const { ctx, owner } = await people();
    const holder = await holderOf(ctx, owner.email, ["2fa:enroll"]);
    const { id, uri } = await startTotpByToken(ctx, holder);
    const phone = new Phone(uri);
    const send = (code: string) =>
      confirmProvisionedTotp({ ...elsewhere(ctx) }, holder, { userId: owner.user.id, id, code });
    for (let tries = 0; tries < LIMITS.provisioned.programTries; tries += 1)
      await expectRefusal(send(phone.wrongCode(ctx.now)), "invalid_code");
    await expectRefusal(send(phone.code(ctx.now)), "locked");
    const budget = await db.factorBudget.findUnique({ where: { userId: owner.user.id } });
    expect(budget?.failures).toEqual([]);
    const own = await startTotpSetup(ctx, owner.signedIn);
    await confirmTotp(ctx, owner.signedIn, { code: new Phone(own.uri).code(ctx.now), id: own.id });
  });

  it("is named in every event that comes of it", async () => {
    const { ctx, administrator, owner } = await people();
    const holder = await holderOf(ctx, administrator.email, SCOPES);
    const { id, uri } = await provisionTotp(ctx, holder, { userId: owner.user.id });
    const phone = new Phone(uri);
    const asked = { userId: owner.user.id, id };
    const wrong = confirmProvisionedTotp(ctx, holder, { ...asked, code: phone.wrongCode(ctx.now) });
    await expectRefusal(wrong, "invalid_code");
    await confirmProvisionedTotp(ctx, holder, { ...asked, code: phone.code(ctx.now) });
    const kinds = [
      "totp.provisioned",
      "totp.confirm_failed",
      "totp.confirmed",
      "recovery_codes.made",
      "two_factor.on",
    ];
    const events = await db.event.findMany({ where: { userId: owner.user.id, kind: { in: kinds } } });
    expect(events.map(({ kind }) => kind).sort()).toEqual([...kinds].sort());
    for (const { actor, details, kind } of events) {
      expect(actor, kind).toBe(administrator.user.id);
      expect(details, kind).toMatchObject({ tokenId: holder.token.id });
    }
  });
});

it("taking somebody's last authenticator away ends their tokens, and leaves what waits to take its place", async () => {
  const { ctx, administrator } = await people();
  const owner = await makeProtectedPerson(ctx);
  const waiting = await provisionTotp(ctx, administrator.signedIn, { userId: owner.user.id });
  const { token } = await createApiTokenFor(ctx, {
    email: owner.email,
    name: "Test",
    scopes: ["2fa:read"],
    actor: "test",
  });
  await removeTotpOfUser(ctx, administrator.signedIn, { id: owner.factorId });
  expect(await readApiToken(ctx, token)).toBeNull();
  const left = await db.totpFactor.findMany({ where: { userId: owner.user.id } });
  expect(left.map(({ id }) => id)).toEqual([waiting.id]);
});

it("all that somebody has are taken away at once, or none", async () => {
  const { ctx, administrator } = await people();
  const owner = await makeProtectedPerson(ctx);
  const which = { userId: owner.user.id };
  await provisionTotp(ctx, administrator.signedIn, which);
  await removeTotpOfUser(ctx, administrator.signedIn, which);
  expect(await db.totpFactor.count({ where: which })).toBe(0);
  const events = await db.event.findMany({ where: { ...which, actor: administrator.user.id } });
  expect(events.map(({ kind }) => kind).sort()).toEqual(
    ["totp.provisioned", "totp.provision_withdrawn", "totp.removed", "two_factor.off"].sort(),
  );

  await provisionTotp(ctx, administrator.signedIn, { userId: administrator.user.id });
  const own = { userId: administrator.user.id };
  await expectRefusal(removeTotpOfUser(ctx, administrator.signedIn, own), "forbidden");
  expect(await db.totpFactor.count({ where: own })).toBe(2);
});

it("nobody makes, names, proves or takes away an authenticator by a session or a token that has ended", async () => {
  const { ctx, administrator } = await people();
  const holder = await holderOf(ctx, administrator.email, SCOPES);
  const owner = await makeProtectedPerson(ctx);
  await db.apiToken.delete({ where: { id: holder.token.id } });
  await db.session.delete({ where: { id: administrator.signedIn.session.id } });
  for (const acting of [holder, administrator.signedIn]) {
    const which = { id: owner.factorId };
    await expectRefusal(provisionTotp(ctx, acting, { userId: owner.user.id }), "unauthenticated");
    await expectRefusal(renameTotpOfUser(ctx, acting, which, { name: "Other" }), "unauthenticated");
    await expectRefusal(removeTotpOfUser(ctx, acting, which), "unauthenticated");
  }
  const { id, uri } = await provisionTotp(ctx, (await people()).administrator.signedIn, {
    userId: owner.user.id,
  });
  const proof = { userId: owner.user.id, id, code: new Phone(uri).code(ctx.now) };
  await expectRefusal(confirmProvisionedTotp(ctx, holder, proof), "unauthenticated");
  await db.totpFactor.delete({ where: { id } });
  const left = await db.totpFactor.findMany({ where: { userId: owner.user.id } });
  expect(left.map(({ id }) => id)).toEqual([owner.factorId]);
});
