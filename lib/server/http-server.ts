import { randomBytes, randomUUID } from "node:crypto";
import { createServer, IncomingMessage, type Server } from "node:http";
import type { Socket } from "node:net";
import type { Env } from "@/lib/env";
import { type Log, withRequestId } from "@/lib/log";
import { Answer } from "./answer";
import { answerStorage, newAnswerStore } from "./answer-store";
import type { Handle } from "./api";
import { contentPolicy } from "./content-policy";
import type { FindEntrypoint } from "./entrypoints";
import type { ReadinessCheck } from "./health";
import { plainPage, plainPagePolicy } from "./plain-page";
import { checkRequest, isApiPath, type Rejection } from "./request-check";
import { ourHosts, setKnownHeaders } from "./request-headers";
import { securityHeaders } from "./security-headers";

/** A server whose every answer is an Answer. */
export type HttpServer = Server<typeof IncomingMessage, typeof Answer>;

export type ServerParts = {
  env: Pick<Env, "publicUrl" | "trustedProxies">;
  /** Next's. */
  handle: Handle;
  /** What answers in Next's place where it can. */
  findEntrypoint: FindEntrypoint;
  /** What checks for itself what is sent to its addresses, and answers in its own words. */
  findApi: (path: string) => Handle | null;
  isReady: ReadinessCheck;
  log: Log;
  /** In development Next's own error pages are shown, and its scripts may connect. */
  isDev: boolean;
};

/** The HTTP server in front of Next. It is not listening yet. */
export function createHttpServer(parts: ServerParts): HttpServer {
  const options = {
    IncomingMessage,
    ServerResponse: Answer,
    // Slow clients: RFC 9110 leaves it to us how long to wait. Well over what a phone on a bad network needs.
    headersTimeout: 10_000,
    requestTimeout: 20_000,
    keepAliveTimeout: 65_000,
    connectionsCheckingInterval: 2_000,
    // Refused with our headers: see checkRequest.
    requireHostHeader: false,
  };
  const { env } = parts;
  const headers = securityHeaders(env.publicUrl);
  const listener = createListener(parts, headers);
  const server = createServer(options, listener);
  server.on("checkExpectation", listener);
  server.timeout = 60_000;
  server.maxConnections = 5_000;
  // A server of TCP's sockets; the types allow for any stream.
  server.on("clientError", (error, socket) => refuseUnreadable(error, socket as Socket, headers));
  // Node has no answer for it, and the listener no request of it: it asks for a way through (RFC 9110, section 9.3.6).
  server.on("connect", (_request, socket) =>
    endWith(socket as Socket, "405 Method Not Allowed", [...headers, ["Allow", "GET, HEAD, POST"]]),
  );
  return server;
}

function createListener(
  { env, handle, findEntrypoint, findApi, isReady, log, isDev }: ServerParts,
  headers: [string, string][],
) {
  const hosts = ourHosts(env.publicUrl);
  const origins = new Set([env.publicUrl.origin, ...hosts.values()]);
  const storage = answerStorage();
  const isHttps = env.publicUrl.protocol === "https:";
  return (request: IncomingMessage, answer: Answer): void => {
    const started = performance.now();
    const id = randomUUID();
    answer.setHeader("X-Request-Id", id);
    const { method = "" } = request;
    const url = originForm(request.url ?? "/");
    request.url = url;
    const query = url.indexOf("?");
    const path = query < 0 ? url : url.slice(0, query);
    for (const [name, value] of headers) answer.setHeader(name, value);
    const isFile = path.startsWith("/_next/");
    if (!isFile) {
      answer.once("close", () => {
        log.request({
          id,
          method,
          path,
          // The client left before there was an answer; servers have come to write it so.
          status: answer.sentStatus ?? 499,
          ms: Math.round(performance.now() - started),
        });
      });
    }
    const isHealth = path === "/healthz" || path === "/readyz";
    if (isHealth && (method === "GET" || method === "HEAD")) {
      void answerHealth(path, isReady, answer);
      return;
    }
    const api = findApi(path);
    const rejection = isHealth ? onlyRead : checkRequest(method, path, request, origins, api !== null);
    if (rejection) {
      reject(request, answer, rejection);
      return;
    }
    if (isDev) answer.removeHeader("Content-Security-Policy");
    // Named after their content: Next lets browsers keep them, unless it is told otherwise.
    if (path.startsWith("/_next/static/")) answer.removeHeader("Cache-Control");
    setKnownHeaders(request, env, hosts);
    // Next looks for an action in what is sent alone.
    const scripted = method === "POST" && request.headers["next-action"] !== undefined;
    const isPage = !isFile && !isApiPath(path);
    const store = newAnswerStore(scripted);
    const wantsDocument = isPage && !scripted && request.headers.rsc === undefined && !isDev;
    answer.question = { store, isForm: isPage && method === "POST" && !isDev, wantsDocument };
    const entrypoint = api ?? findEntrypoint(method, path);
    if (entrypoint && isPage) setPagePolicy(request, answer, isHttps);
    const answering = async () => {
      try {
        await storage.run(store, entrypoint ?? handle, request, answer);
      } catch (error) {
        fail(answer, store.failureTold ? null : error, log);
      }
    };
    void withRequestId(id, answering);
  };
}

/** A request for a whole address, as proxies are sent it, must be taken; the host is ours anyway (RFC 9112, 3.2.2). */
function originForm(url: string): string {
  const [, rest] = /^https?:\/\/[^/?#]*(.*)$/i.exec(url) ?? [];
  return rest === undefined ? url : rest.startsWith("/") ? rest : `/${rest}`;
}

/** For a form that does not come by the gate, which gives pages theirs: see proxy.ts. */
function setPagePolicy(request: IncomingMessage, answer: Answer, isHttps: boolean): void {
  const policy = contentPolicy(randomBytes(16).toString("base64"), { isHttps, isDevelopment: false });
  // Next takes the nonce for its own scripts from there.
  request.headers["content-security-policy"] = policy;
  answer.setHeader("Content-Security-Policy", policy);
}

const onlyRead: Rejection = {
  status: 405,
  title: "This address can only be read",
  text: "Nothing was changed.",
  headers: { Allow: "GET, HEAD" },
};

async function answerHealth(path: string, isReady: ReadinessCheck, answer: Answer): Promise<void> {
  const isFine = path === "/healthz" || (await isReady());
  answer.statusCode = isFine ? 200 : 503;
  answer.setHeader("Content-Type", "text/plain; charset=utf-8");
  answer.end(isFine ? "ok\n" : "unavailable\n");
}

function reject(request: IncomingMessage, answer: Answer, rejection: Rejection): void {
  const body = plainPage(rejection.title, rejection.text, false);
  answer.statusCode = rejection.status;
  answer.setHeader("Content-Type", "text/html; charset=utf-8");
  answer.setHeader("Content-Security-Policy", plainPagePolicy);
  answer.setHeader("Content-Length", Buffer.byteLength(body));
  // What is still coming of the body is not worth reading.
  answer.setHeader("Connection", "close");
  for (const name in rejection.headers) answer.setHeader(name, rejection.headers[name] ?? "");
  request.resume();
  answer.end(body);
}

/** @param error null when it is in the log already */
function fail(answer: Answer, error: unknown, log: Log): void {
  if (error !== null) log.event("request failed", { error });
  if (answer.headersSent) {
    answer.destroy();
    return;
  }
  answer.statusCode = 500;
  answer.end();
}

/** What Node's parser could not read: it has no request, so nothing but the connection to write to. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket, headers: [string, string][]): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const status =
    error.code === "HPE_HEADER_OVERFLOW"
      ? "431 Request Header Fields Too Large"
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? "408 Request Timeout"
        : "400 Bad Request";
  endWith(socket, status, headers);
}

/** Answers by a status line and headers alone, and ends the connection. */
function endWith(socket: Socket, status: string, headers: [string, string][]): void {
  // Node no longer listens to a connection that it hands over, and would end the process for one that breaks off.
  socket.on("error", () => {});
  const lines = [...headers, ["Connection", "close"], ["Content-Length", "0"]].map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.end(`HTTP/1.1 ${status}\r\n${lines.join("")}\r\n`);
  // Whoever does not hang up then is hung up on.
  socket.setTimeout(5_000, () => socket.destroy());
}
