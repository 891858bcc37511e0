import type { APIRequestContext } from "@playwright/test";
import { startTotpSetup } from "@/lib/core/factors/totp";
import { newId } from "@/lib/core/ids";
import { endSession, readSession } from "@/lib/core/sessions";
import { beginSignIn } from "@/lib/core/sign-in";
import { hashToken, newToken } from "@/lib/crypto/tokens";
import type { Database } from "@/lib/db/client";
import { sealSessionCookie } from "@/lib/http/session-cookie";
import { test as base, expect } from "../fixtures";
import { type Form, postForm, readForms } from "../forms";
import { contextOf, PASSWORD, type ProtectedPerson } from "../people";
import { serverUrl } from "../server";
import { snapshotOf } from "../snapshot";
import { SECURITY, TOKENS, VERIFY, WIZARD } from "../steps";

const SESSION = "next-auth.session-token";
const CHALLENGE = "countersign.challenge";

// The gate in proxy.ts looks at the names of cookies alone, so a session's cookie that is dead or made up walks through
// it: for these visitors it is as good as switched off, and what refuses them is each page and action itself.
type Intruder =
  | "nothing"
  | "a challenge"
  | "a dead session"
  | "a made-up session"
  | "a made-up session and a challenge";
const intruders: Intruder[] = [
  "nothing",
  "a challenge",
  "a dead session",
  "a made-up session",
  "a made-up session and a challenge",
];

type Fixtures = {
  victim: ProtectedPerson & { forms: Form[] };
  /** Asks with an intruder's cookies alone. */
  requestAs: (intruder: Intruder) => Promise<APIRequestContext>;
};

const test = base.extend<Fixtures>({
  victim: async ({ page, db, keys, address, protectedPerson, bringSession }, use) => {
    await bringSession(page, protectedPerson);
    const ctx = contextOf(db, keys, address, new Date());
    const signedIn = await readSession(ctx, protectedPerson.token);
    if (signedIn) await startTotpSetup(ctx, signedIn);
    const forms: Form[] = [];
    for (const path of ownPages(protectedPerson)) forms.push(...(await readForms(page.request, path)));
    await use({ ...protectedPerson, forms });
  },
  requestAs: async ({ playwright, db, keys, address, victim }, use) => {
    const contexts: APIRequestContext[] = [];
    const ctx = contextOf(db, keys, address, new Date());
    const cookiesOf = async (intruder: Intruder) => {
      const cookies: Record<string, string> = {};
      if (intruder.endsWith("challenge")) {
        const begun = await beginSignIn(ctx, { email: victim.email, password: PASSWORD });
        cookies[CHALLENGE] = begun.token;
      }
      if (intruder.startsWith("a made-up session")) {
        cookies[SESSION] = sealSessionCookie(keys, "A".repeat(43), 3600, ctx.now);
      }
      if (intruder === "a dead session") {
        const token = newToken();
        await copySession(db, victim.token, token);
        await endSession(ctx, token);
        cookies[SESSION] = sealSessionCookie(keys, token, 3600, ctx.now);
      }
      return Object.entries(cookies).map(([name, value]) => `${name}=${value}`);
    };
    await use(async (intruder) => {
      const cookies = await cookiesOf(intruder);
      const headers = {
        "X-Forwarded-For": address,
        ...(cookies.length ? { Cookie: cookies.join("; ") } : {}),
      };
      const context = await playwright.request.newContext({
        baseURL: serverUrl(),
        extraHTTPHeaders: headers,
      });
      contexts.push(context);
      return context;
    });
    for (const context of contexts) await context.dispose();
  },
});

/** One more live session of the same person. */
async function copySession(db: Database, from: string, to: string): Promise<void> {
  const [tokenHash, newHash] = [hashToken(from), hashToken(to)];
  if (!tokenHash || !newHash) throw new Error("these are no tokens");
  const row = await db.session.findUniqueOrThrow({ where: { tokenHash } });
  await db.session.create({ data: { ...row, id: newId(new Date()), tokenHash: newHash } });
}

function ownPages({ factorId }: ProtectedPerson): string[] {
  return [
    SECURITY,
    WIZARD,
    `${SECURITY}/authenticators/${factorId}/remove`,
    `${SECURITY}/turn-off`,
    `${SECURITY}/authenticators/${factorId}/replace`,
    `${SECURITY}/authenticators/${factorId}/test`,
    `${SECURITY}/activity`,
    TOKENS,
    `${TOKENS}/new`,
    "/settings/password",
    "/settings/email",
    `${WIZARD}/done`,
    `${SECURITY}/recovery-codes`,
    "/step-up",
    "/sign-in/recovery-used",
  ];
}

for (const intruder of intruders) {
  test(`with ${intruder} no page opens, also not as data for the page's script`, async ({
    victim,
    requestAs,
  }) => {
    const request = await requestAs(intruder);
    const secrets = [victim.email, "Signed in as"];
    for (const path of [...ownPages(victim), `${SECURITY}/recovery-codes/download`]) {
      for (const headers of [
        {},
        { RSC: "1" },
        { "X-Middleware-Subrequest": "proxy:proxy:proxy:proxy:proxy" },
      ]) {
        const answer = await request.get(path, { maxRedirects: 0, headers });
        const body = await answer.text();
        expect(secrets.filter((secret) => body.includes(secret))).toEqual([]);
        if ("RSC" in headers) continue;
        expect(`${path} ${answer.status()}`).toBe(`${path} 307`);
        expect(answer.headers().location).toMatch(
          intruder.endsWith("challenge") ? /\/sign-in/ : /\/sign-in(\?|$)/,
        );
      }
    }
    expect(await (await request.get("/api/auth/session")).json()).toEqual({});
  });

  test(`with ${intruder} no form does anything, right codes and password notwithstanding`, async ({
    victim,
    requestAs,
    db,
  }) => {
    const request = await requestAs(intruder);
    const before = await snapshotOf(db, victim.id);
    expect(victim.forms.length).toBeGreaterThan(10);
    const typed: Record<string, string> = {
      code: victim.recoveryCodes[0] ?? "",
      password: PASSWORD,
      newPassword: "the intruder's password",
      name: "Mine",
      email: "intruder@example.org",
    };
    for (const form of victim.forms) {
      const parts = form.inputs.map((name): [string, string] => [name, typed[name] ?? ""]);
      const answer = await postForm(request, form, parts);
      expect(answer.status()).toBe(303);
      expect(answer.headers().location).toMatch(/\/sign-in/);
      expect(await answer.text()).not.toContain(victim.email);
      expect(answer.headers()["set-cookie"] ?? "").not.toMatch(/session-token=[^;]/);
    }
    expect(await snapshotOf(db, victim.id)).toBe(before);
  });
}

test("a challenge in another person's browser opens the code entry and nothing of theirs", async ({
  victim,
  requestAs,
}) => {
  const request = await requestAs("a challenge");
  const answer = await request.get(VERIFY);
  expect(answer.status()).toBe(200);
  expect(await answer.text()).not.toContain(victim.email);
  for (const path of ["/", "/sign-in", "/sign-up", "/nothing", SECURITY]) {
    const sent = await request.get(path, { maxRedirects: 0 });
    expect(`${path} ${sent.headers().location}`).toContain(VERIFY);
  }
});

test("a callbackUrl that leads elsewhere is not followed", async ({ page, person, watch }) => {
  watch.allowRefusals();
  for (const wanted of [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
  ]) {
    await page.context().clearCookies();
    await page.goto(`/sign-in?callbackUrl=${encodeURIComponent(wanted)}`);
    await page.getByLabel("E-mail address").fill(person.email);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL(`${serverUrl()}${SECURITY}`);
  }
});
