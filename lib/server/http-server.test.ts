import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, test, vi } from "vitest";
import { listenAtFreePort } from "@/lib/testing/free-port";
import type { Answer } from "./answer";
import { answerStorage } from "./answer-store";
import { createHttpServer, type HttpServer, type ServerParts } from "./http-server";
import { securityHeaders } from "./security-headers";
import { drain } from "./shutdown";

const log = { request: vi.fn(), event: vi.fn() };
let server: HttpServer | undefined;

afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  vi.clearAllMocks();
});

/** Starts a server whose pages are made by `handle`; returns its address. */
async function start(
  handle: ServerParts["handle"],
  publicUrl = "https://id.example.org",
  isReady = async () => true,
  findEntrypoint: ServerParts["findEntrypoint"] = () => null,
  findApi: ServerParts["findApi"] = () => null,
): Promise<string> {
  const env = { publicUrl: new URL(publicUrl), trustedProxies: [] };
  server = createHttpServer({ env, handle, findEntrypoint, findApi, isReady, log, isDev: false });
  return `http://127.0.0.1:${await listenAtFreePort(server)}`;
}

const answering =
  (status: number, body = "made by Next") =>
  async (_request: unknown, answer: Answer) => {
    answer.statusCode = status;
    answer.setHeader("Content-Type", "text/plain");
    answer.write(body);
    answer.end();
  };

const store = () => {
  const found = answerStorage().getStore();
  if (!found) throw new Error("no store");
  return found;
};

const form = { method: "POST", body: new URLSearchParams({ a: "1" }) };

test("a page's answer passes through, with the security headers", async () => {
  const url = await start(answering(200));
  const answer = await fetch(`${url}/sign-in`);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe("made by Next");
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
    "strict-transport-security": "max-age=63072000",
    "content-security-policy": expect.stringContaining("default-src 'none'"),
  });
});

test("without TLS nothing asks for TLS", async () => {
  const url = await start(answering(200), "http://localhost:3000");
  expect((await fetch(url)).headers.has("strict-transport-security")).toBe(false);
});

test("a refusal told to the store becomes the status, with its headers and cookies", async () => {
  const url = await start(async (request, answer) => {
    Object.assign(store(), {
      actionReached: true,
      status: 422,
      headers: { "Retry-After": "7" },
      cookies: ["a=1", "b=2"],
    });
    await answering(200)(request, answer);
  });
  const answer = await fetch(`${url}/sign-in`, form);
  expect([answer.status, await answer.text()]).toEqual([422, "made by Next"]);
  expect(answer.headers.get("retry-after")).toBe("7");
  expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
});

test.each([
  [422, 200],
  [429, 429],
  [503, 503],
])("told %i, a scripted action answers %i", async (told, status) => {
  const url = await start(async (request, answer) => {
    store().status = told;
    await answering(200)(request, answer);
  });
  expect((await fetch(`${url}/sign-in`, { ...form, headers: { "Next-Action": "x" } })).status).toBe(status);
});

test.each([500, 200])(
  "a form that reached no action of ours is the sender's fault (Next: %i)",
  async (status) => {
    const url = await start(answering(status));
    const answer = await fetch(`${url}/sign-in`, form);
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining("could not be read")]);
  },
);

test("a form of another build is told so, on a page", async () => {
  const url = await start(answering(409, "Server Action unavailable."));
  const answer = await fetch(`${url}/sign-in`, form);
  expect([answer.status, await answer.text()]).toEqual([
    409,
    expect.stringContaining("updated in the meantime"),
  ]);
});

test("a form refused before Next was asked is told so where its page cannot be shown", async () => {
  const url = await start(async (request, answer) => {
    store().settledForm = {};
    await answering(409, "Server Action unavailable.")(request, answer);
  });
  const answer = await fetch(`${url}/sign-in`, form);
  expect([answer.status, await answer.text()]).toEqual([409, expect.stringContaining("was refused")]);
});

test("a form that asks for a page's data instead of the page is no less the sender's fault", async () => {
  const url = await start(answering(200));
  expect((await fetch(`${url}/sign-in`, { ...form, headers: { RSC: "1" } })).status).toBe(400);
});

test.each([
  [null, 500, "Something went wrong"],
  [503, 503, "reach our database"],
])("a page that failed (told %s) is replaced by a plain one with %i", async (told, status, words) => {
  const url = await start(async (request, answer) => {
    store().status = told;
    answer.setHeader("Content-Encoding", "gzip");
    await answering(500, "a stack trace")(request, answer);
  });
  const answer = await fetch(`${url}/settings`);
  const body = await answer.text();
  expect(answer.status).toBe(status);
  expect(body).toContain(words);
  expect(body).not.toContain("stack");
  expect(answer.headers.get("content-security-policy")).toMatch(/style-src 'sha256-/);
});

test("a handler that throws still answers", async () => {
  const url = await start(async () => {
    throw new Error("secret detail");
  });
  const answer = await fetch(url);
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain("secret");
});

test("what Next has told of already is in the log once", async () => {
  const url = await start(async () => {
    store().failureTold = true;
    throw new Error("told");
  });
  expect((await fetch(url)).status).toBe(500);
  expect(log.event).not.toHaveBeenCalled();
});

test("a request says who sends it only by what is known", async () => {
  const seen: Record<string, unknown>[] = [];
  const url = await start(async (request, answer) => {
    seen.push({ ...request.headers });
    answer.end();
  });
  const lies = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Host": "evil.example",
    "X-Real-IP": "203.0.113.9",
    Forwarded: "for=203.0.113.9",
    "X-Nonce": "x",
    "X-Middleware-Subrequest": "x",
    "Content-Security-Policy": "x",
    "X-Countersign-User": "x",
  };
  await fetch(url, { headers: lies });
  const names = Object.keys(seen[0] ?? {}).filter((name) => /^(?:x-|forwarded|content-security)/.test(name));
  expect(names.sort()).toEqual(["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"]);
  expect(seen[0]).toMatchObject({
    host: "id.example.org",
    "x-forwarded-for": "127.0.0.1",
    "x-forwarded-host": "id.example.org",
    "x-forwarded-proto": "https",
  });
});

test("the log holds neither query nor cookie", async () => {
  const url = await start(answering(200));
  await (await fetch(`${url}/set-up?token=secret`, { headers: { Cookie: "session=secret" } })).text();
  await vi.waitFor(() => expect(log.request).toHaveBeenCalled());
  expect(JSON.stringify(log.request.mock.calls)).not.toContain("secret");
});

test("a request has an id of its own, in its answer and in the log, and a caller does not choose it", async () => {
  const url = await start(answering(200));
  const ask = () => fetch(`${url}/sign-in`, { headers: { "X-Request-Id": "chosen" } });
  const ids = [(await ask()).headers.get("x-request-id"), (await ask()).headers.get("x-request-id")];
  expect(new Set([...ids, "chosen", null]).size).toBe(4);
  await vi.waitFor(() => expect(log.request.mock.calls.map(([{ id }]) => id).sort()).toEqual(ids.sort()));
});

test("the log tells of a client that left before its answer", async () => {
  const url = await start(() => new Promise(() => {}));
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write("GET /sign-in HTTP/1.1\r\nHost: x\r\n\r\n");
  // The server of this test.
  await once(server as HttpServer, "request");
  socket.destroy();
  await vi.waitFor(() => expect(log.request).toHaveBeenCalledWith(expect.objectContaining({ status: 499 })));
});

test.each([
  [true, 200],
  [false, 503],
])("readiness %s answers %i", async (ready, status) => {
  const url = await start(answering(200), undefined, async () => ready);
  expect((await fetch(`${url}/readyz`)).status).toBe(status);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/healthz`, { method: "POST", body: "x" })).status).toBe(405);
});

test("too long a body is refused before it was sent", async () => {
  const url = await start(answering(200));
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 99999999\r\n\r\n");
  expect(await text(socket)).toMatch(/^HTTP\/1.1 413 /);
});

test.each([
  ["no host", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400],
  ["an expectation", "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: a-miracle\r\n\r\n", 417],
  ["a whole address", "GET http://x.example/a?b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200],
  [
    "a whole address without a path",
    "GET http://x.example HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    200,
  ],
])("%s: an answer of ours, with the security headers", async (_, sent, status) => {
  const urls: unknown[] = [];
  const url = await start(async (request, answer) => {
    urls.push(request.url);
    await answering(200)(request, answer);
  });
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write(sent);
  const answer = await text(socket);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  for (const name of ["content-security-policy", "x-content-type-options", "cache-control"])
    expect(answer.toLowerCase()).toContain(`${name}: `);
  for (const seen of urls) expect(seen).toMatch(/^\/(?:a\?b)?$/);
});

test.each([
  ["what is no HTTP", "\x00\x01nonsense\r\n\r\n", 400],
  ["a way through to somewhere else", "CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n", 405],
  ["an address of another protocol", "GET ftp://x.example/ HTTP/1.1\r\nHost: x\r\n\r\n", 400],
  ["no address", "GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400],
  ["a file by way of dots", "GET /_next/static/../x HTTP/1.1\r\nHost: x\r\n\r\n", 400],
])("%s is refused with the security headers, and the connection closed", async (_, sent, status) => {
  const url = await start(answering(200));
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write(sent);
  const answer = await text(socket);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  for (const [name] of securityHeaders(new URL("https://id.example.org")))
    expect(answer).toContain(`\r\n${name}: `);
  expect(answer).toContain("\r\nCache-Control: no-store\r\n");
});

test("who asks for a way through and breaks the connection off ends nobody else's", async () => {
  const url = await start(answering(200));
  const running = server as HttpServer; // Of this test.
  const client = connect(Number(new URL(url).port), "127.0.0.1");
  // Broken off (a reset, as of a program that is killed) when it was read and before it is answered.
  const ended = new Promise<unknown>((resolve) => {
    process.once("uncaughtException", resolve);
    running.prependListener("connect", (_request, socket) => {
      socket.once("close", () => {
        process.off("uncaughtException", resolve);
        resolve("closed");
      });
      client.resetAndDestroy();
    });
  });
  client.write("CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n");
  expect(await ended).toBe("closed");
  expect((await fetch(url)).status).toBe(200);
});

test("who sends too slowly is told so, and the connection closed", async () => {
  const url = await start(async (request, answer) => {
    answer.end(`${(await text(request)).length}`);
  });
  // Node looks every two seconds which requests are over their time.
  Object.assign(server as HttpServer, { requestTimeout: 200, headersTimeout: 100 });
  const form = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\n";
  const slow = ["GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", form, `${form}12345678`].map((sent) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.write(sent);
    return text(socket);
  });
  for (const answer of await Promise.all(slow))
    expect(answer).toMatch(/^HTTP\/1\.1 408 [\s\S]*Cache-Control: no-store/);
});

test("draining finishes what is in flight and takes nothing new", async () => {
  let finish = () => {};
  const url = await start(async (_request, answer) => {
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    answer.end("finished");
  });
  const inFlight = fetch(url);
  await vi.waitFor(() => expect(finish.name).not.toBe("finish"));
  if (!server) throw new Error("no server");
  const drained = drain(server, 5000);
  await expect(fetch(url)).rejects.toThrow();
  finish();
  expect(await (await inFlight).text()).toBe("finished");
  await drained;
});

test("a form that goes straight to its route has a policy of its own, whose nonce Next is told", async () => {
  let told: unknown;
  const url = await start(answering(200, "made by Next's server"), undefined, undefined, (method) =>
    method === "POST"
      ? async (request, answer) => {
          told = request.headers["content-security-policy"];
          store().actionReached = true;
          answer.end("made by the route");
        }
      : null,
  );
  const answer = await fetch(`${url}/sign-in`, {
    ...form,
    headers: { "Content-Security-Policy": "default-src *" },
  });
  expect(await answer.text()).toBe("made by the route");
  expect(told).toMatch(/^default-src 'none'; script-src 'nonce-[\w+/]{22}==' 'strict-dynamic'/);
  expect(answer.headers.get("content-security-policy")).toBe(told);
  expect(await (await fetch(`${url}/sign-in`)).text()).toBe("made by Next's server");
});

test("a page that is asked for as if by a script is answered as any page", async () => {
  const url = await start(async (request, answer) => {
    store().status = 404;
    await answering(200)(request, answer);
  });
  expect((await fetch(`${url}/set-up`, { headers: { "Next-Action": "x" } })).status).toBe(404);
});

test("what only Next says to itself is not heard from outside", async () => {
  let heard: unknown;
  const url = await start(async (request: { headers: unknown }, answer: Answer) => {
    heard = request.headers;
    answer.end();
  });
  const names = [
    "x-matched-path",
    "x-now-route-matches",
    "x-middleware-next",
    "next-resume",
    "x-nextjs-data",
  ];
  await fetch(`${url}/sign-in`, { headers: Object.fromEntries(names.map((name) => [name, "1"])) });
  for (const name of names) expect(heard).not.toHaveProperty(name);
});

test("an answer that is made bit by bit is not held up", async () => {
  let finish: () => void = () => {};
  const url = await start(async (_request: unknown, answer: Answer) => {
    answer.flushHeaders();
    answer.write("first");
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    answer.end("last");
  });
  const reader = (await fetch(`${url}/`)).body?.getReader();
  const decoded = async () => new TextDecoder().decode((await reader?.read())?.value);
  expect(await decoded()).toBe("first");
  finish();
  expect(await decoded()).toBe("last");
});
