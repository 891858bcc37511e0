import { describe, expect, it } from "vitest";
import type { Acting } from "@/lib/core/access/guard";
import { SCOPES } from "@/lib/core/access/scopes";
import { createApiTokenFor } from "@/lib/core/api-tokens";
import type { Context } from "@/lib/core/context";
import { confirmTotp } from "@/lib/core/factors/confirm-totp";
import { provisionTotp } from "@/lib/core/factors/provisioned-totp";
import {
  contextOf,
  makePerson,
  makeProtectedPerson,
  PASSWORD,
  testDatabase,
} from "@/lib/core/testing/fixtures";
import { Phone } from "@/lib/core/testing/phone";
import { athena } from "./athena";
import { authentik } from "./authentik";
import type { Dialect } from "./dialect";
import { omnitron } from "./omnitron";
import { ask, type Someone } from "./testing/askers";
import { thogits } from "./thogits";
import { zitadel } from "./zitadel";

// An authenticator that an operator made is proven by its owner, on the pages or by any API, and then it is there in all of
// them: one account, one set of authenticators.
const db = testDatabase();

type Owner = Someone & { email: string };
type Way = { name: string; prove(owner: Owner, id: string, code: string): Promise<number> };

const by =
  (
    dialect: Dialect,
    asks: string,
    body: (code: string) => unknown,
    at?: (owner: Owner, id: string) => Record<string, string>,
  ) =>
  async (owner: Owner, id: string, code: string) =>
    (await ask(dialect, owner, { asks, at: at?.(owner, id), sends: body(code) })).status;

const zitadelPath = "POST /resources/v3alpha/users/{id}/totp/{totp_id}/_verify";
const inZitadel = by(
  zitadel,
  zitadelPath,
  (code) => JSON.stringify(code),
  ({ userId }, id) => ({ id: userId, totp_id: id }),
);

const WAYS: Way[] = [
  {
    name: "the pages",
    prove: async ({ ctx, values }, id, code) => {
      const person = people.get(values["<email>"] ?? "");
      if (!person) throw new Error("nobody was made");
      await confirmTotp(ctx, person.signedIn, { code, id });
      return 200;
    },
  },
  { name: "Thogits", prove: by(thogits, "POST /api/auth/2fa/totp/confirm", (code) => ({ code })) },
  { name: "Omnitron", prove: by(omnitron, "POST /api/v1/auth/totp/activate/", (token) => ({ token })) },
  { name: "Athena", prove: by(athena, "POST /api/auth/two-factor/verify-totp", (code) => ({ code })) },
  { name: "Zitadel with a session", prove: inZitadel },
  {
    name: "Zitadel, version 2",
    prove: by(
      zitadel,
      "POST /v2/users/{id}/totp/verify",
      (code) => ({ code }),
      ({ userId }) => ({ id: userId }),
    ),
  },
  {
    name: "Zitadel with the owner's token",
    prove: async (owner, id, code) => {
      const asked = { email: owner.email, name: "Own", scopes: ["2fa:enroll"], actor: "test" };
      const { token } = await createApiTokenFor(owner.ctx, asked);
      return inZitadel({ ...owner, session: token, apiToken: token }, id, code);
    },
  },
];

const people = new Map<string, Awaited<ReturnType<typeof makePerson>>>();

async function operator(ctx: Context): Promise<{ acting: Acting; someone: Someone }> {
  const administrator = await makeProtectedPerson(ctx, { isAdmin: true });
  const asked = { email: administrator.email, name: "Operator", scopes: SCOPES, actor: "test" };
  const { token } = await createApiTokenFor(ctx, asked);
  const none = { session: token, challenge: "", trust: "", values: {} };
  return {
    acting: administrator.signedIn,
    someone: { ...none, ctx, userId: administrator.user.id, apiToken: token },
  };
}

async function ownerOf(ctx: Context): Promise<Owner> {
  const person = await makePerson(ctx);
  people.set(person.email, person);
  const values = { "<email>": person.email };
  const none = { challenge: "", trust: "", apiToken: "", values };
  return { ...none, ctx, userId: person.user.id, session: person.token, email: person.email };
}

/** Whether the account asks for a code, as each API with a sign-in says. */
async function asksForCode(ctx: Context, email: string): Promise<boolean[]> {
  const nobody = { ctx, userId: "", session: "", challenge: "", trust: "", apiToken: "", values: {} };
  const typed = { email, password: PASSWORD };
  const zitadelChecks = { checks: { user: { loginName: email }, password: { password: PASSWORD } } };
  const answers = [
    await ask(thogits, nobody, { asks: "POST /api/auth/login", sends: typed }),
    await ask(omnitron, nobody, { asks: "POST /api/v1/auth/login/", sends: typed }),
    await ask(athena, nobody, { asks: "POST /api/auth/sign-in/email", sends: typed }),
    await ask(zitadel, nobody, { asks: "POST /v2/sessions", sends: zitadelChecks }),
  ];
  return answers.map(({ body }) =>
    /needs_2fa|temp_token|twoFactorToken|"challenge\./.test(JSON.stringify(body)),
  );
}

describe.each(WAYS)("an authenticator that an operator made, proven through $name", ({ prove }) => {
  it("is no factor before, one for every API after, and gone for all once it is removed", async () => {
    const ctx = contextOf(db);
    const { acting, someone } = await operator(ctx);
    const owner = await ownerOf(ctx);
    const made = await provisionTotp(ctx, acting, { userId: owner.userId, name: "Laptop" });
    const phone = new Phone(made.uri);
    expect(await asksForCode(ctx, owner.email)).toEqual([false, false, false, false]);
    expect(await prove(owner, made.id, phone.wrongCode(ctx.now)).catch(() => 400)).toBeGreaterThanOrEqual(
      400,
    );
    expect(await asksForCode(ctx, owner.email)).toEqual([false, false, false, false]);

    expect(await prove(owner, made.id, phone.code(ctx.now))).toBe(200);
    expect(await asksForCode(ctx, owner.email)).toEqual([true, true, true, true]);
    const number = String((await db.user.findUniqueOrThrow({ where: { id: owner.userId } })).number);
    const all = await ask(authentik, someone, {
      asks: "GET /api/v3/authenticators/admin/all/",
      query: `user=${number}`,
    });
    expect(all.body).toMatchObject([{ name: "Laptop", confirmed: true }, { name: "Recovery codes" }]);
    const read = { asks: "GET /resources/v3alpha/users/{id}", at: { id: owner.userId } };
    const seen = await ask(zitadel, someone, read);
    expect(seen.body).toMatchObject({
      user: { authenticators: { totps: [{ totpId: made.id, isVerified: true }] } },
    });

    const gone = { asks: "DELETE /api/v3/authenticators/admin/totp/{id}/", at: { id: String(made.number) } };
    expect((await ask(authentik, someone, gone)).status).toBe(204);
    expect(await asksForCode(ctx, owner.email)).toEqual([false, false, false, false]);
  });
});
