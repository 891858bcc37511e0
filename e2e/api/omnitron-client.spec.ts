import { type Document, OpenAPIClientAxios } from "openapi-client-axios";
import { Phone } from "@/lib/core/testing/phone";
import published from "@/lib/dialects/omnitron/omnitron.openapi.json" with { type: "json" };
import { expect, test } from "../fixtures";
import { PASSWORD } from "../people";
import { serverUrl } from "../server";

// A client that is made of the published document and knows nothing else of us.
test("a client made of the document sets TOTP up, signs in with it and turns it off", async ({
  db,
  person,
}) => {
  // The document as published; its type is the text's own.
  const definition = { ...published, servers: [{ url: serverUrl() }] } as unknown as Document;
  const api = new OpenAPIClientAxios({ definition });
  const client = await api.init();
  client.defaults.validateStatus = () => true;
  const at = (path: string) => client.paths[path] ?? {};
  const login = async () =>
    (await client.post("/api/v1/auth/login/", { username: person.email, password: PASSWORD })).data;
  const withKey = (key: string) => ({ headers: { Authorization: `Token ${key}` } });
  const code = async (phone: Phone) => {
    // A code is good once, and this test does not wait for the next.
    await db.totpFactor.updateMany({ where: { userId: person.id }, data: { lastStep: -1 } });
    return phone.codeAt(new Date(), 0);
  };

  const { key } = await login();
  const setup = await at("/api/v1/auth/totp/setup/").post?.({}, null, withKey(key));
  expect(setup?.status).toBe(201);
  const phone = new Phone(setup?.data.provisioning_uri);
  const active = await at("/api/v1/auth/totp/activate/").post?.(
    {},
    { token: await code(phone) },
    withKey(key),
  );
  expect(active?.data.recovery_codes).toHaveLength(10);
  const again = await at("/api/v1/auth/totp/setup/").post?.({}, null, withKey(key));
  expect([again?.status, again?.data.code]).toEqual([400, "totp_already_active"]);

  const pending = await login();
  expect(pending).toEqual({ temp_token: expect.any(String) });
  const verify = at("/api/v1/auth/totp/verify/").post;
  const wrong = await verify?.({}, { temp_token: pending.temp_token, token: "000" });
  expect([wrong?.status, wrong?.data.code]).toEqual([400, "invalid_token"]);
  const done = await verify?.({}, { temp_token: pending.temp_token, token: await code(phone) });
  expect(done?.status).toBe(200);
  const off = await at("/api/v1/auth/totp/deactivate/").post?.({}, null, withKey(done?.data.key));
  expect([off?.status, off?.data]).toEqual([200, ""]);
  expect(await login()).toEqual({ key: expect.any(String) });
});
