import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "../fixtures";
import { PASSWORD } from "../people";
import { serverOutput } from "../server";
import { arriveAt, open, WIZARD } from "../steps";

test("the printed link makes the first administrator, once, and is never offered again", async ({
  page,
  openBrowser,
  db,
  email,
  watch,
}) => {
  // The used link answers 404, which the browser writes down.
  watch.allowRefusals();
  const link = serverOutput().match(/http:\/\/localhost:\d+\/set-up\?token=[\w-]+/)?.[0] ?? "";
  const wrong = await openBrowser();
  expect((await wrong.goto(`${link}x`))?.status()).toBe(404);
  await expect(wrong.getByRole("textbox")).toHaveCount(0);

  await open(page, link);
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
    .analyze();
  expect(violations).toEqual([]);
  const second = await openBrowser();
  await open(second, link);

  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Make the account" }).click();
  await arriveAt(page, WIZARD);
  expect(await db.user.findUnique({ where: { email } })).toMatchObject({ isAdmin: true });

  await second.getByLabel("E-mail address").fill(`second-${email}`);
  await second.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await second.getByRole("button", { name: "Make the account" }).click();
  await expect(second.locator("main").getByRole("alert").filter({ hasText: /\S/ })).toBeVisible();
  expect(await db.user.count({ where: { email: `second-${email}` } })).toBe(0);

  expect((await second.goto(link))?.status()).toBe(404);
  await expect(second.getByRole("heading", { name: "This link no longer works" })).toBeVisible();
  expect((await db.installation.findFirst())?.claimedAt).not.toBeNull();
});
