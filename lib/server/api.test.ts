import { once } from "node:events";
import { createServer, IncomingMessage, type Server } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { listenAtFreePort } from "@/lib/testing/free-port";
import { Answer } from "./answer";
import { type Api, answerBy, answerFormBy, type Handle, type PlainForm } from "./api";

let server: Server<typeof IncomingMessage, typeof Answer>;
afterEach(() => server.close());

/** Starts a real server; returns its port. */
async function start(handle: Handle): Promise<number> {
  server = createServer({ IncomingMessage, ServerResponse: Answer }, async (request, answer) => {
    request.headers["x-forwarded-proto"] = "https";
    request.headers.host = "id.example.org";
    await handle(request, answer);
  });
  return listenAtFreePort(server);
}

async function ask(api: Api, headers: Record<string, string> = {}): Promise<Response> {
  const port = await start(answerBy(api));
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

describe("a page's form", () => {
  /** Next's place: tells what it could read. */
  const route: Handle = async (request, answer) => {
    answer.end(`the page, after ${(await text(request)).length} bytes`);
  };
  const dataOf = (content: string) => {
    const data = new FormData();
    data.set("code", content);
    return data;
  };
  const post = (port: number, init: RequestInit) =>
    fetch(`http://127.0.0.1:${port}/sign-in`, { method: "POST", ...init });

  test("is answered without the page's route where it can be", async () => {
    const form: PlainForm = async (request) =>
      new Response(null, {
        status: 303,
        headers: { Location: `/${new URL(request.url).origin}/${(await request.formData()).get("code")}` },
      });
    const port = await start(answerFormBy(form, route));
    // Twice, over one connection: what was read and put back is gone by then.
    for (const code of ["123456", "654321"]) {
      const answer = await post(port, { body: dataOf(code), redirect: "manual" });
      expect([answer.status, answer.headers.get("location")]).toEqual([
        303,
        `/https://id.example.org/${code}`,
      ]);
      expect(await answer.text()).toBe("");
    }
  });

  test.each([0, 1, 60_000])(
    "that it leaves to the route is read there as a whole: %i characters",
    async (size) => {
      const read = vi.fn();
      const form: PlainForm = async (request) => {
        read((await request.text()).length);
        return null;
      };
      const port = await start(answerFormBy(form, route));
      const answer = await post(port, { body: dataOf("a".repeat(size)) });
      const [[length]] = read.mock.calls as [[number]];
      expect(length).toBeGreaterThan(size);
      expect(await answer.text()).toBe(`the page, after ${length} bytes`);
    },
  );

  test.each<[string, RequestInit]>([
    ["sent by the page's script", { body: dataOf("1"), headers: { "Next-Action": "x" } }],
    ["of another kind", { body: new URLSearchParams({ code: "1" }) }],
    [
      "of a kind that Next reads as none",
      { body: "x", headers: { "Content-Type": "Multipart/Form-Data; boundary=x" } },
    ],
    ["that is empty", { headers: { "Content-Type": "multipart/form-data; boundary=x" } }],
  ])("%s is the route's", async (_what, init) => {
    const form = vi.fn<PlainForm>();
    const port = await start(answerFormBy(form, route));
    expect(await (await post(port, init)).text()).toMatch(/^the page/);
    expect(form).not.toHaveBeenCalled();
  });

  test("that comes in pieces is read when it is there; one that never comes whole is not answered", async () => {
    const form = vi.fn<PlainForm>(async (request) => new Response(await request.text()));
    const settled: unknown[] = [];
    const handle = answerFormBy(form, route);
    const port = await start(async (request, answer) => {
      settled.push(await handle(request, answer));
    });
    const head = "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n";
    const socket = connect(port, "127.0.0.1");
    socket.write(`${head}Content-Length: 9\r\n\r\nabc`);
    for (const piece of ["def", "ghi"]) {
      await new Promise(setImmediate);
      socket.write(piece);
    }
    expect(String((await once(socket, "data"))[0])).toMatch(/\r\n\r\nabcdefghi$/);
    socket.write(`${head}Content-Length: 9\r\n\r\nabc`);
    await once(server, "request");
    socket.destroy();
    await vi.waitFor(() => expect(settled).toHaveLength(2));
    expect(form).toHaveBeenCalledTimes(1);
  });
});
