import { once } from "node:events";
import { createServer, IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { Answer } from "./answer";
import { type Api, answerBy } from "./api";

let server: Server<typeof IncomingMessage, typeof Answer>;
afterEach(() => server.close());

/** Asks `api` through a real server. */
async function ask(api: Api, headers: Record<string, string> = {}): Promise<Response> {
  server = createServer({ IncomingMessage, ServerResponse: Answer }, async (request, answer) => {
    request.headers["x-forwarded-proto"] = "https";
    request.headers.host = "id.example.org";
    await answerBy(api)(request, answer);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // A TCP server's.
  return fetch(`http://127.0.0.1:${port}/api/read?a=1&b=%C3%BC`, { headers });
}

test("an API is asked at the address that the browser knows, with all headers", async () => {
  const headers = { Cookie: "a=1; b=2", "X-Thing": "gr\xfc\xdfe" };
  const answer = await ask(
    async ({ url, headers }) => Response.json({ url, headers: [...headers] }),
    headers,
  );
  expect(await answer.json()).toEqual({
    url: "https://id.example.org/api/read?a=1&b=%C3%BC",
    headers: expect.arrayContaining([
      ["cookie", "a=1; b=2"],
      ["x-thing", "gr\xfc\xdfe"],
      ["host", "id.example.org"],
    ]),
  });
});

test("its answer goes out as it is: status, headers, each cookie, the length of its text in bytes", async () => {
  const answer = await ask(async () => {
    const response = Response.json({ name: "J\u00fcrgen" }, { status: 418, headers: { "X-Thing": "1" } });
    for (const cookie of ["a=1; Path=/", "b=2; Path=/"]) response.headers.append("Set-Cookie", cookie);
    return response;
  });
  expect(answer.status).toBe(418);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(answer.headers.get("x-thing")).toBe("1");
  expect(answer.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2; Path=/"]);
  expect(answer.headers.get("content-length")).toBe("18");
  expect(await answer.json()).toEqual({ name: "J\u00fcrgen" });
});
