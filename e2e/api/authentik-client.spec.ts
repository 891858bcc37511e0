import { AuthenticatorsApi, Configuration, ResponseError } from "@goauthentik/api";
import { SCOPES } from "@/lib/core/access/scopes";
import { createApiTokenFor } from "@/lib/core/api-tokens";
import { Phone } from "@/lib/core/testing/phone";
import { expect, test } from "../fixtures";
import { contextOf } from "../people";
import { serverUrl } from "../server";
import { open, SECURITY } from "../steps";

// authentik's own client, as it comes, against the production server.

function clientOf(accessToken: string, address: string): AuthenticatorsApi {
  const configuration = { basePath: `${serverUrl()}/api/v3`, accessToken };
  return new AuthenticatorsApi(
    new Configuration({ ...configuration, headers: { "X-Forwarded-For": address } }),
  );
}

async function statusOf(call: Promise<unknown>): Promise<number> {
  return call.then(
    () => 200,
    (error: unknown) => {
      if (error instanceof ResponseError) return error.response.status;
      throw error;
    },
  );
}

test("the official client manages an administrator's devices, and reads what is one's own", async ({
  db,
  keys,
  address,
  makeProtected,
}) => {
  const administrator = await makeProtected({ isAdmin: true });
  const ctx = contextOf(db, keys, address, new Date());
  const asked = { email: administrator.email, name: "Client", scopes: SCOPES, actor: "test" };
  const client = clientOf((await createApiTokenFor(ctx, asked)).token, address);
  const { pk: id } = await client.authenticatorsAdminTotpCreate({ tOTPDeviceRequest: { name: "Desk" } });
  const { results } = await client.authenticatorsAdminTotpList({ search: administrator.email });
  expect(results.map(({ name }) => name)).toContain("Desk");
  const named = (name: string) => ({ id, tOTPDeviceRequest: { name } });
  expect((await client.authenticatorsAdminTotpUpdate(named("Shelf"))).name).toBe("Shelf");
  const patch = { id, patchedTOTPDeviceRequest: { name: "Drawer" } };
  expect((await client.authenticatorsAdminTotpPartialUpdate(patch)).name).toBe("Drawer");
  expect((await client.authenticatorsAdminTotpRetrieve({ id })).name).toBe("Drawer");
  await client.authenticatorsAdminTotpDestroy({ id });
  expect(await statusOf(client.authenticatorsAdminTotpRetrieve({ id }))).toBe(404);

  expect((await client.authenticatorsTotpList()).pagination.count).toBe(1);
  expect((await client.authenticatorsStaticList()).pagination.count).toBe(1);
  expect((await client.authenticatorsAllList()).map(({ confirmed }) => confirmed)).toEqual([true, true]);
  expect(await statusOf(clientOf("countersign_nothing", address).authenticatorsTotpList())).toBe(403);
});

test("a device that an operator makes is found, scanned and proven on its owner's settings page", async ({
  page,
  db,
  keys,
  address,
  makeProtected,
  person,
  bringSession,
}) => {
  const administrator = await makeProtected({ isAdmin: true });
  const ctx = contextOf(db, keys, address, new Date());
  const scopes = ["admin:devices.read", "admin:devices.write"];
  const asked = { email: administrator.email, name: "Provisioning", scopes, actor: "test" };
  const { token } = await createApiTokenFor(ctx, asked);
  const { number } = await db.user.findUniqueOrThrow({ where: { email: person.email } });
  const made = await fetch(`${serverUrl()}/api/v3/authenticators/admin/totp/`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "x-forwarded-for": address,
    },
    body: JSON.stringify({ name: "Laptop", user: number }),
  });
  expect(made.status).toBe(201);

  await bringSession(page, person);
  await open(page, SECURITY);
  await page.getByRole("link", { name: "Set up Laptop" }).click();
  const uri = await page.locator('a[href^="otpauth:"]').first().getAttribute("href");
  await page
    .getByRole("textbox", { name: "Authentication code" })
    .fill(new Phone(uri ?? "").code(new Date()));
  await expect(page).toHaveURL(/recovery-codes/);
  const all = await clientOf(token, address).authenticatorsAdminAllList({ user: number });
  expect(all.map(({ name, confirmed }) => [name, confirmed])).toEqual([
    ["Laptop", true],
    ["Recovery codes", true],
  ]);
});
