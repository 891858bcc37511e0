import { once } from "node:events";
import { connect as connectHttp2, constants } from "node:http2";
import { connect as connectTcp } from "node:net";
import { create, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import * as grpc from "@grpc/grpc-js";
import { createServerTransport } from "@zitadel/client/node";
import { createUserServiceClient } from "@zitadel/client/v3alpha";
import { ErrorDetailSchema } from "@zitadel/proto/zitadel/message_pb";
import { afterEach, expect, it, vi } from "vitest";
import { contextOf, makePerson, testDatabase } from "@/lib/core/testing/fixtures";
import { Phone } from "@/lib/core/testing/phone";
import * as messages from "@/lib/dialects/zitadel/protocol/zitadel/resources/user/v3alpha/user_service_pb";
import { addZitadelUsers, ZITADELUsers } from "@/lib/dialects/zitadel/rpc";
import { listenAtFreePort } from "@/lib/testing/free-port";
import { Health, HealthCheckResponse_ServingStatus as Status } from "./protocol/grpc/health/v1/health_pb";
import { ServerReflection, ServerReflectionRequestSchema } from "./protocol/grpc/reflection/v1/reflection_pb";
import { ServerReflection as Alpha } from "./protocol/grpc/reflection/v1alpha/reflection_pb";
import { createGrpcServer, type GrpcServer } from "./server";

// Native gRPC by the vendor's own client, by an independent one, and by hand for what neither sends.
const db = testDatabase();
const log = { request: vi.fn(), event: vi.fn() };
let server: GrpcServer | undefined;
let isReady = true;

afterEach(async () => {
  await server?.stop(100);
  server = undefined;
  isReady = true;
  vi.clearAllMocks();
});

type Parts = {
  ctx?: ReturnType<typeof contextOf>;
  trustedProxies?: Parameters<typeof createGrpcServer>[0]["env"]["trustedProxies"];
  seen?: string[];
};

/** Starts a server; returns where it is, as host and port. */
async function start({ ctx = contextOf(db), trustedProxies = [], seen = [] }: Parts = {}): Promise<string> {
  const addTo: Parameters<typeof createGrpcServer>[0]["rpc"]["addTo"] = (router) =>
    addZitadelUsers(router, (headers, brought) => {
      seen.push(headers.get("x-forwarded-for") ?? "");
      return { ...ctx, ...brought };
    });
  const rpc = { services: [ZITADELUsers], addTo };
  server = createGrpcServer({ env: { trustedProxies }, rpc, isReady: async () => isReady, log });
  return `127.0.0.1:${await listenAtFreePort(server.http2)}`;
}

const METHOD = "/zitadel.resources.user.v3alpha.ZITADELUsers";

type Failed = { code: number; details: string; metadata: grpc.Metadata };

/** One call by grpc-js, with bytes as they are. */
function call(at: string, method: string, bytes: Uint8Array, headers: Record<string, string> = {}) {
  const client = new grpc.Client(at, grpc.credentials.createInsecure());
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const same = (value: Buffer) => value;
  return new Promise<{ error: Failed | null; bytes: Buffer }>((resolve) => {
    client.makeUnaryRequest(method, same, same, Buffer.from(bytes), metadata, (error, value) => {
      client.close();
      resolve({ error, bytes: value ?? Buffer.alloc(0) });
    });
  });
}

const startBytes = (id: string) =>
  toBinary(
    messages.StartTOTPRegistrationRequestSchema,
    create(messages.StartTOTPRegistrationRequestSchema, { id }),
  );

it("the vendor's client registers, verifies and removes", async () => {
  const ctx = contextOf(db);
  const { user, token } = await makePerson(ctx);
  const baseUrl = `http://${await start({ ctx })}`;
  const client = createUserServiceClient(createServerTransport(token, { baseUrl }));
  const { totpId, uri } = await client.startTOTPRegistration({ id: user.id });
  const phone = new Phone(uri);
  const wrong = await client
    .verifyTOTPRegistration({ id: user.id, totpId, code: phone.wrongCode(ctx.now) })
    .catch((error: unknown) => error);
  if (!(wrong instanceof ConnectError)) throw new Error("a wrong code should fail");
  expect(wrong.rawMessage).toBe("Invalid code (EVENT-8isk2)");
  const details = wrong.findDetails(ErrorDetailSchema).map((detail) => toJson(ErrorDetailSchema, detail));
  expect(details).toEqual([{ id: "EVENT-8isk2", message: "Invalid code" }]);
  await client.verifyTOTPRegistration({ id: user.id, totpId, code: phone.code(ctx.now) });
  const seen = await client.getUser({ id: user.id });
  expect(seen.user?.authenticators?.totps).toMatchObject([{ totpId, isVerified: true }]);
  await client.removeTOTPAuthenticator({ id: user.id, totpId });
});

it("an independent client is told the code, the sentence as it is, and the detail", async () => {
  const ctx = contextOf(db);
  const { user, token } = await makePerson(ctx);
  const at = await start({ ctx });
  const authorization = `Bearer ${token}`;
  const good = await call(at, `${METHOD}/StartTOTPRegistration`, startBytes(user.id), { authorization });
  expect(good.error).toBeNull();
  expect(fromBinary(messages.StartTOTPRegistrationResponseSchema, new Uint8Array(good.bytes)).secret).toMatch(
    /^[A-Z2-7]{32}$/,
  );
  const { error } = await call(at, `${METHOD}/StartTOTPRegistration`, startBytes("1"), { authorization });
  expect([error?.code, error?.details]).toEqual([5, "TOTP does not exist (COMMAND-3Mif9s)"]);
  expect(String(error?.metadata.get("grpc-status-details-bin")[0])).toContain("zitadel.v1.ErrorDetail");
});

it("bad input is told as what it is, and nothing is changed", async () => {
  const ctx = contextOf(db);
  const { user, token } = await makePerson(ctx);
  const at = await start({ ctx });
  const authorization = `Bearer ${token}`;
  const failure = async (
    method: string,
    bytes: Uint8Array,
    headers: Record<string, string> = { authorization },
  ) => {
    const { error } = await call(at, method, bytes, headers);
    return [error?.code, error?.details];
  };
  const method = `${METHOD}/StartTOTPRegistration`;
  expect(await failure(method, startBytes(user.id), {})).toEqual([16, "auth header missing"]);
  expect(await failure(method, startBytes(user.id), { authorization: "Bearer a" })).toEqual([
    16,
    "Invalid token (AUTH-7fs1e)",
  ]);
  expect(await failure(`${METHOD}/Nothing`, startBytes(user.id))).toEqual([12, "unknown method"]);
  expect(await failure("/no.Service/Nothing", startBytes(user.id))).toEqual([12, "unknown method"]);
  expect(await failure(method, startBytes("x".repeat(201)))).toEqual([
    3,
    "invalid Id, its length must be between 1 and 200",
  ]);
  const [large, sentence] = await failure(method, new Uint8Array(65_537));
  expect([large, String(sentence)]).toEqual([8, expect.stringContaining("65536")]);
  expect((await failure(method, Buffer.from([0xff, 0xff, 0xff])))[0]).toBe(3);
  expect(await db.totpFactor.count({ where: { userId: user.id } })).toBe(0);
  expect(log.event).not.toHaveBeenCalled();
});

/** Sends bytes over HTTP/2 as they are. How many blocks of headers came, and what they say. */
async function raw(at: string, path: string, body: Uint8Array, headers: Record<string, string> = {}) {
  const session = connectHttp2(`http://${at}`);
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  });
  const blocks: Record<string, unknown>[] = [];
  stream.on("response", (block) => blocks.push({ ...block }));
  stream.on("trailers", (block) => blocks.push({ ...block }));
  stream.resume();
  stream.end(body);
  await once(stream, "close");
  session.close();
  const all = Object.assign({}, ...blocks);
  return { blocks: blocks.length, http: all[constants.HTTP2_HEADER_STATUS], status: all["grpc-status"] };
}

it("an unknown RPC is answered in one block of headers, and frames that are wrong with a status", async () => {
  const at = await start();
  const unknown = await raw(at, `${METHOD}/Nothing`, Buffer.from([0, 0, 0, 0, 0]));
  expect(unknown).toEqual({ blocks: 1, http: 200, status: "12" });
  const method = `${METHOD}/GetUser`;
  const statusOf = async (bytes: number[], headers?: Record<string, string>) =>
    (await raw(at, method, Buffer.from(bytes), headers)).status;
  expect(await statusOf([0, 0, 0, 0, 9, 1])).toBe("3");
  expect(await statusOf([1, 0, 0, 0, 1, 1])).toBe("3");
  expect(await statusOf([0, 0xff, 0xff, 0xff, 0xff])).toBe("8");
  expect(await statusOf([0, 0, 0, 0, 0], { "grpc-encoding": "gzip" })).toBe("12");
  const { http } = await raw(at, method, Buffer.from("{}"), { "content-type": "application/json" });
  expect(http).toBe(415);
});

it("what is no HTTP/2 does no harm", async () => {
  const at = await start();
  const socket = connectTcp(Number(at.split(":")[1]), "127.0.0.1");
  socket.on("error", () => {});
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  socket.resume();
  await once(socket, "close");
  expect((await raw(at, `${METHOD}/Nothing`, Buffer.alloc(5))).status).toBe("12");
});

it("the caller's address is the peer's, or what a trusted proxy says", async () => {
  const seen: string[] = [];
  const headers = { "x-forwarded-for": "192.0.2.1", authorization: "Bearer a" };
  const method = `${METHOD}/GetUser`;
  await call(await start({ seen }), method, startBytes("a"), headers);
  await server?.stop(100);
  const { readEnv } = await import("@/lib/env");
  const { trustedProxies } = readEnv({ TRUSTED_PROXIES: "127.0.0.1" });
  await call(await start({ seen, trustedProxies }), method, startBytes("a"), headers);
  expect(seen).toEqual(["127.0.0.1", "192.0.2.1"]);
});

it("health is that of the instance, for it and for each of its services", async () => {
  const transport = createGrpcTransport({ baseUrl: `http://${await start()}` });
  const client = createClient(Health, transport);
  for (const service of ["", ZITADELUsers.typeName, Health.typeName])
    expect((await client.check({ service })).status).toBe(Status.SERVING);
  isReady = false;
  expect((await client.check({})).status).toBe(Status.NOT_SERVING);
  await expect(client.check({ service: "nothing" })).rejects.toMatchObject({ code: 5 });
});

it("whoever watches is told at once and at each change, until the server stops", async () => {
  const transport = createGrpcTransport({ baseUrl: `http://${await start()}` });
  const told: Status[] = [];
  for await (const { status } of createClient(Health, transport).watch({})) {
    told.push(status);
    if (told.length === 2) void server?.stop(5_000);
    isReady = false;
  }
  expect(told).toEqual([Status.SERVING, Status.NOT_SERVING]);
});

it("reflection lists the services and describes what they are made of, in both versions", async () => {
  const transport = createGrpcTransport({ baseUrl: `http://${await start()}` });
  const client = createClient(ServerReflection, transport);
  const ask = async (messageRequest: Parameters<typeof create<typeof ServerReflectionRequestSchema>>[1]) => {
    async function* one() {
      yield create(ServerReflectionRequestSchema, messageRequest);
    }
    for await (const { messageResponse } of client.serverReflectionInfo(one())) return messageResponse;
    throw new Error("there should be an answer");
  };
  const list = await ask({ messageRequest: { case: "listServices", value: "" } });
  expect(list.case === "listServicesResponse" && list.value.service.map(({ name }) => name)).toEqual([
    Health.typeName,
    ServerReflection.typeName,
    Alpha.typeName,
    ZITADELUsers.typeName,
  ]);
  const namesOf = (answer: Awaited<ReturnType<typeof ask>>) =>
    answer.case === "fileDescriptorResponse"
      ? answer.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name)
      : answer.value;
  const file = "zitadel/resources/user/v3alpha/user_service.proto";
  for (const symbol of [
    ZITADELUsers.typeName,
    `${ZITADELUsers.typeName}.GetUser`,
    messages.TOTPSchema.typeName,
  ])
    expect(namesOf(await ask({ messageRequest: { case: "fileContainingSymbol", value: symbol } }))).toEqual(
      expect.arrayContaining([
        file,
        "google/protobuf/timestamp.proto",
        "zitadel/object/v3alpha/object.proto",
      ]),
    );
  expect(namesOf(await ask({ messageRequest: { case: "fileByFilename", value: file } }))).toContain(file);
  const none = await ask({ messageRequest: { case: "fileContainingSymbol", value: "no.Such" } });
  expect(none).toMatchObject({ case: "errorResponse", value: { errorCode: 5 } });
  const alpha = createClient(Alpha, transport);
  async function* one() {
    yield { messageRequest: { case: "listServices" as const, value: "" } };
  }
  for await (const { messageResponse } of alpha.serverReflectionInfo(one()))
    expect(messageResponse.case).toBe("listServicesResponse");
});

it("a call in flight finishes when the server stops, and no new one begins", async () => {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let reached = () => {};
  const isReached = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const rpc: Parameters<typeof createGrpcServer>[0]["rpc"] = {
    services: [ZITADELUsers],
    addTo: (router) =>
      router.service(ZITADELUsers, {
        getUser: async () => {
          reached();
          await held;
          return {};
        },
      }),
  };
  server = createGrpcServer({ env: { trustedProxies: [] }, rpc, isReady: async () => true, log });
  const at = `127.0.0.1:${await listenAtFreePort(server.http2)}`;
  const inFlight = call(at, `${METHOD}/GetUser`, startBytes("a"));
  await isReached;
  const stopped = server.stop(10_000);
  expect((await call(at, `${METHOD}/GetUser`, startBytes("a"))).error?.code).toBe(14);
  letGo();
  expect((await inFlight).error).toBeNull();
  await stopped;
  server = undefined;
});
