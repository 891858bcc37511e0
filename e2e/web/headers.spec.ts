import type { APIResponse } from "@playwright/test";
import { expect, places, test } from "../places";
import { serverUrl } from "../server";

/** Headers that every answer must carry. */
function checkEverywhere(headers: Record<string, string>): void {
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers["x-frame-options"]).toBe("DENY");
  expect(headers["referrer-policy"]).toMatch(/^(same-origin|no-referrer)$/);
  expect(headers["permissions-policy"]).toContain("camera=()");
  expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
  expect(headers["cross-origin-resource-policy"]).toBe("same-origin");
  expect(headers["content-security-policy"]).toContain("default-src 'none'");
  expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
  expect(headers["content-security-policy"]).not.toContain("unsafe");
  expect(headers["x-powered-by"]).toBeUndefined();
}

function checkUnstored(headers: Record<string, string>): void {
  checkEverywhere(headers);
  expect(headers["cache-control"]).toContain("no-store");
}

/** The nonce of a page's policy, which each of its scripts must carry. */
async function nonceOf(answer: APIResponse): Promise<string> {
  const nonce = answer.headers()["content-security-policy"]?.match(/script-src [^;]*'nonce-([^']+)'/)?.[1];
  const scripts = (await answer.text()).match(/<script[^>]*>/g) ?? [];
  expect(scripts.filter((tag) => !tag.includes(`nonce="${nonce}"`))).toEqual([]);
  return nonce ?? "";
}

for (const { name, path, visitor } of places) {
  test(`UX-36: ${name} carries a policy with a nonce of its own, and is neither stored nor framed`, async ({
    page,
    become,
  }) => {
    const there = await become(page, visitor);
    const answers = [await page.request.get(there(path)), await page.request.get(there(path))];
    for (const answer of answers) checkUnstored(answer.headers());
    const nonces = await Promise.all(answers.map(nonceOf));
    expect(nonces[0]).toMatch(/^[\w+/=-]{20,}$/);
    expect(nonces[0]).not.toBe(nonces[1]);
  });
}

test("redirects, API answers, refusals and health checks carry the headers too", async ({ request }) => {
  const ask = (path: string, options = {}) => request.fetch(path, { maxRedirects: 0, ...options });
  const oversized = { method: "POST", data: "a".repeat(70_000), headers: { "Content-Type": "text/plain" } };
  const cases: [string, object, number][] = [
    ["/", {}, 307],
    ["/settings/security", {}, 307],
    ["/sign-in/restart", {}, 307],
    ["/api/auth/session", {}, 200],
    ["/api/auth/csrf", {}, 200],
    ["/api/auth/nothing", {}, 404],
    ["/api/nothing", {}, 404],
    ["/nothing", {}, 404],
    ["/healthz", {}, 200],
    ["/readyz", {}, 200],
    ["/healthz", { method: "POST" }, 405],
    ["/sign-in", { method: "PUT" }, 405],
    ["/sign-in", oversized, 413],
    ["/sign-in", { method: "POST", form: { a: "b" }, headers: { Origin: "https://evil.example" } }, 403],
    ["/sign-in", { method: "POST", data: "<a/>", headers: { "Content-Type": "text/xml" } }, 415],
  ];
  for (const [path, options, status] of cases) {
    const answer = await ask(path, options);
    expect(`${path} ${answer.status()}`).toBe(`${path} ${status}`);
    checkUnstored(answer.headers());
  }
});

test("static files carry the headers, and only these may be stored", async ({ page, request }) => {
  const files = new Set<string>(["/icon.svg"]);
  page.on("request", (asked) => {
    const { pathname } = new URL(asked.url());
    if (pathname.startsWith("/_next/")) files.add(pathname);
  });
  await page.goto("/sign-in");
  const kinds = [/\.js$/, /\.css$/, /\.woff2$/, /\.svg$/];
  for (const kind of kinds) expect([...files].some((path) => kind.test(path))).toBe(true);
  for (const path of files) {
    const answer = await request.get(path);
    expect(`${path} ${answer.status()}`).toBe(`${path} 200`);
    checkEverywhere(answer.headers());
  }
  const missing = await request.get("/_next/static/nothing.js");
  expect(missing.status()).toBe(404);
  checkEverywhere(missing.headers());
});

test("nothing is loaded from anywhere else", async ({ page, become }) => {
  const foreign: string[] = [];
  page.on("request", (asked) => {
    if (!asked.url().startsWith(serverUrl()) && !asked.url().startsWith("data:")) foreign.push(asked.url());
  });
  await become(page, "setting up");
  for (const path of ["/settings/security", "/settings/security/authenticators/new"]) await page.goto(path);
  expect(foreign).toEqual([]);
});
