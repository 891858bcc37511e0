import { AuthenticatorsApi, Configuration, ResponseError } from "@goauthentik/api";
import { describe, expect, it } from "vitest";
import { SCOPES } from "@/lib/core/access/scopes";
import { createApiTokenFor } from "@/lib/core/api-tokens";
import type { Context } from "@/lib/core/context";
import { confirmTotp } from "@/lib/core/factors/confirm-totp";
import { listWaitingTotp, readPendingTotp } from "@/lib/core/factors/totp";
import { beginSignIn } from "@/lib/core/sign-in";
import {
  contextOf,
  later,
  makePerson,
  makeProtectedPerson,
  PASSWORD,
  reread,
  testDatabase,
} from "@/lib/core/testing/fixtures";
import { Phone } from "@/lib/core/testing/phone";
import { authentik } from ".";

const db = testDatabase();
const ORIGIN = "http://localhost:3000";

async function tokenFor(ctx: Context, email: string, scopes: readonly string[]): Promise<string> {
  return (await createApiTokenFor(ctx, { email, name: "Client", scopes, actor: "test" })).token;
}

/** authentik's own client, whose requests are answered in this process. */
function clientOf(ctx: Context, accessToken: string): AuthenticatorsApi {
  const fetchApi: typeof fetch = async (input, init) =>
    authentik.answer(new Request(input, init), (_, brought) => ({ ...ctx, ...brought }));
  return new AuthenticatorsApi(new Configuration({ basePath: `${ORIGIN}/api/v3`, accessToken, fetchApi }));
}

/** Sends what the generated client cannot. */
async function send(ctx: Context, asks: string, headers: Record<string, string>, body?: unknown) {
  const [method = "", path = ""] = asks.split(" ");
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  const type = body === undefined ? {} : { "content-type": "application/json" };
  const request = new Request(`${ORIGIN}/api/v3/authenticators${path}`, {
    method,
    headers: { ...type, ...headers },
    ...json,
  });
  const answer = await authentik.answer(request, (_, brought) => ({ ...ctx, ...brought }));
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    body: text === "" ? null : JSON.parse(text),
  };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function statusOf(call: Promise<unknown>): Promise<number> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ResponseError) return error.response.status;
    throw error;
  }
  throw new Error("this should have been refused");
}

/** An administrator with a token for everything, and somebody with a password alone. */
async function operators() {
  const ctx = contextOf(db);
  const administrator = await makeProtectedPerson(ctx, { isAdmin: true });
  const token = await tokenFor(ctx, administrator.email, SCOPES);
  return { ctx, administrator, token, client: clientOf(ctx, token), owner: await makePerson(ctx) };
}

describe("authentik's own client", () => {
  it("makes, lists, reads, renames and removes a device", async () => {
    const { client, administrator } = await operators();
    const made = await client.authenticatorsAdminTotpCreate({ tOTPDeviceRequest: { name: "Desk" } });
    expect(made).toMatchObject({ name: "Desk", user: { pk: administrator.user.number } });
    const list = await client.authenticatorsAdminTotpList({ search: administrator.email, ordering: "-pk" });
    expect(list.results.map(({ pk }) => pk)[0]).toBe(made.pk);
    expect(list.pagination).toMatchObject({
      count: 2,
      current: 1,
      totalPages: 1,
      startIndex: 1,
      endIndex: 2,
    });
    expect(await client.authenticatorsAdminTotpRetrieve({ id: made.pk })).toMatchObject({ name: "Desk" });
    const put = { id: made.pk, tOTPDeviceRequest: { name: "Shelf" } };
    expect(await client.authenticatorsAdminTotpUpdate(put)).toMatchObject({ name: "Shelf" });
    const patch = { id: made.pk, patchedTOTPDeviceRequest: { name: "Drawer" } };
    expect(await client.authenticatorsAdminTotpPartialUpdate(patch)).toMatchObject({ name: "Drawer" });
    expect(await client.authenticatorsAdminTotpPartialUpdate({ id: made.pk })).toMatchObject({
      name: "Drawer",
    });
    await client.authenticatorsAdminTotpDestroy({ id: made.pk });
    expect(await statusOf(client.authenticatorsAdminTotpRetrieve({ id: made.pk }))).toBe(404);
  });

  it("reads and renames what is its user's own", async () => {
    const ctx = contextOf(db);
    const person = await makeProtectedPerson(ctx);
    const token = await tokenFor(ctx, person.email, ["2fa:read", "2fa:write"]);
    const client = clientOf(ctx, token);
    const { results } = await client.authenticatorsTotpList();
    const [own] = results;
    if (!own) throw new Error("there should be one");
    expect(own.user).toMatchObject({ username: person.email, uid: person.user.id, isActive: true });
    const put = { id: own.pk, tOTPDeviceRequest: { name: "Pocket" } };
    expect(await client.authenticatorsTotpUpdate(put)).toMatchObject({ name: "Pocket" });
    expect(await client.authenticatorsTotpRetrieve({ id: own.pk })).toMatchObject({ name: "Pocket" });
    expect(await client.authenticatorsTotpUsedByList({ id: own.pk })).toEqual([]);
    const all = await client.authenticatorsAllList();
    expect(all.map(({ type, confirmed }) => [type, confirmed])).toEqual([
      ["authentik_stages_authenticator_totp.TOTPDevice", true],
      ["authentik_stages_authenticator_static.StaticDevice", true],
    ]);
    const renamed = later(ctx, 60);
    await clientOf(renamed, token).authenticatorsTotpUpdate(put);
    expect((await client.authenticatorsAllList())[0]?.lastUpdated).toEqual(renamed.now);
    expect((await client.authenticatorsStaticList()).results[0]?.tokenSet).toEqual([]);
    expect(await statusOf(client.authenticatorsTotpDestroy({ id: own.pk }))).toBe(403);
    expect(await statusOf(client.authenticatorsAdminTotpList())).toBe(403);
  });

  it("lists somebody's devices, those that wait as well", async () => {
    const { client, token, ctx, owner } = await operators();
    const body = { name: "Laptop", user: owner.user.number };
    expect((await send(ctx, "POST /admin/totp/", bearer(token), body)).status).toBe(201);
    const all = await client.authenticatorsAdminAllList({ user: owner.user.number });
    expect(all.map(({ name, confirmed, lastUsed }) => [name, confirmed, lastUsed])).toEqual([
      ["Laptop", false, null],
    ]);
  });
});

describe("a device that an administrator made", () => {
  it("is no factor until its owner, who is told by mail, proves it with a code", async () => {
    const { ctx, token, owner, administrator } = await operators();
    const body = { name: "Laptop", user: owner.user.number };
    const made = await send(ctx, "POST /admin/totp/", bearer(token), body);
    expect(made.text).not.toMatch(/otpauth|secret/i);
    const mail = { recipient: owner.email, kind: "authenticator_provisioned" };
    expect(await db.mail.count({ where: mail })).toBe(1);
    const event = { userId: owner.user.id, kind: "totp.provisioned", actor: administrator.user.id };
    expect(await db.event.count({ where: { ...event, via: "authentik" } })).toBe(1);
    expect((await beginSignIn(ctx, { email: owner.email, password: PASSWORD })).kind).toBe("session");

    const signedIn = await reread(ctx, owner.token);
    const [waiting] = await listWaitingTotp(ctx, signedIn);
    const shown = await readPendingTotp(ctx, signedIn, waiting?.id);
    if (!shown || !("uri" in shown)) throw new Error("its owner should see its key");
    const code = new Phone(shown.uri).code(ctx.now);
    expect((await confirmTotp(ctx, signedIn, { code, id: shown.id })).recoveryCodes).toHaveLength(10);
    expect((await beginSignIn(ctx, { email: owner.email, password: PASSWORD })).kind).toBe("challenge");
  });

  it("is nobody else's to see or to prove", async () => {
    const { ctx, token, owner, administrator } = await operators();
    await send(ctx, "POST /admin/totp/", bearer(token), { name: "Laptop", user: owner.user.number });
    const [waiting] = await listWaitingTotp(ctx, owner.signedIn);
    expect(await readPendingTotp(ctx, administrator.signedIn, waiting?.id)).toBeNull();
  });
});

describe("a token", () => {
  it.each([
    ["no header", {}, "Authentication credentials were not provided."],
    ["no space in it", { authorization: "Bearer" }, "Authentication credentials were not provided."],
    ["an empty token", { authorization: "Bearer  " }, "Authentication credentials were not provided."],
    ["one of nobody's", bearer(`countersign_${"a".repeat(43)}`), "Token invalid/expired"],
    ["one that is none", bearer("x"), "Token invalid/expired"],
    ["another scheme", { authorization: "Basic YTpi" }, "Unsupported authentication type"],
  ])("%s: 403, and never 401", async (_, headers, detail) => {
    const answer = await send(contextOf(db), "GET /admin/totp/", headers);
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 403, body: { detail } });
    expect(answer.headers.get("www-authenticate")).toBeNull();
  });

  it("is dead while its owner is disabled, and when it has lapsed", async () => {
    const { ctx, token, administrator } = await operators();
    const ask = (now: Context) => send(now, "GET /totp/", bearer(token));
    expect((await ask(ctx)).status).toBe(200);
    expect((await ask(later(ctx, 30 * 86_400))).body).toEqual({ detail: "Token invalid/expired" });
    const where = { id: administrator.user.id };
    await db.user.update({ where, data: { disabledAt: ctx.now } });
    expect((await ask(ctx)).body).toEqual({ detail: "Token invalid/expired" });
  });

  it("of somebody who is no administrator any more opens nothing of others", async () => {
    const { ctx, token, administrator } = await operators();
    await db.user.update({ where: { id: administrator.user.id }, data: { isAdmin: false } });
    expect((await send(ctx, "GET /admin/totp/", bearer(token))).status).toBe(403);
    expect((await send(ctx, "GET /totp/", bearer(token))).status).toBe(200);
  });

  it("for reading changes nothing, and one for writing reads no list", async () => {
    const { ctx, administrator, owner } = await operators();
    const reading = bearer(await tokenFor(ctx, administrator.email, ["admin:devices.read"]));
    const writing = bearer(await tokenFor(ctx, administrator.email, ["admin:devices.write"]));
    const body = { name: "Laptop", user: owner.user.number };
    expect((await send(ctx, "POST /admin/totp/", reading, body)).status).toBe(403);
    expect((await send(ctx, "GET /admin/totp/", writing)).status).toBe(403);
    const made = await send(ctx, "POST /admin/totp/", writing, body);
    expect((await send(ctx, `DELETE /admin/totp/${made.body.pk}/`, reading)).status).toBe(403);
    expect((await send(ctx, `PATCH /admin/totp/${made.body.pk}/`, writing, { name: "x" })).status).toBe(200);
    expect((await send(ctx, `DELETE /admin/totp/${made.body.pk}/`, writing)).status).toBe(204);
  });
});

it("removing somebody's last device turns their two-factor sign-in off, and they are told by mail", async () => {
  const { ctx, token } = await operators();
  const owner = await makeProtectedPerson(ctx);
  const { number } = await db.totpFactor.findUniqueOrThrow({ where: { id: owner.factorId } });
  expect((await send(ctx, `DELETE /admin/totp/${number}/`, bearer(token))).status).toBe(204);
  expect((await beginSignIn(ctx, { email: owner.email, password: PASSWORD })).kind).toBe("session");
  const mail = { recipient: owner.email, kind: "authenticator_taken_away" };
  expect(await db.mail.count({ where: mail })).toBe(1);
});
