import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { makePerson, makeProtectedPerson, PASSWORD, type Person, type ProtectedPerson } from "@/e2e/people";
import { places } from "@/e2e/places";
import { newId } from "@/lib/core/ids";
import { type Keys, parseKeys } from "@/lib/crypto/keys";
import { type Database, openDatabase } from "@/lib/db/client";
import { createDatabase } from "@/lib/db/testing/databases";
import { endpointOf } from "@/lib/dialects/dialect";
import { tables } from "@/lib/dialects/tables";
import { sealSessionCookie } from "@/lib/http/session-cookie";
import { securityHeaders } from "@/lib/server/security-headers";
import { FormBrowser } from "./testing/form-browser";
import { killServer, startServer, type TestServer } from "./testing/process";

// What no browser sends, byte for byte, to a server of ours on a PostgreSQL server. Needs what script/build makes.
let database: Awaited<ReturnType<typeof createDatabase>>;
let dataDir: string;
let server: TestServer;
let db: Database;
let keys: Keys;
let owner: ProtectedPerson;
let person: Person;

beforeAll(async () => {
  database = await createDatabase(inject("connections").postgresql.connectionString ?? "");
  dataDir = await mkdtemp(join(tmpdir(), "countersign-hostile-"));
  server = await startServer({ DATA_DIR: dataDir, DATABASE_URL: database.url, SIGN_UP: "open" });
  db = openDatabase({ connectionString: database.url });
  keys = parseKeys(await readFile(join(dataDir, "keys.json"), "utf8"));
  owner = await makeProtectedPerson(db, keys, "10.0.0.1");
  person = await makePerson(db, keys, "10.0.0.2");
});
afterAll(async () => {
  await killServer(server);
  await db.$disconnect();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

const hostOf = ({ url }: TestServer) => new URL(url).host;
const sessionCookie = (token: string) =>
  `next-auth.session-token=${sealSessionCookie(keys, token, 3600, new Date())}`;

/** Sends bytes, and waits until the server hangs up. Returns what it said, as Latin-1. */
function exchange(bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    let said = "";
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    socket.on("data", (chunk) => {
      said += chunk.toString("latin1");
    });
    // A connection that is reset while bytes are still on their way has said what it had to say.
    socket.on("error", () => {});
    socket.on("close", () => resolve(said));
    socket.write(bytes);
  });
}

type Said = { status: number; headers: Headers; body: string; location: string | null };

function parsed(said: string): Said {
  const [head = "", ...rest] = said.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const pairs = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const headers = new Headers(pairs);
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1] ?? 0);
  return { status, headers, body: rest.join("\r\n\r\n"), location: headers.get("location") };
}

/** Asks as a text of HTTP says; the target goes out as it is. */
async function ask(
  method: string,
  target: string,
  headers: Record<string, string> = {},
  body: string | Buffer = "",
): Promise<Said> {
  const length =
    body.length > 0 || method === "POST" ? { "Content-Length": String(Buffer.byteLength(body)) } : {};
  const all = { Host: hostOf(server), Connection: "close", ...length, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
  return parsed(await exchange(Buffer.concat([head, Buffer.from(body)])));
}

/** Runs work for each, four at a time, as there are few processors. */
async function forEach<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const next = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
  };
  await Promise.all([next(), next(), next(), next()]);
}

/** What is wrong with an answer, whatever it was asked for: nothing, or in words. */
function complaints({ status, headers, body, location }: Said): string[] {
  const found: string[] = [];
  if (status < 200 || status > 499) found.push(`status ${status}`);
  for (const [name, value] of securityHeaders(new URL(server.url))) {
    const got = headers.get(name) ?? "";
    const isSet =
      name === "Content-Security-Policy"
        ? /^default-src 'none'; .*frame-ancestors 'none'/.test(got) && !got.includes("unsafe")
        : name === "Cache-Control"
          ? /(?:^|, )no-store(?:,|$)/.test(got)
          : got === value;
    if (!isSet) found.push(`${name}: ${got}`);
  }
  const nonce = /script-src 'nonce-([^']+)'/.exec(headers.get("content-security-policy") ?? "")?.[1];
  // Without a nonce no script runs at all.
  const scripts = nonce === undefined ? [] : (body.match(/<script[^>]*>/g) ?? []);
  if (scripts.some((tag) => !tag.includes(`nonce="${nonce}"`))) found.push("a script without the nonce");
  if (location !== null) {
    const origin = URL.canParse(location, server.url) ? new URL(location, server.url).origin : location;
    if (origin !== new URL(server.url).origin || /^\/[/\\]/.test(location))
      found.push(`leads to ${location}`);
  }
  const secrets = [owner.email, owner.id, owner.factorId, person.email, "Signed in as"];
  for (const secret of secrets) if (`${body}${location}`.includes(secret)) found.push(`tells ${secret}`);
  return found;
}

/** What only Next says to itself. */
const INTERNAL = {
  "X-Middleware-Subrequest": "proxy:proxy:proxy:proxy:proxy",
  "X-Middleware-Rewrite": "/settings/security",
  "X-Middleware-Next": "1",
  "X-Middleware-Override-Headers": "cookie",
  "X-Middleware-Request-Cookie": "next-auth.session-token=x",
  "X-Nextjs-Data": "1",
  "X-Nextjs-Rewrite": "/settings/security",
  "X-Matched-Path": "/settings/security",
  "X-Now-Route-Matches": "1=x",
  "X-Invoke-Path": "/settings/security",
  "X-Invoke-Status": "500",
  "X-Invoke-Output": "/settings/security",
  "X-Prerender-Revalidate": "x",
  "Next-Resume": "1",
  "Next-Action": "0".repeat(42),
};

/** Other forms in which a page is asked for. */
const FORMS: Record<string, (path: string) => [target: string, headers: Record<string, string>]> = {
  "as data, by its name": (path) => [path.replace(/(\?|$)/, ".rsc$1"), {}],
  "as data, by a header": (path) => [`${path}${path.includes("?") ? "&" : "?"}_rsc=x`, { RSC: "1" }],
  "ahead of time": (path) => [
    path,
    { RSC: "1", "Next-Router-Prefetch": "1", "Next-Router-Segment-Prefetch": "/_tree" },
  ],
  "with a state that is none": (path) => [path, { RSC: "1", "Next-Router-State-Tree": "%5B1%5D" }],
  "with what Next says to itself": (path) => [path, INTERNAL],
};

describe("a page", () => {
  const paths = () =>
    [...new Set(places.map(({ path }) => path))].map((path) =>
      path
        .replace("{factor}", owner.factorId)
        .replace("{user}", owner.id)
        .replaceAll(/\{\w+\}/g, newId(new Date())),
    );

  /** Asks for pages in every form; what is wrong with the answers, in words. */
  async function askForAll(all: readonly string[], cookies: Record<string, string>): Promise<string[]> {
    const found: string[] = [];
    await forEach(all, async (path) => {
      const plain = await ask("GET", path, cookies);
      for (const [form, change] of Object.entries(FORMS)) {
        const [target, headers] = change(path);
        const said = await ask("GET", target, { ...headers, ...cookies });
        // What was in the address that was asked for is no secret to whoever asked.
        const told = complaints(said).filter((what) => !path.includes(what.replace("tells ", "")));
        found.push(...told.map((what) => `${path}, ${form}: ${what}`));
        if (headers === INTERNAL)
          expect([path, said.status, said.location]).toEqual([path, plain.status, plain.location]);
      }
    });
    return found;
  }

  test("asked for in another form by nobody tells nothing of an account", async () => {
    const own = paths().filter((path) => /^\/(?:settings|admin|step-up)/.test(path));
    expect(await askForAll(own, {})).toEqual([]);
  });

  // The gate lets it through: what refuses it is each page itself.
  test("asked for in another form with a made-up session tells nothing of an account", async () => {
    expect(await askForAll(paths(), { Cookie: sessionCookie("A".repeat(43)) })).toEqual([]);
  });

  test("spelled otherwise is the same page, another of ours, or none", async () => {
    const spelled = ["/settings/security", "/sign-in", "/api/auth/session", "/admin/users"].flatMap(
      (path) => [
        `/${path}`,
        `//${path}`,
        path.replaceAll("/", "//"),
        path.replace(/^\//, "/%2f"),
        path.replaceAll("/", "%2f"),
        path.replaceAll("/", "\\"),
        path.replaceAll("/", "/%5c"),
        `/.${path}`,
        `/x/..${path}`,
        `/x/%2e%2e${path}`,
        `/_next/..${path}`,
        `/_next/static/..%2f..${path}`,
        `/_next/data/x${path}.json`,
        path.toUpperCase(),
        `${path}.`,
        `${path}/`,
        `${path}/.`,
        `${path};a=b`,
        `${path}%00`,
        `${path}%20`,
        `${path}%3f`,
        `${path}%23`,
        `${path}?__nextDataReq=1&nxtPid=x&amp=1`,
        `//evil.example${path}`,
        `/\\evil.example${path}`,
        `/%09/evil.example${path}`,
        `http://evil.example${path}`,
        `http://evil.example/${path}`,
      ],
    );
    const others = [
      "*",
      "ftp://evil.example/",
      "/_next/image?url=http://evil.example/x.png&w=64&q=75",
      "/_next/image?url=//evil.example/x.png&w=640&q=75",
      "/_next/webpack-hmr",
      "/__nextjs_original-stack-frame",
      "/_next/data/x/index.json",
      "/_error",
      "/500",
      "/.env",
      "/?a[]=1&a[]=2&__proto__[x]=1",
      `/${"a".repeat(9000)}`,
    ];
    const found: string[] = [];
    await forEach([...spelled, ...others], async (target) => {
      found.push(...complaints(await ask("GET", target)).map((what) => `${target}: ${what}`));
    });
    expect(found).toEqual([]);
  });

  test("is not chosen its nonce by a request", async () => {
    const forged = {
      "Content-Security-Policy": "script-src 'nonce-forged' 'unsafe-inline'",
      "Content-Security-Policy-Report-Only": "script-src 'nonce-forged'",
      "X-Nonce": "forged",
    };
    const multipart = { "Content-Type": "multipart/form-data; boundary=b" };
    for (const said of [
      await ask("GET", "/sign-in", forged),
      await ask("GET", "/nothing", forged),
      await ask("GET", "/docs", { ...forged, RSC: "1" }),
      await ask("POST", "/sign-in", { ...forged, ...multipart }, "--b--"),
      await ask("PUT", "/sign-in", forged),
      await ask("GET", "/api/nothing", forged),
    ])
      expect([complaints(said), JSON.stringify([[...said.headers], said.body]).includes("forged")]).toEqual([
        [],
        false,
      ]);
  });
});

describe("a method", () => {
  const METHODS = [
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "TRACK",
    "CONNECT",
    "PROPFIND",
    "QUERY",
    "get",
  ];

  test.each(["/sign-in", "/settings/security", "/healthz", "/icon.svg", "/_next/static/x.js", "/nothing"])(
    "that %s does not take is refused",
    async (path) => {
      for (const method of METHODS) {
        const said = await ask(method, path);
        expect([method, complaints(said)]).toEqual([method, []]);
        // Node does not know all of them.
        expect([400, 405]).toContain(said.status);
      }
    },
  );

  test("is the one in the first line, whatever a header says, and HEAD has no body", async () => {
    for (const path of ["/sign-in", "/nothing", "/api/auth/session", "/api/auth/me"]) {
      const plain = await ask("GET", path);
      for (const name of ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
        expect((await ask("GET", path, { [name]: "DELETE" })).status).toBe(plain.status);
      const head = await ask("HEAD", path);
      expect([path, head.status, head.body]).toEqual([path, plain.status, ""]);
    }
  });

  const operations = tables.flatMap(({ dialect }) =>
    dialect.operations.map((operation) => endpointOf(dialect, operation)),
  );
  test("that no API takes, and other forms of its address, are answered without a fault", async () => {
    const found: string[] = [];
    await forEach(operations, async (endpoint) => {
      const [method = "", pattern = ""] = endpoint.split(" ");
      const path = pattern.replaceAll(/\{\w+\}/g, newId(new Date()));
      const json = method === "GET" ? {} : { "Content-Type": "application/json" };
      const plain = await ask(method, path, json);
      for (const said of [
        await ask("TRACE", path),
        await ask("PROPFIND", path),
        await ask("GET", `${path}.rsc`),
        await ask("GET", `/${path}`),
        await ask(method, path, { ...json, RSC: "1", "Next-Router-State-Tree": "x", Accept: "text/html" }),
      ])
        found.push(...complaints(said).map((what) => `${endpoint}: ${what}`));
      const internal = await ask(method, path, { ...json, ...INTERNAL, "X-HTTP-Method-Override": "DELETE" });
      expect([endpoint, internal.status, internal.body]).toEqual([endpoint, plain.status, plain.body]);
    });
    expect(found).toEqual([]);
  });
});

describe("another site", () => {
  const port = () => Number(new URL(server.url).port);
  const foreign = (): Record<string, string>[] => [
    { Origin: "null" },
    { Origin: "https://evil.example" },
    { Origin: `https://${hostOf(server)}` },
    { Origin: `http://localhost:${port() + 1}` },
    { Origin: `http://sibling.localhost:${port()}` },
    { Origin: `${server.url}.evil.example` },
    { Origin: `${server.url}, https://evil.example` },
    { Origin: `${server.url}\r\nOrigin: https://evil.example` },
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site" },
    { Origin: server.url, "Sec-Fetch-Site": "cross-site" },
  ];

  test("makes no browser send a form", async () => {
    const form = { "Content-Type": "multipart/form-data; boundary=b" };
    for (const headers of foreign()) {
      const said = await ask("POST", "/sign-in", { ...form, ...headers }, "--b--");
      expect([headers, said.status, complaints(said)]).toEqual([headers, 403, []]);
    }
    // Without an origin, and with our own: not a form of ours, which is another matter.
    for (const headers of [{}, { Origin: server.url }, { Referer: "https://evil.example/" }])
      expect((await ask("POST", "/sign-in", { ...form, ...headers }, "--b--")).status).toBe(400);
  });

  test("makes no browser use its cookies at an API", async () => {
    const cookies = `thogits.session=${owner.token}; better-auth.session_token=${owner.token}`;
    const json = { "Content-Type": "application/json", Cookie: cookies };
    for (const headers of foreign())
      for (const path of ["/api/auth/logout", "/api/auth/2fa/totp/setup", "/api/auth/sign-out"]) {
        const said = await ask("POST", path, { ...json, ...headers }, "{}");
        expect([path, headers, said.status, complaints(said)]).toEqual([path, headers, 403, []]);
      }
    expect((await ask("GET", "/api/auth/me", { Cookie: cookies })).status).toBe(200);
  });
});

test("forged forwarding headers change no link, no cookie and no count", async () => {
  const forged = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Port": "1",
    "X-Forwarded-Prefix": "/evil",
    Forwarded: "for=203.0.113.9;host=evil.example;proto=https",
    "X-Real-IP": "203.0.113.9",
    "CF-Connecting-IP": "203.0.113.9",
    "True-Client-IP": "203.0.113.9",
    "X-Client-IP": "203.0.113.9",
    "X-Original-URL": "/admin/users",
    "X-Rewrite-URL": "/admin/users",
  };
  for (const path of [
    "/",
    "/settings/password",
    "/sign-in",
    "/sign-in/restart",
    "/api/auth/signin",
    "/api/auth/csrf",
    "/docs",
  ]) {
    const [plain, said] = [await ask("GET", path), await ask("GET", path, forged)];
    expect([path, said.status, said.location, complaints(said)]).toEqual([
      path,
      plain.status,
      plain.location,
      [],
    ]);
    expect(JSON.stringify([[...said.headers], said.body])).not.toMatch(/evil|203\.0\.113|; Secure/);
    // Nor does the name by which the server is asked.
    const named = await ask("GET", path, { Host: "evil.example" });
    expect([named.status, named.location]).toEqual([plain.status, plain.location]);
    expect(named.body).not.toContain("evil.example");
  }
  const typed = JSON.stringify({ email: person.email, password: PASSWORD });
  const json = { "Content-Type": "application/json", ...forged };
  expect((await ask("POST", "/api/auth/login", json, typed)).headers.get("set-cookie")).not.toContain(
    "Secure",
  );
  const counted = await db.addressBudget.findMany({ select: { key: true } });
  expect(counted.map(({ key }) => key).filter((key) => key.includes("203.0.113"))).toEqual([]);
  const newest = { where: { userId: person.id }, orderBy: { id: "desc" } } as const;
  expect((await db.session.findFirstOrThrow(newest)).address).toMatch(/^(?:127\.0\.0\.1|::1)$/);
});

describe("a way to another site", () => {
  const ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/%2f%2fevil.example",
    "%2f%2fevil.example",
    "/%5cevil.example",
    "/%09/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nSet-Cookie: a=b",
    " //evil.example",
    "/.//evil.example",
    "/..//evil.example",
    "@evil.example",
    ":80@evil.example",
    ".evil.example",
    "//evil。example",
    "／／evil.example",
    "/\u2028/evil.example",
    "//[::1]",
    "//localhost.evil.example",
  ];
  /** Or is carried on, for the next page to go there. */
  const leadsAway = (location: string | null): boolean => {
    if (location === null) return false;
    const url = new URL(location, server.url);
    const carried = new URL(url.searchParams.get("callbackUrl") ?? "", server.url);
    return [url, carried].some(({ origin }) => origin !== server.url);
  };

  test("is in no redirect, whatever parameter asks for one", async () => {
    const asked = ["callbackUrl", "next", "returnTo", "redirect", "redirect_uri", "to", "url", "continue"];
    const signedIn = { Cookie: sessionCookie(person.token) };
    const found: string[] = [];
    await forEach(ELSEWHERE, async (place) => {
      const value = encodeURIComponent(place);
      const query = asked.map((name) => `${name}=${value}`).join("&");
      const all: [string, Record<string, string>][] = [
        [`/sign-in?callbackUrl=${value}`, signedIn],
        [`/step-up?callbackUrl=${value}`, { Cookie: sessionCookie("A".repeat(43)) }],
        [`/settings/password?${query}`, {}],
        [`/sign-in/restart?callbackUrl=${value}`, { Cookie: "countersign.challenge=x" }],
        [`/api/auth/signin?callbackUrl=${value}`, {}],
        [`/api/auth/signout?callbackUrl=${value}`, signedIn],
        [`/api/auth/error?error=x&callbackUrl=${value}`, {}],
        [`/api/auth/signin`, { Cookie: `next-auth.callback-url=${value}` }],
      ];
      for (const [target, headers] of all) {
        const said = await ask("GET", target, headers);
        if (said.status >= 500 || leadsAway(said.location))
          found.push(`${target}: ${said.status} ${said.location}`);
      }
    });
    expect(found).toEqual([]);
  });

  test("is in no form's answer: sign-in, and next-auth's sign-out", async () => {
    const csrf = await ask("GET", "/api/auth/csrf");
    const cookie = (csrf.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    const { csrfToken } = await (
      await fetch(`${server.url}/api/auth/csrf`, { headers: { Cookie: cookie } })
    ).json();
    // As many as an address may try in a minute, and still sign in.
    for (const place of ELSEWHERE) {
      const browser = new FormBrowser(server.url);
      const signedIn = await browser.submit("/sign-in", {
        email: person.email,
        password: PASSWORD,
        callbackUrl: place,
      });
      expect([place, signedIn.status, leadsAway(signedIn.location)]).toEqual([place, 303, false]);
      const body = new URLSearchParams({ csrfToken, callbackUrl: place }).toString();
      const type = { "Content-Type": "application/x-www-form-urlencoded", Cookie: cookie };
      const signedOut = await ask("POST", "/api/auth/signout", type, body);
      expect([place, signedOut.status < 500, leadsAway(signedOut.location)]).toEqual([place, true, false]);
    }
  });
});

describe("bytes that are no request", () => {
  const json = () => `Host: ${hostOf(server)}\r\nContent-Type: application/json\r\n`;
  const form = () => `Host: ${hostOf(server)}\r\nContent-Type: application/x-www-form-urlencoded\r\n`;
  const login = (headers: string, body: string) =>
    `POST /api/auth/login HTTP/1.1\r\n${json()}${headers}\r\n${body}`;
  const page = (headers: string, body = "") => `POST /sign-in HTTP/1.1\r\n${form()}${headers}\r\n${body}`;
  const get = (headers: string) => `GET /sign-in HTTP/1.1\r\nHost: ${hostOf(server)}\r\n${headers}\r\n`;
  const hidden = () => `GET /healthz HTTP/1.1\r\nHost: ${hostOf(server)}\r\n\r\n`;

  const refused: Record<string, () => [bytes: string | Buffer, status: number]> = {
    "both lengths, at an API": () => [
      login("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", `0\r\n\r\n${hidden()}`),
      400,
    ],
    "both lengths, at a page": () => [
      page("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", `0\r\n\r\n${hidden()}`),
      400,
    ],
    "two lengths": () => [login("Content-Length: 2\r\nContent-Length: 3\r\n", `{}${hidden()}`), 400],
    "the same length twice": () => [
      login("Content-Length: 2\r\nContent-Length: 2\r\n", `{}${hidden()}`),
      400,
    ],
    "a list of lengths": () => [login("Content-Length: 2, 2\r\n", "{}"), 400],
    "a length with a sign": () => [login("Content-Length: +2\r\n", "{}"), 400],
    "a length below zero": () => [login("Content-Length: -1\r\n", "{}"), 400],
    "a length in sixteens": () => [login("Content-Length: 0x2\r\n", "{}"), 400],
    "a length with a blank before its colon": () => [login("Content-Length : 2\r\n", "{}"), 400],
    "a coding that is none": () => [login("Transfer-Encoding: xchunked\r\n", "2\r\n{}\r\n0\r\n\r\n"), 400],
    "a coding of identity": () => [login("Transfer-Encoding: identity\r\n", "{}"), 400],
    "chunks that are not the last coding": () => [
      login("Transfer-Encoding: chunked, identity\r\n", "2\r\n{}\r\n0\r\n\r\n"),
      400,
    ],
    "two codings": () => [
      login("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "2\r\n{}\r\n0\r\n\r\n"),
      400,
    ],
    "a coding with a tab for a blank": () => [
      login("Transfer-Encoding:\tchunked\x0b\r\n", "2\r\n{}\r\n0\r\n\r\n"),
      400,
    ],
    "a chunk whose length is none": () => [
      login("Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n"),
      400,
    ],
    "a chunk that ends in a line feed alone": () => [
      login("Transfer-Encoding: chunked\r\n", "2\n{}\r\n0\r\n\r\n"),
      400,
    ],
    "chunks in HTTP/1.0": () => [
      login("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n").replace("HTTP/1.1", "HTTP/1.0"),
      400,
    ],
    "chunks at a page": () => [page("Transfer-Encoding: chunked\r\n", "3\r\na=b\r\n0\r\n\r\n"), 411],
    "a header over two lines": () => [get("X-Long: a\r\n b\r\n"), 400],
    "a blank before a colon": () => [get("X-Blank : a\r\n"), 400],
    "line feeds alone": () => [get("").replaceAll("\r\n", "\n"), 400],
    "a carriage return alone": () => [get("X-Return: a\rX-Other: b\r\n"), 400],
    "NUL in a header": () => [get("X-Nul: a\0b\r\n"), 400],
    "a header without a name": () => [get(": a\r\n"), 400],
    "a blank in an address": () => ["GET /sign in HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    "no slash before an address": () => ["GET sign-in HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    "another version of HTTP": () => ["GET / HTTP/1.2\r\nHost: x\r\n\r\n", 400],
    "the beginning of HTTP/2": () => ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
    "the beginning of TLS": () => [Buffer.from("16030100c8010000c40303", "hex"), 400],
    "more than 16 KiB of headers": () => [get(`X-Long: ${"a".repeat(20_000)}\r\n`), 431],
    "more headers than that": () => [get("X-Many: abcd\r\n".repeat(2_000)), 431],
    "an address of 20 KiB": () => [`GET /${"a".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
    "a body that is announced to be huge, at a page": () => [
      page("Content-Length: 99999999999\r\n", "a"),
      413,
    ],
    "a body that is announced to be huge, at an API": () => [
      login("Content-Length: 99999999999\r\n", "{"),
      413,
    ],
    "a huge body in chunks": () => [
      login("Transfer-Encoding: chunked\r\n", `11170\r\n${"[".repeat(70_000)}\r\n`),
      413,
    ],
    "a huge extension of a chunk": () => [
      login("Transfer-Encoding: chunked\r\n", `2;${"a".repeat(30_000)}\r\n{}\r\n0\r\n\r\n`),
      400,
    ],
    "a compressed form": () => [page("Content-Encoding: gzip\r\nContent-Length: 3\r\n", "a=b"), 415],
  };

  test.each(Object.keys(refused))("%s: one refusal, and the connection closed", async (name) => {
    const [bytes, status] = refused[name]?.() ?? ["", 0];
    const said = await exchange(bytes);
    expect([parsed(said).status, complaints(parsed(said))]).toEqual([status, []]);
    expect(said.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(parsed(said).headers.get("connection")).toBe("close");
  });

  test("a small body that is compressed out of a huge one is not unpacked", async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000, "["));
    const headers = { "Content-Type": "application/json", "Content-Encoding": "gzip" };
    for (const path of [
      "/api/auth/login",
      "/api/v1/auth/login/",
      "/api/auth/sign-in/email",
      "/v2/sessions",
    ]) {
      const said = await ask("POST", path, headers, bomb);
      expect([path, complaints(said)]).toEqual([path, []]);
      expect([400, 415]).toContain(said.status);
    }
  });

  test("requests one behind the other are answered one after the other, the bodies between them left alone", async () => {
    const said = await exchange(
      login("Content-Length: 2\r\n", "{}") +
        `GET /healthz HTTP/1.1\r\n${json()}Content-Length: 4\r\n\r\nGET ` +
        login("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n") +
        get("Connection: close\r\n"),
    );
    expect([...said.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status)).toEqual([
      "400",
      "200",
      "400",
      "200",
    ]);
  });
});

test("none of it was a fault of ours", () => {
  const faults = server
    .output()
    .split("\n")
    .filter((line) => /"status":5\d\d|"request failed"/.test(line));
  expect(faults).toEqual([]);
});
