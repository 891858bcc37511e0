import { expect, test } from "../fixtures";
import { linkIn, readMail } from "../mailbox";
import { freshEmail, PASSWORD, removePeople } from "../people";
import { alertOf, arriveAt, codeField, fillPassword, open, SECURITY, WIZARD } from "../steps";

const EMAIL = "/settings/email";
const longAgo = () => new Date(Date.now() - 1_800_000);

test("a new account's address is confirmed by the mail that it begins with", async ({
  page,
  openBrowser,
  db,
  email,
}) => {
  await open(page, "/sign-up");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Make the account" }).click();
  await arriveAt(page, SECURITY);
  await open(page, EMAIL);
  await expect(page.getByText("This address is not confirmed yet")).toBeVisible();
  // Read on another device, where nobody is signed in.
  const other = await openBrowser();
  await open(other, linkIn(await readMail(db, email, "email_confirmation_asked")));
  await expect(other.getByText(email)).toBeVisible();
  await other.getByRole("button", { name: "Yes, confirm it" }).click();
  await arriveAt(other, "/sign-in");
  await expect(other.getByText("Your e-mail address is confirmed.")).toBeVisible();
  await page.reload();
  await expect(page.getByText("Confirmed just now.")).toBeVisible();
});

test("an address is changed by a link to the new one; what was typed outlives the proof that is asked for on the way", async ({
  page,
  openBrowser,
  db,
  protectedPerson,
  bringSession,
}) => {
  const next = freshEmail();
  await bringSession(page, protectedPerson);
  await db.session.updateMany({
    where: { userId: protectedPerson.id },
    data: { factorProvenAt: longAgo() },
  });
  await open(page, EMAIL);
  await page.getByLabel("New e-mail address").fill(next);
  await page.getByLabel("Current password").fill(PASSWORD);
  await page.getByRole("button", { name: "Send a link to the new address" }).click();
  await arriveAt(page, "/step-up");
  expect(page.url()).not.toContain(next.split("@")[0] ?? next);
  await codeField(page).fill(protectedPerson.phone.code(new Date()));
  await arriveAt(page, EMAIL);
  await expect(page.getByLabel("New e-mail address")).toHaveValue(next);
  await page.getByLabel("Current password").fill("not the password");
  await page.getByRole("button", { name: "Send a link to the new address" }).click();
  await expect(alertOf(page)).toContainText("That is not your password");
  await expect(page.getByLabel("New e-mail address")).toHaveValue(next);
  await page.getByLabel("Current password").fill(PASSWORD);
  await page.getByRole("button", { name: "Send a link to the new address" }).click();
  await expect(page.getByText("A link is on its way to the new address.")).toBeVisible();
  await open(page, linkIn(await readMail(db, next, "email_change_asked")));
  await page.getByRole("button", { name: "Yes, confirm it" }).click();
  await arriveAt(page, EMAIL);
  await expect(page.locator("#content").getByText(next)).toBeVisible();
  const told = await readMail(db, protectedPerson.email, "email_changed");
  expect(told.text).toContain("was changed to p•••@example.org");
  const other = await openBrowser();
  await open(other, "/sign-in");
  await fillPassword(other, protectedPerson.email);
  await expect(alertOf(other)).toContainText("do not belong together");
  await fillPassword(other, next);
  await arriveAt(other, "/sign-in/verify");
  await removePeople(db, [next]);
});

test("the name of a new authenticator outlives the proof that is asked for on the way", async ({
  page,
  db,
  protectedPerson,
  bringSession,
}) => {
  await bringSession(page, protectedPerson);
  await open(page, WIZARD);
  await db.session.updateMany({
    where: { userId: protectedPerson.id },
    data: { factorProvenAt: longAgo() },
  });
  await page.getByLabel("Name").fill("Kitchen tablet");
  await page.getByRole("button", { name: "Show the QR code" }).click();
  await arriveAt(page, "/step-up");
  await codeField(page).fill(protectedPerson.phone.code(new Date()));
  await arriveAt(page, WIZARD);
  await expect(page.getByLabel("Name")).toHaveValue("Kitchen tablet");
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });

  test("an address is confirmed and changed", async ({ page, db, protectedPerson, bringSession, watch }) => {
    watch.allowRefusals();
    const next = freshEmail();
    await bringSession(page, protectedPerson);
    await page.goto(EMAIL);
    await page.getByRole("button", { name: "Email me a link to confirm it" }).click();
    await expect(page.getByText("A link is on its way.")).toBeVisible();
    await page.goto(linkIn(await readMail(db, protectedPerson.email, "email_confirmation_asked")));
    await page.getByRole("button", { name: "Yes, confirm it" }).click();
    await expect(page.getByText("Your e-mail address is confirmed.")).toBeVisible();
    await db.session.updateMany({
      where: { userId: protectedPerson.id },
      data: { factorProvenAt: longAgo() },
    });
    await page.getByLabel("New e-mail address").fill(next);
    await page.getByLabel("Current password").fill(PASSWORD);
    await page.getByRole("button", { name: "Send a link to the new address" }).click();
    await codeField(page).fill(protectedPerson.phone.code(new Date()));
    await page.getByRole("button", { name: "Go on" }).click();
    await expect(page.getByLabel("New e-mail address")).toHaveValue(next);
    await page.getByLabel("Current password").fill(PASSWORD);
    await page.getByRole("button", { name: "Send a link to the new address" }).click();
    await page.goto(linkIn(await readMail(db, next, "email_change_asked")));
    await page.getByRole("button", { name: "Yes, confirm it" }).click();
    await expect(page.locator("#content").getByText(next)).toBeVisible();
    await removePeople(db, [next]);
  });
});
