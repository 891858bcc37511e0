import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures";
import type { ProtectedPerson } from "../people";
import { alertOf, arriveAt, codeField, fillPassword, open, reachCodeEntry, SECURITY, VERIFY } from "../steps";

const box = (page: Page) => page.getByLabel("Don't ask again on this browser for 30 days");
const trusted = (page: Page) => page.locator("#trusted li");

async function signInTrusting(page: Page, { email, phone }: ProtectedPerson): Promise<void> {
  await reachCodeEntry(page, email);
  await expect(box(page)).not.toBeChecked();
  await box(page).check();
  // What was ticked stays so when the code was wrong.
  await codeField(page).fill(phone.wrongCode(new Date()));
  await expect(alertOf(page)).toContainText("That code didn't work");
  await expect(box(page)).toBeChecked();
  await codeField(page).fill(phone.code(new Date()));
  await arriveAt(page, SECURITY);
}

async function signInAgain(page: Page, email: string): Promise<void> {
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await arriveAt(page, "/sign-in");
  await fillPassword(page, email);
}

test("UX-39: a trusted browser is not asked again, is listed in words, and is asked again once that is wanted", async ({
  page,
  protectedPerson,
}) => {
  await signInTrusting(page, protectedPerson);
  await expect(trusted(page)).toHaveCount(1);
  await expect(trusted(page)).toContainText(/Chrome.* · This browser/);
  await expect(trusted(page)).toContainText(/Trusted until \d+\s\w+/);
  for (let n = 0; n < 2; n += 1) {
    await signInAgain(page, protectedPerson.email);
    await arriveAt(page, SECURITY);
  }
  await expect(page.getByText("Signed in with password in a trusted browser").first()).toBeVisible();
  await trusted(page).getByRole("button", { name: "Stop trusting" }).click();
  await expect(page.getByText("That browser will be asked for a code.")).toBeVisible();
  await expect(trusted(page)).toHaveCount(0);
  await signInAgain(page, protectedPerson.email);
  await arriveAt(page, VERIFY);
});

test("UX-39: a new password ends the trust in every browser", async ({
  page,
  openBrowser,
  protectedPerson,
}) => {
  await signInTrusting(page, protectedPerson);
  const other = await openBrowser();
  await reachCodeEntry(other, protectedPerson.email);
  await box(other).check();
  await codeField(other).fill(protectedPerson.phone.code(new Date()));
  await arriveAt(other, SECURITY);
  await expect(trusted(other)).toHaveCount(2);
  await expect(other.getByRole("button", { name: "Stop trusting all of them" })).toBeVisible();
  await open(other, "/settings/password");
  await other.getByLabel("Current password").fill("correct horse battery");
  await other.getByLabel("New password").fill("another horse battery");
  await other.getByRole("button", { name: "Change the password" }).click();
  await arriveAt(other, SECURITY);
  await expect(trusted(other)).toHaveCount(0);
  await page.goto(SECURITY);
  await arriveAt(page, "/sign-in");
  await fillPassword(page, protectedPerson.email, "another horse battery");
  await arriveAt(page, VERIFY);
});

test("a copy of a trusted browser's cookies ends the trust as soon as both are used", async ({
  page,
  openBrowser,
  db,
  protectedPerson,
}) => {
  await signInTrusting(page, protectedPerson);
  const cookies = await page.context().cookies();
  await signInAgain(page, protectedPerson.email);
  await arriveAt(page, SECURITY);
  await db.trustedBrowser.updateMany({
    where: { userId: protectedPerson.id },
    data: { rotatedAt: new Date(Date.now() - 60_000) },
  });
  const thief = await openBrowser();
  await thief.context().addCookies(cookies.filter(({ name }) => name === "countersign.trust"));
  await open(thief, "/sign-in");
  await fillPassword(thief, protectedPerson.email);
  await arriveAt(thief, VERIFY);
  await open(page, SECURITY);
  await expect(trusted(page)).toHaveCount(0);
  await expect(
    page.getByText("A trusted browser may have been copied, so it is trusted no longer"),
  ).toBeVisible();
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });

  test("a browser is trusted, used so, and no longer trusted", async ({ page, protectedPerson, watch }) => {
    watch.allowRefusals();
    const { email, phone } = protectedPerson;
    await page.goto("/sign-in");
    await fillPassword(page, email);
    await box(page).check();
    await codeField(page).fill(phone.wrongCode(new Date()));
    await page.getByRole("button", { name: "Verify" }).click();
    await expect(page.getByText(/4 tries left/)).toBeVisible();
    await expect(box(page)).toBeChecked();
    await codeField(page).fill(phone.code(new Date()));
    await page.getByRole("button", { name: "Verify" }).click();
    await expect(trusted(page)).toHaveCount(1);
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await fillPassword(page, email);
    await expect(page).toHaveURL(new RegExp(`${SECURITY}$`));
    await page.getByRole("button", { name: /^Stop trusting Chrome/ }).click();
    await expect(page.getByText("That browser will be asked for a code.")).toBeVisible();
  });
});
