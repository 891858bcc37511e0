import { create, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, decodeBinaryHeader } from "@connectrpc/connect";
import { trailerParse } from "@connectrpc/connect/protocol-grpc-web";
import { createUserServiceClient } from "@zitadel/client/v3alpha";
import { createClientTransport } from "@zitadel/client/web";
import { ErrorDetailSchema } from "@zitadel/proto/zitadel/message_pb";
import { describe, expect, it } from "vitest";
import { createApiToken } from "@/lib/core/api-tokens";
import type { Context } from "@/lib/core/context";
import { newId } from "@/lib/core/ids";
import { contextOf, later, makePerson, makeProtectedPerson, testDatabase } from "@/lib/core/testing/fixtures";
import { Phone } from "@/lib/core/testing/phone";
import { zitadel } from ".";
import { decodeText } from "./grpc-web";
import * as messages from "./protocol/zitadel/resources/user/v3alpha/user_service_pb";

// gRPC-Web as the vendor's own client speaks it, and frames made by hand for what it never sends.
const db = testDatabase();
const RPC = "/zitadel.resources.user.v3alpha.ZITADELUsers";

/** The vendor's client, with a token, against the dialect in this process. */
function clientOf(ctx: Context, token: string) {
  const ask: typeof fetch = (input, init) =>
    zitadel.answer(new Request(input, init), (_, brought) => ({ ...ctx, ...brought }));
  // Its type leaves out what its transport takes.
  const options = { baseUrl: "http://localhost:3000", fetch: ask };
  return createUserServiceClient(createClientTransport(token, options));
}

async function errorOf(work: Promise<unknown>): Promise<ConnectError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ConnectError)) throw new Error("this should have failed");
  return error;
}

/** What a client is told: the code, the sentence and Zitadel's detail. */
async function seenOf(work: Promise<unknown>) {
  const error = await errorOf(work);
  const [detail] = error.findDetails(ErrorDetailSchema);
  return { code: error.code, message: error.rawMessage, detail: detail && toJson(ErrorDetailSchema, detail) };
}

const saying = (code: Code, message: string, id: string) => ({
  code,
  message: `${message} (${id})`,
  detail: { id, message },
});

describe("the vendor's client", () => {
  it("registers, verifies, sees and removes a TOTP with a session", async () => {
    const ctx = contextOf(db);
    const { user, token } = await makePerson(ctx);
    const client = clientOf(ctx, token);
    const started = await client.startTOTPRegistration({ id: user.id });
    expect(started.uri).toMatch(
      /\?algorithm=SHA1&digits=6&issuer=Countersign&period=30&secret=[A-Z2-7]{32}$/,
    );
    expect(started.uri).toContain(`secret=${started.secret}`);
    expect(started.details?.owner?.type).toBe(3);
    const phone = new Phone(started.uri);
    const totpId = started.totpId;
    const wrong = client.verifyTOTPRegistration({ id: user.id, totpId, code: phone.wrongCode(ctx.now) });
    expect(await seenOf(wrong)).toEqual(saying(Code.InvalidArgument, "Invalid code", "EVENT-8isk2"));
    await client.verifyTOTPRegistration({ id: user.id, totpId, code: phone.code(ctx.now) });
    const again = client.verifyTOTPRegistration({ id: user.id, totpId, code: phone.code(ctx.now) });
    expect(await seenOf(again)).toEqual(
      saying(Code.FailedPrecondition, "TOTP is already verified", "COMMAND-qx4ls"),
    );
    const seen = await client.getUser({ id: user.id });
    expect(seen.user?.authenticators?.totps).toMatchObject([{ totpId, isVerified: true }]);
    await client.removeTOTPAuthenticator({ id: user.id, totpId });
    expect((await client.getUser({ id: user.id })).user?.authenticators?.totps).toEqual([]);
  });

  it("does with an administrator's token for others what nobody else can", async () => {
    const start = contextOf(db);
    const admin = await makeProtectedPerson(start, { isAdmin: true });
    const ctx = later(start, 60);
    const scopes = ["admin:devices.read", "admin:devices.write"];
    const { token } = await createApiToken(ctx, admin.signedIn, { name: "Test", scopes });
    const { user } = await makePerson(ctx);
    const client = clientOf(ctx, token);
    const { totpId, uri } = await client.startTOTPRegistration({ id: user.id });
    const waiting = (await client.getUser({ id: user.id })).user?.authenticators?.totps;
    expect(waiting).toMatchObject([{ totpId, isVerified: false }]);
    const code = new Phone(uri).code(ctx.now);
    await client.verifyTOTPRegistration({ id: user.id, totpId, code });
    const other = await makePerson(ctx);
    // One person's TOTP is not another's, whoever asks.
    expect(await seenOf(client.removeTOTPAuthenticator({ id: other.user.id, totpId }))).toMatchObject({
      code: Code.NotFound,
    });
    await client.removeTOTPAuthenticator({ id: user.id, totpId });
    expect(await seenOf(client.getUser({ id: newId(ctx.now) }))).toEqual(
      saying(Code.NotFound, "TOTP does not exist", "COMMAND-3Mif9s"),
    );
    // One's own goes by one's own scopes.
    expect(await seenOf(client.getUser({ id: admin.user.id }))).toEqual(
      saying(Code.PermissionDenied, "No matching permissions found", "AUTH-AWfge"),
    );
  });

  it("gives up what waits with one's own token, and cannot remove what is verified", async () => {
    const start = contextOf(db);
    const person = await makeProtectedPerson(start);
    const ctx = later(start, 60);
    const asked = { name: "Test", scopes: ["2fa:read", "2fa:enroll"] };
    const { token } = await createApiToken(ctx, person.signedIn, asked);
    const client = clientOf(ctx, token);
    const id = person.user.id;
    const { totpId } = await client.startTOTPRegistration({ id });
    await client.removeTOTPAuthenticator({ id, totpId });
    expect(await seenOf(client.removeTOTPAuthenticator({ id, totpId }))).toMatchObject({
      code: Code.NotFound,
    });
    expect(await seenOf(client.removeTOTPAuthenticator({ id, totpId: person.factorId }))).toEqual(
      saying(Code.PermissionDenied, "No matching permissions found", "AUTH-AWfge"),
    );
    const { uri, totpId: second } = await client.startTOTPRegistration({ id });
    await client.verifyTOTPRegistration({ id, totpId: second, code: new Phone(uri).code(ctx.now) });
    expect((await client.getUser({ id })).user?.authenticators?.totps).toHaveLength(2);
  });

  it("is told the same of a user whom it may not know and of one that is made up", async () => {
    const ctx = contextOf(db);
    const [asker, other] = [await makePerson(ctx), await makeProtectedPerson(ctx)];
    const client = clientOf(ctx, asker.token);
    const ids = [other.user.id, newId(ctx.now), "1", "x".repeat(200), "a\0b"];
    const totpId = other.factorId;
    for (const call of [
      (id: string) => client.getUser({ id }),
      (id: string) => client.startTOTPRegistration({ id }),
      (id: string) => client.verifyTOTPRegistration({ id, totpId, code: "123456" }),
      (id: string) => client.removeTOTPAuthenticator({ id, totpId }),
    ])
      for (const id of ids)
        expect(await seenOf(call(id)), id).toEqual(
          saying(Code.NotFound, "TOTP does not exist", "COMMAND-3Mif9s"),
        );
    const own = client.removeTOTPAuthenticator({ id: asker.user.id, totpId });
    expect(await seenOf(own)).toMatchObject({ code: Code.NotFound });
  });

  it("is told of a bad token, and of lengths, in this order", async () => {
    const ctx = contextOf(db);
    const { user, token } = await makePerson(ctx);
    const bad = clientOf(ctx, "nothing").startTOTPRegistration({ id: "" });
    expect(await seenOf(bad)).toEqual(saying(Code.Unauthenticated, "Invalid token", "AUTH-7fs1e"));
    const client = clientOf(ctx, token);
    const lengths = async (asked: { id?: string; totpId?: string; code?: string }) =>
      seenOf(client.verifyTOTPRegistration({ id: user.id, totpId: user.id, code: "123456", ...asked }));
    for (const asked of [
      { id: "" },
      { id: "x".repeat(201) },
      { totpId: "" },
      { totpId: "x".repeat(201) },
      { code: "12345" },
      { code: "1234567890" },
    ])
      expect(await lengths(asked)).toMatchObject({ code: Code.InvalidArgument, detail: undefined });
    // In code points: nine of two units each.
    for (const code of ["123456", "123456789", "\u{1f511}".repeat(9)])
      expect(await lengths({ code })).toMatchObject({ code: Code.NotFound });
  });
});

describe("a frame", () => {
  const frame = (message: Uint8Array, flag = 0) => {
    const head = Buffer.alloc(5);
    head.writeUInt8(flag, 0);
    head.writeUInt32BE(message.length, 1);
    return Buffer.concat([head, message]);
  };
  const startFrame = (id: string) =>
    frame(
      toBinary(
        messages.StartTOTPRegistrationRequestSchema,
        create(messages.StartTOTPRegistrationRequestSchema, { id }),
      ),
    );

  type Sent = { path?: string; body: Uint8Array | string; type?: string; token?: string; headers?: object };

  /** Sends bytes as they are, and reads the frames of the answer. */
  async function send(
    ctx: Context,
    { path = `${RPC}/StartTOTPRegistration`, body, type = "", token, headers }: Sent,
  ) {
    const init = {
      method: "POST",
      body: typeof body === "string" ? body : new Uint8Array(body),
      headers: {
        "content-type": type || "application/grpc-web+proto",
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
    };
    const request = new Request(`http://localhost:3000${path}`, init);
    const answer = await zitadel.answer(request, (_, brought) => ({ ...ctx, ...brought }));
    const said = Buffer.from(await answer.arrayBuffer());
    const contentType = answer.headers.get("content-type") ?? "";
    let bytes = contentType.includes("-text") ? Buffer.from(said.toString(), "base64") : said;
    const data: Buffer[] = [];
    let trailers = new Headers();
    while (bytes.length >= 5) {
      const part = bytes.subarray(5, 5 + bytes.readUInt32BE(1));
      if (bytes.readUInt8(0) & 0x80) trailers = trailerParse(new Uint8Array(part));
      else data.push(part);
      bytes = bytes.subarray(5 + part.length);
    }
    const code = Number(trailers.get("grpc-status"));
    return { status: answer.status, contentType, data, code, trailers };
  }

  it.each([
    "application/grpc-web",
    "application/grpc-web+proto",
    "application/grpc-web-text",
    "application/grpc-web-text+proto",
  ])("of %s is answered in the same form, at the RPC's address and at REST's", async (type) => {
    const ctx = contextOf(db);
    const { user, token } = await makePerson(ctx);
    for (const [path, id] of [
      [`${RPC}/StartTOTPRegistration`, user.id],
      [`/resources/v3alpha/users/${user.id}/totp`, ""],
    ] as const) {
      const bytes = startFrame(id);
      const body = type.includes("-text") ? bytes.toString("base64") : bytes;
      const { status, contentType, data, code } = await send(ctx, { path, body, type, token });
      expect([status, code]).toEqual([200, 0]);
      expect(contentType.replace(/\+proto$/, "")).toBe(type.replace(/\+proto$/, ""));
      const message = fromBinary(messages.StartTOTPRegistrationResponseSchema, new Uint8Array(data[0] ?? []));
      expect(message.totpId).toMatch(/^[0-9A-Z]{26}$/);
    }
  });

  it("at REST's addresses asks for the RPC that stands there", async () => {
    const ctx = contextOf(db);
    const { user, token, factorId } = await makeProtectedPerson(ctx);
    const at = (path: string) => send(ctx, { path, body: frame(new Uint8Array()), token });
    const users = `/resources/v3alpha/users/${user.id}`;
    const read = await at(users);
    const seen = fromBinary(messages.GetUserResponseSchema, new Uint8Array(read.data[0] ?? []));
    expect(seen.user?.authenticators?.totps[0]?.totpId).toBe(factorId);
    const code = create(messages.VerifyTOTPRegistrationRequestSchema, { code: "123456" });
    const body = frame(toBinary(messages.VerifyTOTPRegistrationRequestSchema, code));
    const verified = await send(ctx, { path: `${users}/totp/${factorId}/_verify`, body, token });
    expect(verified.code).toBe(Code.FailedPrecondition);
    expect((await at(`${users}/totp/${factorId}`)).code).toBe(0);
    expect((await at(`${users}/nothing`)).code).toBe(Code.Unimplemented);
  });

  it("that is wrong changes nothing, and is told so", async () => {
    const ctx = contextOf(db);
    const { user, token } = await makePerson(ctx);
    const good = startFrame(user.id);
    const text = "application/grpc-web-text";
    const gzip = { "grpc-encoding": "gzip" };
    const long = frame(new Uint8Array(65_537));
    const wrong: [string, Sent, Code][] = [
      ["no header", { body: good }, Code.Unauthenticated],
      ["truncated", { body: good.subarray(0, good.length - 1), token }, Code.InvalidArgument],
      ["a head alone", { body: good.subarray(0, 3), token }, Code.InvalidArgument],
      ["nothing", { body: new Uint8Array(), token }, Code.Unimplemented],
      ["two messages", { body: Buffer.concat([good, good]), token }, Code.Unimplemented],
      ["no message", { body: frame(Buffer.from([0xff, 0xff, 0xff])), token }, Code.InvalidArgument],
      ["a compressed flag", { body: frame(good.subarray(5), 1), token }, Code.InvalidArgument],
      ["compressed", { body: good, token, headers: gzip }, Code.Unimplemented],
      ["too large", { body: long, token }, Code.ResourceExhausted],
      ["a large length", { body: Buffer.from([0, 0xff, 0xff, 0xff, 0xff]), token }, Code.ResourceExhausted],
      ["too large, as text", { body: long.toString("base64"), type: text, token }, Code.ResourceExhausted],
      ["broken base64", { body: "AAAA*", type: text, token }, Code.InvalidArgument],
      ["an unknown RPC", { path: `${RPC}/Nothing`, body: good, token }, Code.Unimplemented],
      ["an unknown codec", { body: good, type: "application/grpc-web+thrift", token }, Code.Unimplemented],
    ];
    const seen = [];
    for (const [name, sent] of wrong) {
      const { status, code, trailers, data } = await send(ctx, sent);
      seen.push([name, code]);
      expect([status, data], name).toEqual([200, []]);
      expect(trailers.get("grpc-message"), name).not.toBe("");
    }
    expect(seen).toEqual(wrong.map(([name, , code]) => [name, code]));
    expect(await db.totpFactor.count({ where: { userId: user.id } })).toBe(0);
  });

  it("without a header has no details, and with a bad token has Zitadel's", async () => {
    const ctx = contextOf(db);
    const none = await send(ctx, { body: startFrame("a") });
    expect(none.trailers.get("grpc-message")).toBe("auth header missing");
    expect(none.trailers.has("grpc-status-details-bin")).toBe(false);
    const bad = await send(ctx, { body: startFrame("a"), token: "nothing" });
    const details = decodeBinaryHeader(bad.trailers.get("grpc-status-details-bin") ?? "");
    expect(Buffer.from(details).toString("latin1")).toContain("type.googleapis.com/zitadel.v1.ErrorDetail");
  });

  it("of native gRPC is told where that is served", async () => {
    const answer = await zitadel.answer(
      new Request(`http://localhost:3000${RPC}/GetUser`, {
        method: "POST",
        headers: { "content-type": "application/grpc" },
        body: new Uint8Array(startFrame("a")),
      }),
      () => contextOf(db),
    );
    expect(answer.status).toBe(415);
    expect(await answer.json()).toMatchObject({ code: 12 });
  });
});

it("base64 may be padded within, as it was made piece by piece", () => {
  const pieces = ["a", "bc", "def", "ghij"].map((piece) => Buffer.from(piece).toString("base64"));
  expect(Buffer.from(decodeText(pieces.join("")) ?? []).toString()).toBe("abcdefghij");
  for (const broken of ["A", "AA=A", "A===", "AAA", "AA_A", "AAAA====", "AA\0A"])
    expect(decodeText(broken), broken).toBeNull();
});

it("another service's client is told that this is none", async () => {
  const ctx = contextOf(db);
  const ask: typeof fetch = (input, init) => zitadel.answer(new Request(input, init), () => ctx);
  const options = { baseUrl: "http://localhost:3000/resources/v3alpha", fetch: ask };
  const client = createClient(messages.ZITADELUsers, createClientTransport("a", options));
  expect((await errorOf(client.getUser({ id: "a" }))).code).toBe(Code.Unimplemented);
});
