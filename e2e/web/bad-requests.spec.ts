import { type Form, postForm, readForms } from "../forms";
import { PASSWORD } from "../people";
import { expect, places, test } from "../places";
import { serverUrl } from "../server";
import { snapshotOf } from "../snapshot";
import { SECURITY, VERIFY, WIZARD } from "../steps";
import { type Ask, scripted, strange } from "../strange-requests";

for (const [visitor, paths] of [
  [
    "nobody",
    [
      "/sign-in",
      "/sign-up",
      "/set-up",
      "/forgotten-password",
      "/new-password",
      "/confirm-email",
      "/",
      "/nothing",
      "/sign-in/restart",
    ],
  ],
  ["challenged", [VERIFY]],
  [
    "protected",
    [
      SECURITY,
      WIZARD,
      "/settings/password",
      "/settings/email",
      `${SECURITY}/turn-off`,
      `${SECURITY}/recovery-codes/download`,
    ],
  ],
] as const) {
  test(`a request that no page makes is a 4xx on the pages for ${visitor}, and changes nothing`, async ({
    page,
    become,
    db,
    address,
  }) => {
    await become(page, visitor);
    const [session] = await db.session.findMany({ where: { address }, orderBy: { id: "desc" }, take: 1 });
    const before = session && (await snapshotOf(db, session.userId));
    const found: string[] = [];
    for (const path of paths) {
      for (const [kind, options] of [...strange, ...scripted]) {
        const status = (await page.request.fetch(path, { maxRedirects: 0, ...options })).status();
        if (status < 400 || status > 499) found.push(`${path}, ${kind}: ${status}`);
      }
    }
    expect(found).toEqual([]);
    if (session) expect(await snapshotOf(db, session.userId)).toBe(before);
  });
}

test("arguments that an action does not take are no 5xx and change nothing", async ({
  page,
  become,
  db,
  address,
}) => {
  await become(page, "protected");
  const [session] = await db.session.findMany({ where: { address }, orderBy: { id: "desc" }, take: 1 });
  const before = await snapshotOf(db, session?.userId ?? "");
  const ids = new Set<string>();
  page.on("request", (asked) => {
    const id = asked.headers()["next-action"];
    if (id) ids.add(id);
  });
  await page.goto("/settings/password");
  await page.getByLabel("Current password").fill("not the password");
  await page.getByLabel("New password").fill("a longer new password");
  await page.getByRole("button", { name: "Change the password" }).click();
  await expect(
    page.locator("main").getByRole("alert").filter({ hasText: "not your password" }),
  ).toBeVisible();
  expect(ids.size).toBe(1);
  const bodies = [
    "[]",
    "[1]",
    "[null,null]",
    '["$undefined","a"]',
    '[{},{"password":"a"}]',
    '["\\ud800","\\u0000"]',
    "nonsense",
  ];
  for (const id of ids) {
    for (const data of bodies) {
      const headers = { "Next-Action": id, "Content-Type": "text/plain;charset=UTF-8" };
      const answer = await page.request.fetch("/settings/password", {
        method: "POST",
        data,
        headers,
        maxRedirects: 0,
      });
      expect(`${data}: ${answer.status() < 500}`).toBe(`${data}: true`);
    }
  }
  expect(await snapshotOf(db, session?.userId ?? "")).toBe(before);
});

test("a form from another site is refused, on every page", async ({ page, become, db }) => {
  for (const { path, visitor, name } of places.filter((place) =>
    /^(sign-in|sign-up|code entry)$/.test(place.name),
  )) {
    await page.context().clearCookies();
    const there = await become(page, visitor);
    const forms: Form[] = await readForms(page.request, there(path));
    const email = `${name.replace(" ", "")}-forged@example.org`;
    for (const headers of [
      { Origin: "https://evil.example" },
      { Origin: "null" },
      { "Sec-Fetch-Site": "cross-site" },
    ]) {
      for (const form of forms) {
        const answer = await postForm(
          page.request,
          form,
          [
            ["email", email],
            ["password", PASSWORD],
          ],
          headers,
        );
        expect(answer.status()).toBe(403);
      }
    }
    expect(await db.user.count({ where: { email } })).toBe(0);
  }
});

test("next-auth's addresses take no garbage", async ({ request }) => {
  const paths = [
    "session",
    "csrf",
    "providers",
    "signin",
    "signout",
    "error",
    "callback/credentials",
    "_log",
    "x",
    "",
  ];
  const found: string[] = [];
  for (const path of paths.map((name) => `/api/auth/${name}`)) {
    for (const [kind, options] of [...strange, ["GET", {}], ["OPTIONS", { method: "OPTIONS" }]] as [
      string,
      Ask,
    ][]) {
      const answer = await request.fetch(path, { maxRedirects: 0, ...options });
      if (answer.status() >= 500) found.push(`${path}, ${kind}: ${answer.status()}`);
      expect(answer.headers()["set-cookie"] ?? "").not.toMatch(/session-token=[^;]/);
    }
    for (const cookie of [
      "next-auth.session-token=%00%ff",
      "next-auth.csrf-token=|||",
      "next-auth.callback-url=javascript:x",
    ]) {
      const answer = await request.get(path, { maxRedirects: 0, headers: { Cookie: cookie } });
      if (answer.status() >= 500) found.push(`${path}, ${cookie}: ${answer.status()}`);
    }
  }
  expect(found).toEqual([]);
});

test("a change of the session without next-auth's token changes nothing and says why", async ({
  page,
  become,
}) => {
  await become(page, "protected");
  const answer = await page.request.post("/api/auth/session", {
    data: { data: { user: { isAdmin: true } } },
  });
  expect(answer.status()).toBe(400);
  expect(await answer.json()).toEqual({ message: "The csrfToken is missing or wrong" });
  expect(await (await page.request.get("/api/auth/session")).json()).toMatchObject({
    user: { isAdmin: false },
  });
});

test("addresses that are none are a 4xx", async ({ request }) => {
  const queries = [
    "?callbackUrl=%00",
    "?callbackUrl=%ED%A0%80",
    "?callbackUrl=a&callbackUrl=b",
    "?callbackUrl[a]=b",
    `?callbackUrl=${"a".repeat(8000)}`,
    "?__proto__=x",
  ];
  for (const query of queries) expect((await request.get(`/sign-in${query}`)).status()).toBe(200);
  for (const path of [
    "/%",
    "/%00",
    "/%ff",
    "/settings/%2e%2e/x",
    "/..%2f..%2fetc/passwd",
    "/_next/static/../../x",
    "/_next/image?url=x",
    "/_global-error",
    "/_not-found",
  ]) {
    const { status } = await rawGet(path);
    expect(`${path} ${status >= 300 && status < 500}`).toBe(`${path} true`);
  }
});

/** A path as it stands: other clients tidy it first. */
async function rawGet(path: string): Promise<{ status: number }> {
  const { request } = await import("node:http");
  const { hostname, port } = new URL(serverUrl());
  return new Promise((resolve, reject) => {
    request({ hostname, port, path }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0 });
    })
      .once("error", reject)
      .end();
  });
}
