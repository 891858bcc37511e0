import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Answer } from "./answer";
import { type FindEntrypoint, readEntrypoints } from "./entrypoints";

/** What was built, as `next build` leaves it: each route's program says its name. */
const routes = {
  "/(web)/sign-in/page": "/sign-in",
  "/(web)/things/[id]/page": "/things/[id]",
  "/(web)/things/download/route": "/things/download",
  "/_not-found/page": "/_not-found",
  "/api/auth/session/route": "/api/auth/session",
  "/api/auth/[...rest]/route": "/api/auth/[...rest]",
  "/api/[[...path]]/route": "/api/[[...path]]",
};
const dynamicRoutes = [
  { page: "/api/auth/[...rest]", regex: "^/api/auth/(.+?)(?:/)?$" },
  { page: "/api/[[...path]]", regex: "^/api(?:/(.+?))?(?:/)?$" },
  { page: "/things/[id]", regex: "^/things/([^/]+?)(?:/)?$" },
];

const root = mkdtempSync(join(tmpdir(), "countersign-entrypoints-"));
let find: FindEntrypoint;

beforeAll(() => {
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const names = Object.keys(routes);
  const files = Object.fromEntries(names.map((name) => [name, `app${name}.js`]));
  write("package.json", "{}");
  write(".next/server/app-paths-manifest.json", JSON.stringify(files));
  write(".next/app-path-routes-manifest.json", JSON.stringify(routes));
  write(".next/routes-manifest.json", JSON.stringify({ dynamicRoutes }));
  for (const name of names)
    write(
      `.next/server/app${name}.js`,
      `exports.handler = async (request, answer, context) => answer.end(${JSON.stringify(name)}, context);`,
    );
  const apis = new Map([["/api/read", async () => Response.json({})]]);
  find = readEntrypoints(root, { apis, forms: new Map() });
});
afterAll(() => rmSync(root, { recursive: true }));

/** The route that answers, and what it was told; null when Next's own server does. */
async function answered(method: string, path: string, url = path) {
  const entrypoint = find(method, path);
  if (!entrypoint) return null;
  const told: unknown[] = [];
  const headers = { "x-forwarded-proto": "https", host: "id.example.org" };
  // Only what an entrypoint of this test looks at.
  const request = { url, headers } as unknown as IncomingMessage;
  await entrypoint(request, { end: (...said: unknown[]) => told.push(...said) } as unknown as Answer);
  return told;
}

test.each([
  ["POST", "/sign-in", "/(web)/sign-in/page"],
  ["GET", "/api/auth/session", "/api/auth/session/route"],
  ["POST", "/api/auth/signout", "/api/auth/[...rest]/route"],
  ["DELETE", "/api/v1/anything", "/api/[[...path]]/route"],
])("%s %s goes straight to its route", async (method, path, route) => {
  expect((await answered(method, path))?.[0]).toBe(route);
});

test.each([
  ["GET", "/sign-in", "a page is shown by way of the gate"],
  ["HEAD", "/sign-in", "likewise"],
  ["POST", "/things/7", "which page it is depends on the address"],
  ["POST", "/things/download", "it is no page, so it has no form"],
  ["POST", "/_not-found", "Next's own page"],
  ["POST", "/nowhere", "there is no such page"],
  ["POST", "/sign-in/", "Next knows which page that is"],
  ["GET", "/api//auth/session", "nor is this spelled plainly"],
  ["GET", "/api/auth/%73ession", "nor this"],
  ["GET", "/api/../sign-in", "nor this"],
  ["GET", "/_next/static/a.js", "a file"],
])("%s %s is left to Next: %s", (method, path) => expect(find(method, path)).toBeNull());

test("an API that needs nothing of Next is read without it, and left to its route for all else", () => {
  expect(find("GET", "/api/read")).not.toBe(find("GET", "/api/other"));
  expect(find("POST", "/api/read")).toBe(find("POST", "/api/other"));
  expect(find("HEAD", "/api/read")).toBe(find("HEAD", "/api/other"));
});

test("a route is told the address as the browser knows it", async () => {
  const told = await answered("GET", "/api/auth/session", "/api/auth/session?a=1");
  const initURL = "https://id.example.org/api/auth/session?a=1";
  expect(told?.[1]).toMatchObject({ requestMeta: { initURL } });
});
