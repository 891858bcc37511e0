import type { Page } from "@playwright/test";
import { Phone } from "@/lib/core/testing/phone";
import { parseOtpauthUri } from "@/lib/crypto/otpauth-uri";
import { expect, test } from "../fixtures";
import { readQr } from "../qr";
import { alertOf, arriveAt, codeField, open, SECURITY, WIZARD } from "../steps";

const qr = (page: Page) => page.getByRole("img", { name: /QR code/ });
const keyPanel = (page: Page) => page.locator("details", { hasText: "Can't scan it?" });

test.beforeEach(async ({ page, person, bringSession }) => {
  await bringSession(page, person);
  await open(page, WIZARD);
  await page.getByRole("button", { name: "Show the QR code" }).click();
  await expect(qr(page)).toBeVisible();
  await arriveAt(page, WIZARD);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`UX-17: the picture is the very link, with four blank modules around it (${colorScheme})`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme });
    await keyPanel(page).locator("summary").click();
    const link = await page.locator('a[href^="otpauth://"]').getAttribute("href");
    expect(await readQr(qr(page))).toBe(link);
    const box = await qr(page).boundingBox();
    expect(box?.width).toBeGreaterThanOrEqual(200);
    // The first dark module of the drawing stands behind four of its units.
    const drawn = await qr(page).evaluate((svg) => {
      const size = Number(svg.getAttribute("viewBox")?.split(" ")[2]);
      const dark = svg.querySelectorAll("path")[1] as SVGGraphicsElement;
      const { x, y, width, height } = dark.getBBox();
      return [x, y, size - x - width, size - y - height, getComputedStyle(dark).fill];
    });
    expect(drawn).toEqual([4, 4, 4, 4, "rgb(0, 0, 0)"]);
  });
}

test("UX-18: the key is there as text in groups of four, and is copied without them", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await expect(qr(page)).toHaveAccessibleName(/Can't scan it\?/);
  const { secret } = parseOtpauthUri(await readQr(qr(page)));
  await keyPanel(page).locator("summary").click();
  const groups = await page.locator("#key > span").allTextContents();
  expect(
    groups
      .map((group) => group.length)
      .slice(0, -1)
      .every((length) => length === 4),
  ).toBe(true);
  await page.getByRole("button", { name: "Copy key" }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(groups.join(""));
  expect(copied).toMatch(/^[A-Z2-7]{32}$/);
  expect(secret).toBeTruthy();
  // UX-35: no translator may touch it.
  await expect(page.locator("#key")).toHaveAttribute("translate", "no");
});

test("UX-19: copying says so and goes back; where the clipboard is denied the key is selected", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await keyPanel(page).locator("summary").click();
  await page.clock.install();
  await page.getByRole("button", { name: "Copy key" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Copied" })).toHaveCount(1);
  await page.clock.runFor(5000);
  await expect(page.getByRole("status").filter({ hasText: "Copied" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Copy key" })).toBeVisible();
  await context.clearPermissions();
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException("denied", "NotAllowedError"));
  });
  await page.getByRole("button", { name: "Copy key" }).click();
  const groups = await page.locator("#key > span").allTextContents();
  const selected = await page.evaluate(() => getSelection()?.toString() ?? "");
  expect(selected.replace(/\s/g, "")).toBe(groups.join(""));
});

test("UX-22: loading the page again shows the same key; leaving it changes nothing", async ({
  page,
  db,
  person,
}) => {
  const uri = await readQr(qr(page));
  await page.reload();
  expect(await readQr(qr(page))).toBe(uri);
  await page.goto(SECURITY);
  await expect(page.getByRole("heading", { name: "Two-factor sign-in is off" })).toBeVisible();
  expect(await db.totpFactor.count({ where: { userId: person.id, confirmedAt: { not: null } } })).toBe(0);
  await page.goto(WIZARD);
  expect(await readQr(qr(page))).toBe(uri);
});

test("UX-12: a code of another time says how far the clock of the phone is off", async ({ page }) => {
  const phone = new Phone(await readQr(qr(page)));
  await codeField(page).fill(phone.codeAt(new Date(), -5));
  await expect(alertOf(page)).toContainText("about 2½ minutes slow. Have it set the time by itself");
  await expect(codeField(page)).toHaveValue("");
  await codeField(page).fill(phone.codeAt(new Date(), 5));
  await expect(alertOf(page)).toContainText("about 2½ minutes fast");
});

test("the set-up can be cancelled", async ({ page, db, person }) => {
  await page.getByRole("button", { name: "Cancel the set-up" }).click();
  await arriveAt(page, SECURITY);
  await expect(page.getByText("Nothing was set up.")).toBeVisible();
  expect(await db.totpFactor.count({ where: { userId: person.id } })).toBe(0);
});

test("a set-up that has lapsed is said so, and a new one can be begun", async ({ page, db, person }) => {
  await db.totpFactor.updateMany({ where: { userId: person.id }, data: { expiresAt: new Date(0) } });
  await codeField(page).fill("123456");
  await expect(alertOf(page)).toContainText("took longer than 15 minutes");
  await page.reload();
  await expect(page.getByText("The set-up that you began took longer than 15 minutes")).toBeVisible();
  await page.getByRole("button", { name: "Show the QR code" }).click();
  await expect(codeField(page)).toBeVisible();
  await page.reload();
  await expect(codeField(page)).toBeVisible();
});

test("UX-30: neither address nor title, storage nor console holds the key", async ({ page, context }) => {
  const said: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  await keyPanel(page).locator("summary").click();
  const key = (await page.locator("#key > span").allTextContents()).join("");
  await page.reload();
  const stored = await page.evaluate(() => [localStorage.length, sessionStorage.length]);
  expect(stored).toEqual([0, 0]);
  const seen = [page.url(), await page.title(), ...said];
  expect(seen.filter((text) => text.includes(key))).toEqual([]);
  const readable = await page.evaluate(() => document.cookie);
  expect(readable).toBe("");
  expect((await context.cookies()).every(({ httpOnly }) => httpOnly)).toBe(true);
});
