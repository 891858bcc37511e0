import { type DescMethod, fromBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createConnectRouter, createContextValues } from "@connectrpc/connect";
import {
  encodeEnvelope,
  type UniversalHandler,
  type UniversalServerResponse,
} from "@connectrpc/connect/protocol";
import {
  setTrailerStatus,
  trailerFlag,
  trailerParse,
  trailerSerialize,
} from "@connectrpc/connect/protocol-grpc-web";
import { spellMessage } from "@/lib/server/grpc/status";
import { type AddressParts, findAddress, readAddresses } from "../addresses";
import { LONGEST_BODY } from "../body";
import type { ContextOf } from "../dialect";
import { answerOf, TOO_LARGE } from "./refusals";
import { ADDRESS_PARTS, addZitadelUsers, CONTEXT_OF, errorOf } from "./rpc";

// gRPC-Web (github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md): messages in frames of five bytes and a body, the last of
// which holds the trailers; as bytes or, for old browsers, in base64. What a request says it is decides, not its address: at the
// addresses of REST too a frame is answered with frames.

const GRPC_WEB = /^application\/grpc-web(-text)?(\+[a-z]+)?\s*(?:;|$)/i;
const GRPC = /^application\/grpc(?:\+[a-z]+)?\s*(?:;|$)/i;
/** A frame's flag and length. */
const HEAD_BYTES = 5;

const USERS = "/resources/v3alpha/users/{id}";
/** The RPC that stands behind each address of REST. */
const RPCS: Readonly<Record<string, string>> = {
  [USERS]: "GetUser",
  [`${USERS}/totp`]: "StartTOTPRegistration",
  [`${USERS}/totp/{totp_id}`]: "RemoveTOTPAuthenticator",
  [`${USERS}/totp/{totp_id}/_verify`]: "VerifyTOTPRegistration",
};
const ADDRESSES = readAddresses(Object.keys(RPCS));

const router = createConnectRouter({ connect: false, grpc: false, readMaxBytes: LONGEST_BODY });
addZitadelUsers(router);
const byPath = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
const byName = new Map(router.handlers.map((handler) => [handler.method.name, handler]));

/** Answers a request that says it is gRPC-Web; null: it does not. */
export function answerGrpcWeb(request: Request, contextOf: ContextOf): Promise<Response> | null {
  const type = request.headers.get("content-type") ?? "";
  if (GRPC.test(type)) return Promise.resolve(refuseNative());
  const [is, text, codec = "+proto"] = GRPC_WEB.exec(type) ?? [];
  return is === undefined ? null : answer(request, contextOf, { isText: text !== undefined, codec });
}

/** HTTP/1.1 and route handlers have no trailers, which native gRPC needs. */
function refuseNative(): Response {
  const message = "Native gRPC is served at a port of its own";
  const { body } = answerOf({ code: Code.Unimplemented, message });
  return Response.json(body, { status: 415, headers: { "Cache-Control": "no-store" } });
}

type Form = { isText: boolean; codec: string };

async function answer(request: Request, contextOf: ContextOf, form: Form): Promise<Response> {
  const { handler, parts } = find(new URL(request.url).pathname);
  if (handler === undefined) return failed(form, new ConnectError("unknown method", Code.Unimplemented));
  const bytes = await readBytes(request, form);
  if (bytes instanceof ConnectError) return failed(form, bytes);
  if (!isReadable(bytes, handler.method, form))
    return failed(form, new ConnectError("the message cannot be read", Code.InvalidArgument));
  const header = new Headers(request.headers);
  header.set("content-type", `application/grpc-web${form.codec}`);
  const response = await handler({
    httpVersion: "1.1",
    method: "POST",
    url: request.url,
    header,
    body: oneChunk(bytes),
    signal: request.signal,
    contextValues: createContextValues().set(CONTEXT_OF, contextOf).set(ADDRESS_PARTS, parts),
  });
  if (response.status !== 200)
    return failed(form, new ConnectError("unknown message encoding", Code.Unimplemented));
  return respond(form, withOwnMessage(await bytesOf(response)));
}

/** The last frame, which holds the trailers, with the message of the status as gRPC spells it. */
function withOwnMessage(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length && bytes[start] !== trailerFlag)
    start += HEAD_BYTES + lengthIn(bytes.subarray(start));
  return Buffer.concat([
    bytes.subarray(0, start),
    trailersFrame(trailerParse(bytes.subarray(start + HEAD_BYTES))),
  ]);
}

function trailersFrame(trailers: Headers): Uint8Array {
  spellMessage(trailers);
  return encodeEnvelope(trailerFlag, trailerSerialize(trailers));
}

/** Connect calls a message that it cannot read a fault of its own; but it is the client's. */
function isReadable(bytes: Uint8Array, { input }: DescMethod, { codec }: Form): boolean {
  const [flag = 0] = bytes;
  // Compressed or of a kind unknown, without a word about how.
  if (flag !== 0) return false;
  try {
    if (codec === "+proto") fromBinary(input, bytes.subarray(HEAD_BYTES));
    return true;
  } catch {
    // Connect says what is wrong with frames that are cut off, or are several.
    return bytes.length < HEAD_BYTES || lengthIn(bytes) !== bytes.length - HEAD_BYTES;
  }
}

function lengthIn(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
}

function find(pathname: string): { handler: UniversalHandler | undefined; parts: AddressParts } {
  const address = findAddress(ADDRESSES, pathname);
  if (address === null) return { handler: byPath.get(pathname.replace(/\/$/, "")), parts: {} };
  return { handler: byName.get(RPCS[address.path] ?? ""), parts: address.parts };
}

/** The body, out of base64 where it comes in it; or what is wrong with it. */
async function readBytes(request: Request, { isText }: Form): Promise<Uint8Array | ConnectError> {
  const most = LONGEST_BODY + HEAD_BYTES;
  const bytes = await readUpTo(request, isText ? Math.ceil(most / 3) * 4 : most);
  if (bytes === null) return errorOf(TOO_LARGE);
  if (!isText) return bytes;
  return decodeText(bytes.toString("latin1")) ?? new ConnectError("broken base64", Code.InvalidArgument);
}

async function readUpTo(request: Request, most: number): Promise<Buffer | null> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    length += read.value.length;
    if (length > most) {
      await reader?.cancel();
      return null;
    }
    parts.push(read.value);
  }
  return Buffer.concat(parts);
}

/** Base64 that was made piece by piece, so that padding may stand within it. Null: it is none. */
export function decodeText(text: string): Uint8Array | null {
  const bare = text.replace(/[\r\n]/g, "");
  if (bare.length % 4 !== 0) return null;
  const groups = bare.match(/.{4}/gs) ?? [];
  if (!groups.every((group) => /^(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)$/.test(group)))
    return null;
  return Buffer.concat(groups.map((group) => Buffer.from(group, "base64")));
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function bytesOf({ body }: UniversalServerResponse): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of body ?? []) parts.push(part);
  return Buffer.concat(parts);
}

/** An answer that is trailers alone. */
function failed(form: Form, error: ConnectError): Response {
  return respond(form, Buffer.from(trailersFrame(setTrailerStatus(new Headers(), error))));
}

function respond({ isText, codec }: Form, bytes: Buffer): Response {
  const body = isText ? bytes.toString("base64") : new Uint8Array(bytes);
  const type = `application/grpc-web${isText ? "-text" : ""}${codec}`;
  return new Response(body, { headers: { "Content-Type": type, "Cache-Control": "no-store" } });
}
