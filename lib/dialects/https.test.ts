import { describe, expect, it, vi } from "vitest";
import { makePerson, testDatabase } from "@/lib/core/testing/fixtures";
import type * as Env from "@/lib/env";
import { sealSessionCookie } from "@/lib/http/session-cookie";
import { athena } from "./athena";
import { become, proofOf } from "./testing/askers";
import { TestClient } from "./testing/client";
import { thogits } from "./thogits";

// The same over HTTPS, where cookies have other names. The address is a setting that is read once, before any test.
vi.mock("@/lib/env", async (original) => {
  const actual = await original<typeof Env>();
  return { ...actual, env: () => ({ ...actual.env(), publicUrl: new URL("https://id.example.org") }) };
});
const db = testDatabase();

it.each([
  [thogits, "POST /api/auth/login", "__Host-thogits.session"],
  [athena, "POST /api/auth/sign-in/email", "__Secure-better-auth.session_token"],
] as const)(
  "the cookies of %s go over HTTPS alone, under names that begin with their prefix",
  async (dialect, to, name) => {
    const { ctx, values } = await become(db, "person");
    const [method = "", path = ""] = to.split(" ");
    const body = { email: values["<email>"], password: values["<password>"] };
    const { status, setCookies } = await new TestClient(dialect, ctx).send(method, path, body);
    expect(status).toBe(200);
    expect(setCookies.find((line) => line.startsWith(`${name}=`))).toContain("Max-Age=604800");
    for (const line of setCookies) expect(line).toMatch(/^__(?:Host|Secure)-[^;]*;.*; Secure/);
  },
);

describe("a cookie that another host of the domain has planted", () => {
  it("does not go before the pages' own session", async () => {
    const { ctx, session } = await become(db, "person");
    const attacker = await makePerson(ctx);
    const owners = sealSessionCookie(ctx.keys, session, 600, ctx.now);
    const cookie = `__Host-next-auth.session-token=${owners}; __Secure-better-auth.session_token=${attacker.token}`;
    const { body } = await new TestClient(athena, ctx).send("GET", "/api/auth/get-session", undefined, {
      cookie,
    });
    expect(body).toMatchObject({ session: { token: session } });
  });

  it("is none of ours without its prefix", async () => {
    const someone = await become(db, "person");
    const headers = proofOf(thogits, someone);
    expect(headers.cookie).toMatch(/^thogits\.session=./);
    expect(
      (await new TestClient(thogits, someone.ctx).send("GET", "/api/auth/me", undefined, headers)).status,
    ).toBe(401);
  });
});
