import type { Page } from "@playwright/test";
import { LIMITS } from "@/lib/core/limits";
import { expect, test } from "../fixtures";
import { linkIn, readMail } from "../mailbox";
import { failCodes } from "../people";
import { alertOf, arriveAt, codeField, fillPassword, open, SECURITY, takenOver, VERIFY } from "../steps";

const NEW = "another horse battery";

async function askForLink(page: Page, email: string): Promise<void> {
  await open(page, "/sign-in");
  await page.getByRole("link", { name: "Forgotten your password?" }).click();
  await takenOver(page);
  await page.getByLabel("E-mail address").fill(email);
  await page.getByRole("button", { name: "Email me a link" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Check your e-mail");
}

async function choose(page: Page, link: string, password: string): Promise<void> {
  await open(page, link);
  await page.getByLabel("New password").fill(password);
  await page.getByRole("button", { name: "Use this password" }).click();
}

test("a forgotten password is chosen anew by mail, once, and the code is asked for as ever", async ({
  page,
  openBrowser,
  db,
  protectedPerson,
  bringSession,
  watch,
}) => {
  watch.allowRefusals();
  const { email, phone } = protectedPerson;
  const signedIn = await openBrowser();
  await bringSession(signedIn, protectedPerson);
  await askForLink(page, email);
  const mail = await readMail(db, email, "new_password_asked");
  expect(mail.subject).toBe("Countersign: Choose a new password");
  const link = linkIn(mail);
  await choose(page, link, NEW);
  await arriveAt(page, "/sign-in");
  await expect(page.getByText("Your password is changed. Sign in with the new one.")).toBeVisible();
  // Whoever was signed in is not any more.
  await signedIn.goto(SECURITY);
  await arriveAt(signedIn, "/sign-in");
  await fillPassword(page, email, NEW);
  await arriveAt(page, VERIFY);
  await codeField(page).fill(phone.code(new Date()));
  await arriveAt(page, SECURITY);
  await expect(page.getByText("Chose a new password by e-mail")).toBeVisible();
  const stranger = await openBrowser();
  await stranger.goto(link);
  await expect(stranger.getByRole("heading", { level: 1 })).toHaveText("This link no longer works");
  await readMail(db, email, "password_changed");
});

test("an address that nobody has is told the same, and gets no mail", async ({ page, db, email }) => {
  await askForLink(page, email);
  expect(await db.mail.count({ where: { recipient: email } })).toBe(0);
});

test("two tabs of one link: the second one is told that it no longer works", async ({
  page,
  context,
  db,
  person,
}) => {
  await askForLink(page, person.email);
  const link = linkIn(await readMail(db, person.email, "new_password_asked"));
  const second = await context.newPage();
  await open(second, link);
  await choose(page, link, NEW);
  await arriveAt(page, "/sign-in");
  await second.getByLabel("New password").fill("a third horse battery");
  await second.getByRole("button", { name: "Use this password" }).click();
  await expect(alertOf(second)).toContainText("This link was used before, or it has lapsed.");
  await fillPassword(page, person.email, NEW);
  await arriveAt(page, SECURITY);
});

test("an owner whose tries strangers used up gets in from a new browser by mail", async ({
  page,
  db,
  protectedPerson,
}) => {
  const { email, phone } = protectedPerson;
  await failCodes(db, protectedPerson, LIMITS.account.units, 0);
  await open(page, "/sign-in");
  await fillPassword(page, email);
  await arriveAt(page, VERIFY);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Codes from an app are held back here");
  await page.getByRole("link", { name: "Choose a new password by e-mail" }).click();
  await takenOver(page);
  await page.getByLabel("E-mail address").fill(email);
  await page.getByRole("button", { name: "Email me a link" }).click();
  await choose(page, linkIn(await readMail(db, email, "new_password_asked")), NEW);
  await arriveAt(page, "/sign-in");
  await fillPassword(page, email, NEW);
  await arriveAt(page, VERIFY);
  await codeField(page).fill(phone.code(new Date()));
  await arriveAt(page, SECURITY);
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });

  test("a forgotten password is chosen anew", async ({ page, db, person, watch }) => {
    watch.allowRefusals();
    await page.goto("/forgotten-password");
    await page.getByLabel("E-mail address").fill(person.email);
    await page.getByRole("button", { name: "Email me a link" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Check your e-mail");
    await page.goto(linkIn(await readMail(db, person.email, "new_password_asked")));
    await page.getByLabel("New password").fill(NEW);
    await page.getByRole("button", { name: "Use this password" }).click();
    await fillPassword(page, person.email, NEW);
    await expect(page).toHaveURL(new RegExp(`${SECURITY}$`));
  });
});
