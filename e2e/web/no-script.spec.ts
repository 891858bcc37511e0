import { Phone } from "@/lib/core/testing/phone";
import { expect, test } from "../fixtures";
import { PASSWORD } from "../people";
import { readQr } from "../qr";
import { codeField, fillPassword, SECURITY, VERIFY, WIZARD } from "../steps";

// UX-08: each form is an ordinary form.
test.use({ javaScriptEnabled: false });

test("without script somebody signs up, sets an authenticator up, and signs in with it", async ({
  page,
  email,
  watch,
}) => {
  watch.allowRefusals();
  await page.goto("/sign-up");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Make the account" }).click();
  await expect(page).toHaveURL(new RegExp(`${SECURITY}$`));

  await page.getByRole("link", { name: "Set up an authenticator app" }).click();
  await page.getByRole("button", { name: "Show the QR code" }).click();
  const phone = new Phone(await readQr(page.getByRole("img", { name: /QR code/ })));
  await codeField(page).fill(phone.wrongCode(new Date()));
  const refused = page.waitForResponse((answer) => answer.request().method() === "POST");
  await page.getByRole("button", { name: "Confirm" }).click();
  expect((await refused).status()).toBe(400);
  await expect(page.getByText(/That code didn't work/)).toBeVisible();
  await expect(codeField(page)).toHaveValue("");
  await codeField(page).fill(phone.code(new Date()));
  await page.getByRole("button", { name: "Confirm" }).click();

  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Save your recovery codes");
  const codes = await page.locator("#recovery-codes li").allTextContents();
  await page.getByLabel("One of your codes").fill(codes[0] ?? "");
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page).toHaveURL(new RegExp(`${WIZARD}/done$`));
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByText("You are signed out.")).toBeVisible();

  await page.goto("/settings/password");
  await fillPassword(page, email);
  await expect(page).toHaveURL(new RegExp(VERIFY));
  await codeField(page).fill(phone.code(new Date()));
  await page.getByRole("button", { name: "Verify" }).click();
  await expect(page).toHaveURL(/\/settings\/password$/);
});

test("without script a wrong password and a wrong code are said with their status, and a recovery code signs in", async ({
  page,
  protectedPerson,
  watch,
}) => {
  watch.allowRefusals();
  const statuses: number[] = [];
  page.on("response", (answer) => {
    if (answer.request().method() === "POST") statuses.push(answer.status());
  });
  await page.goto("/sign-in");
  await fillPassword(page, protectedPerson.email, "not the password");
  await expect(page.getByText(/do not belong together/)).toBeVisible();
  await expect(page.getByLabel("E-mail address")).toHaveValue(protectedPerson.email);
  await fillPassword(page, protectedPerson.email);
  await codeField(page).fill(protectedPerson.phone.wrongCode(new Date()));
  await page.getByRole("button", { name: "Verify" }).click();
  await expect(page.getByText(/4 tries left/)).toBeVisible();
  expect(statuses).toEqual([401, 303, 400]);
  await page.getByRole("link", { name: "Use a recovery code" }).click();
  await page.getByLabel("Recovery code").fill(protectedPerson.recoveryCodes[0] ?? "");
  await page.getByRole("button", { name: "Verify" }).click();
  await expect(page.getByText("You have 9 left.")).toBeVisible();
});

test("without script an authenticator is replaced", async ({ page, protectedPerson, bringSession, db }) => {
  await bringSession(page, protectedPerson);
  await page.goto(SECURITY);
  await page.getByRole("link", { name: "Replace Phone" }).click();
  await page.getByRole("button", { name: "Show the QR code" }).click();
  const newPhone = new Phone(await readQr(page.getByRole("img", { name: /QR code/ })));
  await codeField(page).fill(newPhone.code(new Date()));
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("The authenticator is replaced");
  const left = await db.totpFactor.findMany({ where: { userId: protectedPerson.id } });
  expect(left.map(({ name }) => name)).toEqual(["Phone"]);
  expect(left[0]?.id).not.toBe(protectedPerson.factorId);
});

test("without script browsers are signed out, one and then all others, and recovery codes are made anew", async ({
  page,
  openBrowser,
  db,
  protectedPerson,
  bringSession,
}) => {
  const { email, id, phone } = protectedPerson;
  const other = await openBrowser();
  await bringSession(other, protectedPerson);
  await page.goto("/sign-in");
  await fillPassword(page, email);
  await codeField(page).fill(phone.code(new Date()));
  await page.getByRole("button", { name: "Verify" }).click();
  await page.getByRole("button", { name: "Sign out Firefox on Windows" }).click();
  await expect(page.getByText("That browser is signed out.")).toBeVisible();
  await other.goto(SECURITY);
  await fillPassword(other, email);
  await codeField(other).fill(phone.code(new Date()));
  await other.getByRole("button", { name: "Verify" }).click();
  await expect(other).toHaveURL(new RegExp(`${SECURITY}$`));
  await page.goto(SECURITY);
  await page.getByRole("button", { name: "Sign out all others" }).click();
  await expect(page.getByText("All other browsers are signed out.")).toBeVisible();
  expect(await db.session.count({ where: { userId: id } })).toBe(1);

  await page.getByRole("button", { name: "Make new codes" }).click();
  const codes = await page.locator("#recovery-codes li").allTextContents();
  expect(codes.filter((code) => protectedPerson.recoveryCodes.includes(code))).toEqual([]);
  await page.getByLabel("One of your codes").fill(codes[9]?.toLowerCase().replaceAll("-", " ") ?? "");
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByText("Your new recovery codes are saved.")).toBeVisible();
});

test("without script a known browser is told that a clock is off", async ({
  page,
  protectedPerson,
  watch,
}) => {
  watch.allowRefusals();
  const { email, phone } = protectedPerson;
  const signIn = async (code: string) => {
    await page.goto("/sign-in");
    await fillPassword(page, email);
    await codeField(page).fill(code);
    await page.getByRole("button", { name: "Verify" }).click();
  };
  await signIn(phone.code(new Date()));
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await signIn(phone.codeAt(new Date(), -5));
  await expect(page.getByText("The clock of your phone is about 2½ minutes slow.")).toBeVisible();
});

test("without script an authenticator is tested", async ({ page, protectedPerson, bringSession, watch }) => {
  watch.allowRefusals();
  await bringSession(page, protectedPerson);
  await page.goto(SECURITY);
  await page.getByRole("link", { name: "Test Phone" }).click();
  await codeField(page).fill(protectedPerson.phone.codeAt(new Date(), 5));
  await page.getByRole("button", { name: "Test the code" }).click();
  await expect(page.getByText("The clock of your phone is about 2½ minutes fast.")).toBeVisible();
  await codeField(page).fill(protectedPerson.phone.code(new Date()));
  await page.getByRole("button", { name: "Test the code" }).click();
  await expect(page.getByText("That code is right")).toBeVisible();
});

test("without script an authenticator is renamed and removed, and the password changed", async ({
  page,
  protectedPerson,
  bringSession,
  watch,
}) => {
  watch.allowRefusals();
  await bringSession(page, protectedPerson);
  await page.goto(SECURITY);
  await page.locator("summary", { hasText: "Rename" }).click();
  await page.getByLabel("New name").fill("Old tablet");
  await page.getByRole("button", { name: "Save the name" }).click();
  await expect(page.getByText("Old tablet", { exact: true })).toBeVisible();

  await page.goto("/settings/password");
  await page.getByLabel("Current password").fill("not the password");
  await page.getByLabel("New password").fill("a longer new password");
  await page.getByRole("button", { name: "Change the password" }).click();
  await expect(page.getByText("not your password")).toBeVisible();
  await page.getByLabel("Current password").fill(PASSWORD);
  await page.getByLabel("New password").fill("a longer new password");
  await page.getByRole("button", { name: "Change the password" }).click();
  await expect(page.getByText("Your password is changed.")).toBeVisible();

  await page.getByRole("link", { name: "Remove Old tablet" }).click();
  await page.getByLabel("Authentication code").fill(protectedPerson.phone.code(new Date()));
  await page.getByRole("button", { name: "Remove it and turn two-factor off" }).click();
  await expect(page.getByText("Two-factor sign-in is off. Your password alone signs you in.")).toBeVisible();
});

test("without script an expired sign-in is explained and ends where it was going", async ({
  page,
  db,
  protectedPerson,
  watch,
}) => {
  watch.allowRefusals();
  await page.goto("/settings/password");
  await fillPassword(page, protectedPerson.email);
  await expect(codeField(page)).toBeVisible();
  await db.challenge.updateMany({
    where: { userId: protectedPerson.id },
    data: { expiresAt: new Date(0) },
  });
  await codeField(page).fill(protectedPerson.phone.code(new Date()));
  await page.getByRole("button", { name: "Verify" }).click();
  await expect(page.getByText(/For your security we ended this sign-in.*Password/)).toBeVisible();
  await fillPassword(page, protectedPerson.email);
  await codeField(page).fill(protectedPerson.phone.code(new Date()));
  await page.getByRole("button", { name: "Verify" }).click();
  await expect(page).toHaveURL(/\/settings\/password$/);
});

test("without script a set-up that lapsed is said so, and begun anew", async ({
  page,
  db,
  person,
  bringSession,
  watch,
}) => {
  watch.allowRefusals();
  await bringSession(page, person);
  await page.goto(WIZARD);
  await page.getByRole("button", { name: "Show the QR code" }).click();
  const phone = new Phone(await readQr(page.getByRole("img", { name: /QR code/ })));
  await db.totpFactor.updateMany({ where: { userId: person.id }, data: { expiresAt: new Date(0) } });
  await codeField(page).fill(phone.code(new Date()));
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByText("The set-up that you began took longer than 15 minutes")).toBeVisible();
  await page.getByRole("button", { name: "Show the QR code" }).click();
  await expect(codeField(page)).toBeVisible();
});
