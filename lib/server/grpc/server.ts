import { randomUUID } from "node:crypto";
import {
  createServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from "node:http2";
import type { DescService } from "@bufbuild/protobuf";
import {
  Code,
  type ConnectRouter,
  createConnectRouter,
  createContextKey,
  createContextValues,
  type Interceptor,
} from "@connectrpc/connect";
import type { UniversalHandler, UniversalServerResponse } from "@connectrpc/connect/protocol";
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from "@connectrpc/connect-node";
import type { Env } from "@/lib/env";
import { type Log, withRequestId } from "@/lib/log";
import { clientAddress } from "../address";
import type { ReadinessCheck } from "../health";
import { longestBody } from "../request-check";
import { addHealth } from "./health";
import { Health } from "./protocol/grpc/health/v1/health_pb";
import { addReflection, REFLECTION_SERVICES } from "./reflection";
import { spellMessage } from "./status";

// Native gRPC, for which HTTP/2 and its trailers are needed: a port of its own, without encryption, which is the proxy's.

/** The message of a call could be read: its service was asked. */
const IS_READ = createContextKey(false);
const noteRead: Interceptor = (next) => (call) => {
  call.contextValues.set(IS_READ, true);
  return next(call);
};

/** What is served: the services of the dialects that have any. */
export type Rpc = { services: readonly DescService[]; addTo(router: ConnectRouter): void };

/** `stop`: takes no new calls, and lets those in flight finish for so long. */
export type GrpcServer = { http2: Http2Server; stop(withinMs: number): Promise<void> };

export type GrpcParts = {
  env: Pick<Env, "trustedProxies">;
  rpc: Rpc;
  isReady: ReadinessCheck;
  log: Log;
};

const callsPerConnection = 100;
const idleConnectionMs = 300_000;
/** How long nothing may come or go within a call. */
const idleCallMs = 30_000;
/** However much comes and goes: a call that is fed a byte at a time would never be silent. */
const longestCallMs = 60_000;
const longestWatchMs = 600_000;
const WATCH = `/${Health.typeName}/Watch`;
const longestHeaders = 16 * 1024;

/** The server of native gRPC, with health checking and reflection. It is not listening yet. */
export function createGrpcServer({ env, rpc, isReady, log }: GrpcParts): GrpcServer {
  const stopping = new AbortController();
  const { handlers } = routerOf(rpc, isReady, stopping.signal);
  const byPath = new Map(handlers.map((handler) => [handler.requestPath, handler]));
  const http2 = createServer({
    settings: {
      enablePush: false,
      maxConcurrentStreams: callsPerConnection,
      maxHeaderListSize: longestHeaders,
    },
  });
  http2.maxConnections = 1_000;
  const sessions = new Set<ServerHttp2Session>();
  http2.on("session", (session) => {
    sessions.add(session);
    session.setTimeout(idleConnectionMs, () => session.destroy());
    session.once("close", () => sessions.delete(session));
  });
  // What is no HTTP/2, or breaks off: its connection ends, and nobody is left to be told.
  http2.on("sessionError", () => {});
  http2.on("request", (request: Http2ServerRequest, response: Http2ServerResponse) => {
    const id = randomUUID();
    noteRequest(id, request, response, log);
    const [path = ""] = request.url.split("?", 1);
    // Calls that wait for news are silent for long; they end all the same, and their clients ask again.
    if (path !== WATCH) response.setTimeout(idleCallMs, () => response.stream.close());
    const cut = setTimeout(() => response.stream.close(), path === WATCH ? longestWatchMs : longestCallMs);
    response.once("close", () => clearTimeout(cut));
    request.headers["x-forwarded-for"] = clientAddress(
      request.socket.remoteAddress,
      String(request.headers["x-forwarded-for"] ?? ""),
      env.trustedProxies,
    );
    const handler = byPath.get(path);
    if (handler === undefined) refuseUnknown(response);
    else void withRequestId(id, () => answer(handler, request, response, log));
  });
  return { http2, stop: (withinMs) => stop(http2, sessions, stopping, withinMs) };
}

function routerOf(rpc: Rpc, isReady: ReadinessCheck, stopping: AbortSignal): ConnectRouter {
  // No compression is taken: a small message can be a large one in it.
  const router = createConnectRouter({
    connect: false,
    grpcWeb: false,
    readMaxBytes: longestBody,
    interceptors: [noteRead],
  });
  const services = [...rpc.services, Health, ...REFLECTION_SERVICES];
  rpc.addTo(router);
  addHealth(router, services, isReady, stopping);
  addReflection(router, services);
  return router;
}

async function answer(
  handler: UniversalHandler,
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  log: Log,
): Promise<void> {
  try {
    const values = createContextValues();
    const call = universalRequestFromNodeRequest(request, response, undefined, values);
    const answered = withOwnStatus(await handler(call), () => values.get(IS_READ));
    await universalResponseToNodeResponse(answered, response);
  } catch (error) {
    // Whoever leaves in the middle of a call is no fault of ours.
    if (!response.stream.destroyed) {
      log.event("request failed", { error });
      response.stream.close();
    }
  }
}

/** Says so in one block of headers, with which the call ends (gRPC over HTTP/2, "Trailers-Only"). */
function refuseUnknown({ stream }: Http2ServerResponse): void {
  if (stream.destroyed || stream.closed) return;
  const status = { ":status": 200, "content-type": "application/grpc", "grpc-status": "12" };
  stream.respond({ ...status, "grpc-message": "unknown method" }, { endStream: true });
}

/** A status in gRPC's own form. A message that Connect cannot read it calls a fault of its own; but it is the client's. */
function withOwnStatus(answered: UniversalServerResponse, isRead: () => boolean): UniversalServerResponse {
  const { body, trailer } = answered;
  if (body === undefined || trailer === undefined) return answered;
  async function* untilEnd(parts: AsyncIterable<Uint8Array>, trailers: Headers) {
    yield* parts;
    spellMessage(trailers);
    if (trailers.get("grpc-status") === `${Code.Internal}` && !isRead())
      trailers.set("grpc-status", `${Code.InvalidArgument}`);
  }
  return { ...answered, body: untilEnd(body, trailer) };
}

function noteRequest(
  id: string,
  { url, method }: Http2ServerRequest,
  response: Http2ServerResponse,
  log: Log,
): void {
  const started = performance.now();
  const [path = ""] = url.split("?", 1);
  response.once("close", () => {
    const status = response.stream.sentHeaders?.[":status"];
    log.request({
      id,
      method,
      path,
      status: typeof status === "number" ? status : 499,
      ms: Math.round(performance.now() - started),
    });
  });
}

async function stop(
  http2: Http2Server,
  sessions: ReadonlySet<ServerHttp2Session>,
  stopping: AbortController,
  withinMs: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    http2.close(() => resolve());
  });
  // Ends those that watch; calls in flight finish before their connection is closed.
  stopping.abort();
  for (const session of sessions) session.close();
  const cut = setTimeout(() => {
    for (const session of sessions) session.destroy();
  }, withinMs);
  await closed;
  clearTimeout(cut);
}
