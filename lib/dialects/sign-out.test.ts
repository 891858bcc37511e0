import { describe, expect, it } from "vitest";
import { readSession } from "@/lib/core/sessions";
import { testDatabase } from "@/lib/core/testing/fixtures";
import { sealSessionCookie } from "@/lib/http/session-cookie";
import { athena } from "./athena";
import { ask, become } from "./testing/askers";
import { thogits } from "./thogits";

// What a browser is rid of when it signs out by a dialect, whatever it brought.
const db = testDatabase();
const VERIFY = "POST /api/auth/2fa/totp/verify";

describe.each([
  { dialect: thogits, out: "POST /api/auth/logout", verify: VERIFY },
  {
    dialect: athena,
    out: "POST /api/auth/sign-out",
    verify: "POST /api/auth/two-factor/verify-totp",
  },
])("signing out through $dialect.title", ({ dialect, out, verify }) => {
  it("gives up a sign-in whose code is still owed", async () => {
    const owing = await become(db, "owed");
    await ask(dialect, owing, { asks: out, sends: {} });
    const sends = { code: owing.values["<code>"] };
    expect((await ask(dialect, owing, { asks: verify, sends })).status).toBe(401);
  });
});

it.each([
  { dialect: thogits, out: "POST /api/auth/logout" },
  { dialect: athena, out: "POST /api/auth/sign-out" },
])(
  "signing out through $dialect.title gives up sign-ins begun by any other way in",
  async ({ dialect, out }) => {
    for (const name of ["thogits.challenge", "better-auth.two_factor", "countersign.challenge"]) {
      const owing = await become(db, "owed");
      const headers = {
        authorization: "",
        cookie: `${name}=${owing.challenge}`,
        origin: "http://localhost:3000",
      };
      const { status, headers: given } = await ask(dialect, owing, { asks: out, sends: {}, headers });
      expect(status).toBe(200);
      expect(
        given.getSetCookie().some((line) => line.startsWith(`${name}=;`)),
        name,
      ).toBe(true);
      expect(await db.challenge.count({ where: { userId: owing.userId } }), name).toBe(0);
    }
  },
);

it("signing out ends each session that a browser brought, also one of another account", async () => {
  const [one, other] = [await become(db, "person"), await become(db, "person")];
  const page = sealSessionCookie(other.ctx.keys, other.session, 600, other.ctx.now);
  const cookie = `thogits.session=${one.session}; next-auth.session-token=${page}`;
  await ask(thogits, one, { asks: "POST /api/auth/logout", headers: { cookie } });
  for (const { ctx, session } of [one, other]) expect(await readSession(ctx, session)).toBeNull();
});

it("a session and a challenge together are no partial session for Thogits", async () => {
  const owing = await become(db, "owed");
  const cookie = `thogits.session=${owing.session}; thogits.challenge=${owing.challenge}`;
  const sends = { code: owing.values["<code>"] };
  expect((await ask(thogits, owing, { asks: VERIFY, sends, headers: { cookie } })).status).toBe(401);
});
