import { Phone } from "@/lib/core/testing/phone";
import { expect, test } from "../fixtures";
import { PASSWORD } from "../people";
import { readQr } from "../qr";
import { alertOf, arriveAt, codeField, fillPassword, open, SECURITY, VERIFY, WIZARD } from "../steps";

for (const colorScheme of ["light", "dark"] as const) {
  test(`somebody signs up, sets an authenticator up from the screen and signs in with it (${colorScheme})`, async ({
    page,
    email,
  }) => {
    await page.emulateMedia({ colorScheme });
    await test.step("sign up", async () => {
      await open(page, "/sign-up");
      await page.getByLabel("E-mail address").fill(email);
      await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
      await page.getByRole("button", { name: "Make the account" }).click();
      await arriveAt(page, SECURITY);
    });

    const phone = await test.step("scan the picture on the screen", async () => {
      await page.getByRole("link", { name: "Set up an authenticator app" }).click();
      await arriveAt(page, WIZARD);
      await page.getByRole("button", { name: "Show the QR code" }).click();
      const uri = await readQr(page.getByRole("img", { name: /QR code/ }));
      expect(uri).toMatch(/^otpauth:\/\/totp\/Countersign:/);
      return new Phone(uri);
    });

    await test.step("a wrong code, then the right one", async () => {
      await arriveAt(page, WIZARD);
      await codeField(page).fill(phone.wrongCode(new Date()));
      await expect(alertOf(page)).toContainText("That code didn't work");
      await codeField(page).fill(phone.code(new Date()));
      await page.waitForURL((url) => url.pathname === "/settings/security/recovery-codes");
    });

    await test.step("recovery codes, one proven", async () => {
      await expect(page.getByRole("heading", { name: "Save your recovery codes" })).toBeVisible();
      const codes = await page.locator("#recovery-codes li").allTextContents();
      expect(codes).toHaveLength(10);
      await page.getByLabel("One of your codes").fill(codes[3] ?? "");
      await page.getByRole("button", { name: "Confirm" }).click();
      await page.waitForURL((url) => url.pathname === `${WIZARD}/done`);
      await expect(page.getByRole("heading", { name: "Two-factor sign-in is on" })).toBeVisible();
    });

    await test.step("sign out", async () => {
      await page.getByRole("button", { name: "Sign out" }).click();
      await arriveAt(page, "/sign-in");
      await expect(page.getByText("You are signed out.")).toBeVisible();
    });

    await test.step("a deep link leads to sign-in, and from the password to the code", async () => {
      await open(page, "/settings/password");
      await arriveAt(page, "/sign-in");
      await fillPassword(page, email);
      await arriveAt(page, VERIFY);
      await page.goto("/settings/password");
      await arriveAt(page, VERIFY);
    });

    await test.step("the code leads back to the deep link", async () => {
      await codeField(page).fill(phone.code(new Date()));
      await arriveAt(page, "/settings/password");
      await expect(page.getByRole("heading", { name: "Password", exact: true })).toBeVisible();
    });
  });
}

test("a wrong password says so, keeps the address and forgets the password", async ({ page, person }) => {
  await open(page, "/sign-in");
  await fillPassword(page, person.email, "not the password");
  await expect(alertOf(page)).toContainText("do not belong together");
  await expect(page.getByLabel("E-mail address")).toHaveValue(person.email);
  await expect(page.getByLabel("Password", { exact: true })).toHaveValue("");
  await fillPassword(page, person.email);
  await arriveAt(page, SECURITY);
});

test("UX-37: an unknown address and a wrong password get the same status and the same page", async ({
  page,
  openBrowser,
  protectedPerson,
  person,
}) => {
  const seen: { text: string; posts: number[] }[] = [];
  for (const email of [person.email, protectedPerson.email, `nobody-${person.email}`]) {
    const visitor = await openBrowser();
    const posts: number[] = [];
    visitor.on("response", (answer) => {
      if (answer.request().method() === "POST") posts.push(answer.status());
    });
    await open(visitor, "/sign-in");
    await fillPassword(visitor, email, "not the password");
    await expect(alertOf(visitor)).toBeVisible();
    seen.push({ text: (await visitor.locator("main").textContent()) ?? "", posts });
    expect(await visitor.context().cookies()).toEqual([]);
  }
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[2]).toEqual(seen[0]);
  await page.close();
});
