import * as grpc from "@grpc/grpc-js";
import { createServerTransport } from "@zitadel/client/node";
import { createUserServiceClient } from "@zitadel/client/v3alpha";
import { createClientTransport } from "@zitadel/client/web";
import { createApiToken } from "@/lib/core/api-tokens";
import { readSession } from "@/lib/core/sessions";
import { Phone } from "@/lib/core/testing/phone";
import type { Database } from "@/lib/db/client";
import { expect, test } from "../fixtures";
import { contextOf, makePerson, makeProtectedPerson, PASSWORD } from "../people";
import { grpcAddress, serverUrl } from "../server";

// The vendor's own clients, as they come, against the production server: gRPC-Web, gRPC, and what they would send over REST.

const TRANSPORTS = {
  "gRPC-Web": (token: string, address: string) =>
    createClientTransport(token, {
      baseUrl: serverUrl(),
      interceptors: [from(address)],
    }),
  gRPC: (token: string, address: string) =>
    createServerTransport(token, { baseUrl: `http://${grpcAddress()}`, interceptors: [from(address)] }),
};

type Interceptor = NonNullable<Parameters<typeof createClientTransport>[1]["interceptors"]>[number];

/** Each test comes from an address of its own. */
function from(address: string): Interceptor {
  return (next) => (request) => {
    request.header.set("x-forwarded-for", address);
    return next(request);
  };
}

/** As if the phone had moved on: a code is good once, and a test does not wait for the next. */
async function letStepsPass(db: Database, email: string): Promise<void> {
  await db.totpFactor.updateMany({ where: { user: { email } }, data: { lastStep: -1 } });
}

for (const [name, transport] of Object.entries(TRANSPORTS)) {
  test(`the official client does everything over ${name} with a session's token`, async ({
    db,
    keys,
    address,
  }) => {
    const { token, email } = await makePerson(db, keys, address);
    const user = await db.user.findUniqueOrThrow({ where: { email } });
    const client = createUserServiceClient(transport(token, address));
    const { totpId, uri, secret, details } = await client.startTOTPRegistration({ id: user.id });
    expect(uri).toContain(`secret=${secret}`);
    expect(details?.owner?.id).toBe("countersign");
    const phone = new Phone(uri);
    const wrong = client.verifyTOTPRegistration({ id: user.id, totpId, code: phone.wrongCode(new Date()) });
    await expect(wrong).rejects.toMatchObject({ code: 3, rawMessage: "Invalid code (EVENT-8isk2)" });
    await client.verifyTOTPRegistration({ id: user.id, totpId, code: phone.code(new Date()) });
    const seen = await client.getUser({ id: user.id });
    expect(seen.user?.authenticators?.totps).toMatchObject([{ totpId, isVerified: true }]);
    await client.removeTOTPAuthenticator({ id: user.id, totpId });
    expect((await client.getUser({ id: user.id })).user?.authenticators?.totps).toEqual([]);
    await expect(client.startTOTPRegistration({ id: "1" })).rejects.toMatchObject({
      code: 5,
      rawMessage: "TOTP does not exist (COMMAND-3Mif9s)",
    });
  });
}

test("an independent gRPC client is told what the official one is", async ({ db, keys, address }) => {
  const { id, token } = await makeProtectedPerson(db, keys, address);
  const signedIn = await readSession(contextOf(db, keys, address, new Date()), token);
  if (!signedIn) throw new Error("this session should be live");
  const asked = { name: "Test", scopes: ["2fa:read"] };
  const made = await createApiToken(contextOf(db, keys, address, new Date()), signedIn, asked);
  const client = new grpc.Client(grpcAddress(), grpc.credentials.createInsecure());
  const metadata = new grpc.Metadata();
  metadata.set("authorization", `Bearer ${made.token}`);
  metadata.set("x-forwarded-for", address);
  const same = (bytes: Buffer) => bytes;
  // The field 3, `id`, of StartTOTPRegistrationRequest.
  const message = Buffer.concat([Buffer.from([0x1a, id.length]), Buffer.from(id)]);
  const method = "/zitadel.resources.user.v3alpha.ZITADELUsers/StartTOTPRegistration";
  const error = await new Promise<grpc.ServiceError | null>((resolve) => {
    client.makeUnaryRequest(method, same, same, message, metadata, resolve);
  });
  client.close();
  expect([error?.code, error?.details]).toEqual([7, "No matching permissions found (AUTH-AWfge)"]);
});

test("a sign-in over REST, with its code, gives a token that the service takes", async ({
  db,
  keys,
  address,
}) => {
  const { id, email, phone } = await makeProtectedPerson(db, keys, address);
  await letStepsPass(db, email);
  const send = async (method: string, path: string, body: unknown, token = "") => {
    const authorization = token ? { authorization: `Bearer ${token}` } : {};
    const headers = { "content-type": "application/json", "x-forwarded-for": address, ...authorization };
    const answer = await fetch(`${serverUrl()}${path}`, { method, headers, body: JSON.stringify(body) });
    return { status: answer.status, type: answer.headers.get("content-type"), body: await answer.json() };
  };
  const checks = { user: { loginName: email }, password: { password: PASSWORD } };
  const begun = await send("POST", "/v2/sessions", { checks });
  expect(begun.status).toBe(201);
  const { sessionId, sessionToken } = begun.body;
  expect((await send("POST", `/v2/users/${id}/totp`, {}, sessionToken)).status).toBe(401);
  const code = phone.codeAt(new Date(), 0);
  const done = await send("PATCH", `/v2/sessions/${sessionId}`, { sessionToken, checks: { totp: { code } } });
  expect([done.status, done.body.sessionId]).toEqual([200, sessionId]);
  const started = await send("POST", `/v2/users/${id}/totp`, {}, done.body.sessionToken);
  expect(started.status).toBe(200);
  const second = new Phone(started.body.uri);
  const path = `/v2/users/${id}/totp/verify`;
  const wrong = await send("POST", path, { code: second.wrongCode(new Date()) }, done.body.sessionToken);
  expect([wrong.status, wrong.type]).toEqual([400, "application/json"]);
  expect(wrong.body.details[0].id).toBe("EVENT-8isk2");
  const proven = { code: second.code(new Date()) };
  expect((await send("POST", path, proven, done.body.sessionToken)).status).toBe(200);
  expect((await send("GET", "/v2/nowhere", undefined)).body).toEqual({ code: 5, message: "Not Found" });
});
