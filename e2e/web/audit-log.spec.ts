import { readFile } from "node:fs/promises";
import type { Download, Page } from "@playwright/test";
import { ulid } from "ulid";
import { createApiTokenFor } from "@/lib/core/api-tokens";
import type { EventKind } from "@/lib/core/events";
import { newId } from "@/lib/core/ids";
import type { Database } from "@/lib/db/client";
import { contextOf } from "../people";
import { expect, test } from "../places";

// Nothing here needs a script.
test.use({ javaScriptEnabled: false });

const AUDIT = "/admin/audit";
/** Long ago, where nothing of the other tests is. */
const DAY = "2024-03-05";

/** So many events about somebody, a minute apart. The ids of accounts need not be anybody's. */
async function happen(db: Database, count: number, kind: EventKind, via = "pages") {
  const userId = newId(new Date());
  const data = Array.from({ length: count }, (_, index) => {
    const createdAt = new Date(Date.parse(`${DAY}T10:00:00Z`) + index * 60_000);
    const where = { via, address: "192.0.2.7", userAgent: "=cmd", details: { name: `=${index}` } };
    // Not newId, whose ids never go back in time.
    return { id: ulid(createdAt.getTime()), createdAt, kind, userId, actor: userId, ...where };
  });
  await db.event.createMany({ data });
  return userId;
}

/** Each event is a group of rows. */
const rows = (page: Page) => page.locator("main tbody");
const textOf = async (download: Download) => readFile(await download.path(), "utf8");

test("events are searched for by person, actor, event, way in and time", async ({
  page,
  db,
  become,
  protectedPerson,
}) => {
  await become(page, "administrator");
  const { id, email } = protectedPerson;
  await page.goto(AUDIT);
  await page.getByLabel("Person", { exact: true }).fill(email);
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page).toHaveURL(/person=/);
  const all = await db.event.count({ where: { userId: id } });
  await expect(rows(page)).toHaveCount(all);
  await expect(rows(page).first()).toContainText(email);
  await page.getByLabel("Event", { exact: true }).selectOption("totp.*");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).first()).toContainText("totp.confirmed");
  await expect(page.getByLabel("Person", { exact: true })).toHaveValue(email);
  await page.getByLabel("Event", { exact: true }).selectOption("account.created");
  await page.getByLabel("Actor", { exact: true }).fill(id);
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByText("No event fits this search.")).toBeVisible();

  const somebody = await happen(db, 3, "totp.removed", "athena");
  await page.getByRole("link", { name: "Clear the search" }).click();
  await page.getByLabel("Way in", { exact: true }).selectOption("athena");
  await page.getByLabel("Actor", { exact: true }).fill(somebody);
  await page.getByLabel("From", { exact: true }).fill(`${DAY}T10:01`);
  await page.getByLabel("To", { exact: true }).fill(`${DAY}T10:01`);
  await page.getByRole("button", { name: "Search" }).click();
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText("Removed the authenticator “=1”");
  await rows(page).locator("summary").click();
  await expect(rows(page)).toContainText("192.0.2.7");
  await expect(rows(page)).toContainText("2024-03-05 10:01:00");
});

test("pages lead to older and newer events and keep the search", async ({ page, db, become }) => {
  await become(page, "administrator");
  const somebody = await happen(db, 120, "totp.renamed");
  await page.goto(`${AUDIT}?person=${somebody}&kind=totp.*`);
  const seen = async () => rows(page).locator("tr:first-child td:nth-child(2)").allTextContents();
  const first = await seen();
  await expect(page.getByRole("link", { name: "Newer" })).toHaveCount(0);
  await page.getByRole("link", { name: "Older" }).click();
  await expect(page).toHaveURL(/kind=totp\.\*&before=/);
  const second = await seen();
  await page.getByRole("link", { name: "Older" }).click();
  await expect(rows(page)).toHaveCount(20);
  await expect(page.getByRole("link", { name: "Older" })).toHaveCount(0);
  expect(new Set([...first, ...second, ...(await seen())]).size).toBe(120);
  await page.getByRole("link", { name: "Newer" }).click();
  await expect(page).toHaveURL(/after=/);
  expect(await seen()).toEqual(second);
  await page.getByRole("link", { name: "Newer" }).click();
  expect(await seen()).toEqual(first);
  await expect(page.getByRole("link", { name: "Newer" })).toHaveCount(0);
});

test("what was searched for is exported as CSV and JSON lines, and both are in the log", async ({
  page,
  db,
  become,
  playwright,
  baseURL,
}) => {
  await become(page, "administrator");
  const somebody = await happen(db, 2500, "totp.renamed");
  await page.goto(`${AUDIT}?person=${somebody}`);
  const downloadOf = async (name: string) => {
    const started = page.waitForEvent("download");
    await page.getByRole("link", { name }).click();
    return started;
  };
  const csv = await downloadOf("CSV");
  expect(csv.suggestedFilename()).toMatch(/^countersign-audit-\d{4}-\d\d-\d\d\.csv$/);
  const lines = (await textOf(csv)).split("\r\n");
  expect(lines).toHaveLength(2502);
  expect(lines[1]).toContain(",'=cmd,");
  const events = (await textOf(await downloadOf("JSON lines")))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events).toHaveLength(2500);
  expect(events[0]).toMatchObject({
    event: "totp.renamed",
    person: { id: somebody },
    details: { name: "=2499" },
  });
  await page.goto(`${AUDIT}?kind=audit.exported`);
  await expect(rows(page).nth(0)).toContainText("audit.exported");
  await rows(page).nth(0).locator("summary").click();
  await expect(rows(page).nth(0)).toContainText(somebody);
  const anonymous = await playwright.request.newContext({ ...(baseURL ? { baseURL } : {}) });
  expect((await anonymous.get("/api/audit.csv")).status()).toBe(401);
  await anonymous.dispose();
});

test("a program with an API token exports what it has not read yet", async ({
  request,
  db,
  keys,
  address,
  makeProtected,
}) => {
  const { id, email } = await makeProtected();
  await db.user.update({ where: { id }, data: { isAdmin: true } });
  const ctx = contextOf(db, keys, address, new Date());
  const asked = { email, name: "Archive", scopes: ["audit:read"], actor: "test" };
  const { token } = await createApiTokenFor(ctx, asked);
  const somebody = await happen(db, 5, "totp.renamed");
  const ask = async (query: string) => {
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await request.get(`/api/audit.jsonl?person=${somebody}${query}`, { headers });
    expect(answer.status()).toBe(200);
    const text = await answer.text();
    return text === ""
      ? []
      : text
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line));
  };
  const all = await ask("");
  expect(all).toHaveLength(5);
  expect(await ask(`&after=${all[2].id}`)).toEqual(all.slice(0, 2));
  expect(await ask(`&after=${all[0].id}`)).toEqual([]);
});

test("what cannot be searched for is said under its field, and nothing is shown", async ({
  page,
  become,
  watch,
}) => {
  watch.allowRefusals();
  await become(page, "administrator");
  const wrong: [string, string, string][] = [
    ["person=nobody-has-this@example.org", "Person", "Nobody here has that address, number or id."],
    ["actor=x", "Actor", "Nobody here has that address, number or id."],
    ["kind=nothing", "Event", "There is no such event."],
    ["via=nothing", "Way in", "There is no such way in."],
    ["from=yesterday", "From", "That is no time."],
    ["from=2030-06-02&to=2030-06-01", "To", "it is before the beginning"],
  ];
  for (const [query, label, sentence] of wrong) {
    expect((await page.goto(`${AUDIT}?${query}`))?.status()).toBe(400);
    const field = page.getByLabel(label, { exact: true });
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(page.locator("#content").getByRole("alert").filter({ hasText: sentence })).toHaveCount(1);
    await expect(rows(page)).toHaveCount(0);
  }
});

test("nobody but an administrator sees any of it", async ({
  page,
  person,
  protectedPerson,
  bringSession,
  watch,
}) => {
  watch.allowRefusals();
  for (const somebody of [person, protectedPerson]) {
    await bringSession(page, somebody);
    expect((await page.goto(AUDIT))?.status()).toBe(403);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("This is for administrators");
    for (const format of ["csv", "jsonl"]) {
      const answer = await page.request.get(`/api/audit.${format}`);
      expect([answer.status(), await answer.json()]).toMatchObject([403, { error: "forbidden" }]);
    }
  }
});
