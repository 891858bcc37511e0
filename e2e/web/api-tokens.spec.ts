import type { Page } from "@playwright/test";
import { createApiToken, readApiToken } from "@/lib/core/api-tokens";
import { readSession } from "@/lib/core/sessions";
import { test as base, expect } from "../fixtures";
import { postForm, readForms } from "../forms";
import { contextOf, type Person, type ProtectedPerson } from "../people";
import { serverOutput } from "../server";
import { alertOf, arriveAt, codeField, open, SECURITY, TOKENS, takenOver, WIZARD } from "../steps";

const NEW = `${TOKENS}/new`;
const SHOWN = /^countersign_[\w-]{43}$/;
const shown = (page: Page) => page.locator("#new-token");
const rows = (page: Page) => page.locator("#content > ul > li");

type Fixtures = {
  owner: ProtectedPerson;
  /** Makes a token as the page would, without showing it. */
  makeToken: (name: string) => Promise<{ id: string; token: string }>;
  /** Whether a token opens anything. */
  isLive: (token: string) => Promise<boolean>;
  /** As if the last proof had been given long ago. */
  forgetProof: (person: Person) => Promise<unknown>;
};

const test = base.extend<Fixtures>({
  owner: async ({ page, protectedPerson, bringSession }, use) => {
    await bringSession(page, protectedPerson);
    await use(protectedPerson);
  },
  makeToken: async ({ db, keys, address, owner }, use) => {
    const ctx = contextOf(db, keys, address, new Date());
    await use(async (name) => {
      const signedIn = await readSession(ctx, owner.token);
      if (!signedIn) throw new Error("this session should be live");
      return createApiToken(ctx, signedIn, { name, scopes: ["2fa:read"] });
    });
  },
  isLive: async ({ db, keys, address }, use) => {
    await use(
      async (token) => (await readApiToken(contextOf(db, keys, address, new Date()), token)) !== null,
    );
  },
  forgetProof: async ({ db }, use) => {
    const longAgo = new Date(Date.now() - 1_800_000);
    await use(({ id }) =>
      db.session.updateMany({
        where: { userId: id },
        data: { passwordProvenAt: longAgo, factorProvenAt: longAgo },
      }),
    );
  },
});

test("a token is made, seen once, used, and revoked", async ({ page, context, db, owner, isLive }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, SECURITY);
  await page.getByRole("link", { name: "Manage API tokens" }).click();
  await arriveAt(page, TOKENS);
  await expect(page.getByText("There are none.")).toBeVisible();
  await page.getByRole("link", { name: "Make a token" }).click();
  await arriveAt(page, NEW);
  await expect(page.getByLabel("Days until it ends")).toHaveValue("30");
  await page.getByLabel("Name", { exact: true }).fill("Nightly backup");
  await page.getByRole("button", { name: "Make the token" }).click();
  await expect(alertOf(page)).toHaveText("Choose at least one thing that the token may do.");
  await expect(page.getByRole("checkbox").first()).toBeFocused();
  await page.getByLabel(/2fa:read/).check();
  await page.getByLabel("Days until it ends").fill("91");
  await page.getByRole("button", { name: "Make the token" }).click();
  await expect(alertOf(page)).toHaveText("A token can last 90 days at most.");
  await expect(page.getByLabel(/2fa:read/)).toBeChecked();
  await page.getByLabel("Days until it ends").fill("90");
  await page.getByRole("button", { name: "Make the token" }).click();

  await arriveAt(page, TOKENS);
  const token = (await shown(page).textContent()) ?? "";
  expect(token).toMatch(SHOWN);
  await page.getByRole("button", { name: "Copy the token" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Copied" })).toHaveCount(1);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(token);
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText(/Nightly backup.*never used.*ends \d+\s\w+/s);
  await expect(rows(page)).toContainText(/See your authenticators.* 2fa:read/);

  expect(await isLive(token)).toBe(true);
  await page.reload();
  await takenOver(page);
  await expect(shown(page)).toHaveCount(0);
  await expect(page.getByText("A token is shown once, when it was made.")).toBeVisible();
  expect(await page.content()).not.toContain(token);
  await expect(rows(page)).toContainText("last used just now");
  await page.getByRole("button", { name: "Revoke Nightly backup" }).click();
  await expect(page.getByText("That token is revoked.")).toBeVisible();
  await expect(rows(page)).toHaveCount(0);
  expect(await isLive(token)).toBe(false);
  await open(page, SECURITY);
  await expect(page.getByText("Revoked the API token “Nightly backup”")).toBeVisible();
  expect(await db.apiToken.count({ where: { userId: owner.id } })).toBe(0);
});

test("UX-30: a new token is in no address, title, storage, cookie, mail, event or line of the server's", async ({
  page,
  context,
  db,
  owner,
  makeToken,
}) => {
  const { id, token } = await makeToken("Script");
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await open(page, `${TOKENS}?made=${id}`);
  await expect(shown(page)).toHaveText(token);
  const stored = await page.evaluate(() => [localStorage.length, sessionStorage.length]);
  expect(stored).toEqual([0, 0]);
  const places = [
    ...asked,
    await page.title(),
    JSON.stringify(await context.cookies()),
    JSON.stringify(await db.mail.findMany({ where: { recipient: owner.email } })),
    JSON.stringify(await db.event.findMany({ where: { userId: owner.id } })),
    serverOutput(),
  ];
  const secret = token.slice("countersign_".length);
  for (const place of places) expect(place).not.toContain(secret);
});

test("a new token is shown in the browser that made it alone", async ({
  page,
  openBrowser,
  makeToken,
  makeProtected,
  bringSession,
}) => {
  const { id, token } = await makeToken("Script");
  const other = await openBrowser();
  await bringSession(other, await makeProtected());
  await other.goto(`${TOKENS}?made=${id}`);
  await expect(other.getByText("There are none.")).toBeVisible();
  await expect(shown(other)).toHaveCount(0);
  // Nor is it used up by what nobody sees: headers alone, or a page fetched ahead of time.
  const address = `${TOKENS}?made=${id}`;
  expect((await page.request.head(address)).status()).toBe(200);
  const ahead = await page.request.get(address, { headers: { "sec-purpose": "prefetch" } });
  expect(await ahead.text()).not.toContain(token);
  await page.goto(address);
  await expect(shown(page)).toHaveText(token);
});

test("making one asks who it is, and brings back what was typed; revoking asks, too", async ({
  page,
  owner,
  forgetProof,
  makeToken,
  isLive,
}) => {
  const old = await makeToken("Old script");
  await open(page, NEW);
  await page.getByLabel("Name", { exact: true }).fill("Nightly backup");
  await page.getByLabel(/sessions:read/).check();
  await page.getByLabel("Days until it ends").fill("7");
  await forgetProof(owner);
  await page.getByRole("button", { name: "Make the token" }).click();
  await arriveAt(page, "/step-up");
  await codeField(page).fill(owner.phone.code(new Date()));
  await arriveAt(page, NEW);
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Nightly backup");
  await expect(page.getByLabel("Days until it ends")).toHaveValue("7");
  expect(await page.getByRole("checkbox", { checked: true }).count()).toBe(1);
  await page.getByRole("button", { name: "Make the token" }).click();
  await arriveAt(page, TOKENS);
  await expect(shown(page)).toHaveText(SHOWN);

  await forgetProof(owner);
  await page.getByRole("button", { name: "Revoke Old script" }).click();
  await arriveAt(page, "/step-up");
  expect(await isLive(old.token)).toBe(true);
  await codeField(page).fill(owner.phone.code(new Date()));
  await arriveAt(page, TOKENS);
  await page.getByRole("button", { name: "Revoke Old script" }).click();
  await expect(page.getByText("That token is revoked.")).toBeVisible();
  expect(await isLive(old.token)).toBe(false);

  await forgetProof(owner);
  await page.goto(NEW);
  await arriveAt(page, "/step-up");
});

test("what administrators can do is offered to administrators, and given to nobody else", async ({
  page,
  db,
  owner,
}) => {
  const [form] = (await readForms(page.request, NEW)).filter(({ inputs }) => inputs.includes("days"));
  if (!form) throw new Error("there should be a form");
  expect(form.inputs.filter((name) => name.startsWith("admin:"))).toEqual([]);
  const forged = await postForm(page.request, form, [
    ["name", "Forged"],
    ["admin:devices.write", "1"],
    ["days", "30"],
  ]);
  expect(forged.status()).toBe(403);
  expect(await db.apiToken.count({ where: { userId: owner.id } })).toBe(0);

  await db.user.update({ where: { id: owner.id }, data: { isAdmin: true } });
  await open(page, NEW);
  await page.getByLabel("Name", { exact: true }).fill("Inventory");
  await page.getByLabel(/admin:devices\.write/).check();
  await page.getByLabel(/audit:read$/).check();
  await page.getByRole("button", { name: "Make the token" }).click();
  await arriveAt(page, TOKENS);
  const { scopes } = await db.apiToken.findFirstOrThrow({ where: { userId: owner.id } });
  expect(scopes).toEqual(["admin:devices.write", "audit:read"]);
});

test("somebody else's token is neither seen nor revoked", async ({
  page,
  owner,
  makeToken,
  isLive,
  makeProtected,
  bringSession,
  openBrowser,
}) => {
  const { id, token } = await makeToken("Script");
  await page.goto(TOKENS);
  const [form] = (await readForms(page.request, TOKENS)).filter(({ fields }) => fields.id === id);
  if (!form) throw new Error("there should be a form");
  const other = await openBrowser();
  await bringSession(other, await makeProtected());
  const answer = await postForm(other.request, form, []);
  expect(answer.status()).toBe(404);
  expect(await answer.text()).not.toContain(owner.email);
  expect(await isLive(token)).toBe(true);
});

test("without two-factor sign-in there is a word on what comes first", async ({
  page,
  person,
  bringSession,
}) => {
  await bringSession(page, person);
  await open(page, SECURITY);
  await expect(page.getByRole("heading", { name: "API tokens" })).toHaveCount(0);
  await page.goto(NEW);
  await arriveAt(page, TOKENS);
  await expect(page.getByText("Two-factor sign-in comes first")).toBeVisible();
  await page.getByRole("link", { name: "Set up an authenticator app" }).click();
  await arriveAt(page, WIZARD);
});

test("turning two-factor sign-in off says that tokens end with it, and they do", async ({
  page,
  owner,
  makeToken,
  isLive,
}) => {
  const { token } = await makeToken("Script");
  await open(page, `${SECURITY}/turn-off`);
  await expect(page.getByRole("note")).toContainText("API tokens stop working");
  await page.getByLabel("Authentication code").fill(owner.phone.code(new Date()));
  await page.getByRole("button", { name: "Turn it off" }).click();
  await arriveAt(page, SECURITY);
  expect(await isLive(token)).toBe(false);
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });

  test("a token is made, seen once, and revoked", async ({ page, db, owner, isLive, watch }) => {
    watch.allowRefusals();
    await page.goto(NEW);
    await page.getByLabel("Name", { exact: true }).fill("Nightly backup");
    await page.getByLabel(/2fa:read/).check();
    await page.getByLabel("Days until it ends").fill("0");
    await page.getByRole("button", { name: "Make the token" }).click();
    await expect(page.getByText("Enter a whole number of days, from 1 to 90.")).toBeVisible();
    await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Nightly backup");
    await expect(page.getByLabel(/2fa:read/)).toBeChecked();
    await page.getByLabel("Days until it ends").fill("1");
    await page.getByRole("button", { name: "Make the token" }).click();
    await expect(shown(page)).toHaveText(SHOWN);
    const token = (await shown(page).textContent()) ?? "";
    expect(page.url()).not.toContain(token.slice(12));
    expect(await isLive(token)).toBe(true);
    await page.reload();
    await expect(shown(page)).toHaveCount(0);
    await expect(rows(page)).toHaveCount(1);
    await page.getByRole("button", { name: "Revoke Nightly backup" }).click();
    await expect(page.getByText("That token is revoked.")).toBeVisible();
    expect(await isLive(token)).toBe(false);
    expect(await db.apiToken.count({ where: { userId: owner.id } })).toBe(0);
  });
});
