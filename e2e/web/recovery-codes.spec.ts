import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import { serverOutput } from "../server";
import { alertOf, arriveAt, open, SECURITY } from "../steps";

const CODES = `${SECURITY}/recovery-codes`;
const shownCodes = (page: Page) => page.locator("#recovery-codes li").allTextContents();

test.beforeEach(async ({ page, protectedPerson, bringSession }) => {
  await bringSession(page, protectedPerson);
  await open(page, SECURITY);
  await expect(page.getByText("The codes you have now stop working.")).toBeVisible();
  await page.getByRole("button", { name: "Make new codes" }).click();
  await page.waitForURL(`**${CODES}`);
  await arriveAt(page, CODES);
});

/** Leaves a page that asks whether one means it. */
function agreeToLeave(page: Page): () => string[] {
  const asked: string[] = [];
  page.on("dialog", async (dialog) => {
    asked.push(dialog.type());
    await dialog.accept();
  });
  return () => asked;
}

test("UX-26: ten distinct codes without look-alikes, kept from translators", async ({ page }) => {
  const codes = await shownCodes(page);
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) expect(code).toMatch(/^[2-9A-HJ-KM-NP-Z]{5}(-[2-9A-HJ-KM-NP-Z]{5})+$/);
  await expect(page.locator("#recovery-codes")).toHaveAttribute("translate", "no");
});

test("UX-24: the end is reached by one of the codes alone, and the codes are never shown again", async ({
  page,
}) => {
  const asked = agreeToLeave(page);
  const codes = await shownCodes(page);
  const field = page.getByLabel("One of your codes");
  await field.fill("AAAAA-AAAAA-AAAAA-AAAAA");
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(alertOf(page)).toContainText("That is not one of these codes");
  await expect(page).toHaveURL(new RegExp(`${CODES}$`));
  await page.reload();
  expect(asked()).toEqual(["beforeunload"]);
  expect(await shownCodes(page)).toEqual(codes);
  await arriveAt(page, CODES);
  await field.fill((codes[9] ?? "").toLowerCase().replaceAll("-", ""));
  await page.getByRole("button", { name: "Confirm" }).click();
  await arriveAt(page, SECURITY);
  expect(asked()).toEqual(["beforeunload"]);
  await expect(page.getByText("Your new recovery codes are saved.")).toBeVisible();
  await page.goto(CODES);
  await expect(page.getByText("not shown again")).toBeVisible();
  await expect(page.locator("#recovery-codes")).toHaveCount(0);
  await page.goto(SECURITY);
  await expect(page.getByText("10 of 10 recovery codes left")).toBeVisible();
});

test("UX-25: the file is text, named by service, person and day, and holds every code and the rule", async ({
  page,
  protectedPerson,
}) => {
  agreeToLeave(page);
  const codes = await shownCodes(page);
  const answered = page.request.get(`${CODES}/download`);
  expect((await answered).headers()["content-type"]).toContain("text/plain");
  const arriving = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).click();
  const download = await arriving;
  const name = download.suggestedFilename();
  expect(name).toContain("countersign");
  expect(name).toContain(protectedPerson.email.split("@")[0]);
  expect(name).toMatch(/\d{4}-\d{2}-\d{2}\.txt$/);
  const text = await readFile(await download.path(), "utf8");
  for (const code of codes) expect(text).toContain(code);
  expect(text).toContain("Each code can be used once.");
});

test("UX-25: copying takes all codes, and printing shows them alone, black on white", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const codes = await shownCodes(page);
  await page.getByRole("button", { name: "Copy" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Copied" })).toHaveCount(1);
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  for (const code of codes) expect(copied).toContain(code);
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await expect(page.locator("#recovery-codes")).toBeVisible();
  await expect(page.getByText("Each code can be used once.")).toBeVisible();
  for (const hidden of ["header", "form", "h1"]) await expect(page.locator(hidden).first()).toBeHidden();
  const colours = await page
    .locator("#recovery-codes li")
    .first()
    .evaluate((element) => [
      getComputedStyle(element).color,
      getComputedStyle(document.documentElement).backgroundColor,
    ]);
  expect(colours).toEqual(["rgb(0, 0, 0)", "rgb(255, 255, 255)"]);
});

test("UX-30: no code is in address, title, storage, cookies or the server's output", async ({
  page,
  context,
}) => {
  const codes = await shownCodes(page);
  const [url, title] = [page.url(), await page.title()];
  const stored = await page.evaluate(() => [localStorage.length, sessionStorage.length]);
  expect(stored).toEqual([0, 0]);
  const cookies = JSON.stringify(await context.cookies());
  const output = serverOutput();
  for (const code of codes) {
    for (const place of [url, title, cookies, output]) expect(place).not.toContain(code);
  }
});
