import { expect, test } from "../fixtures";
import { alertOf, arriveAt, codeField, countPosts, reachCodeEntry, SECURITY, VERIFY } from "../steps";

test("UX-01 to 04: one text field for the code, named, focused and described", async ({
  page,
  protectedPerson,
}) => {
  await reachCodeEntry(page, protectedPerson.email);
  const field = codeField(page);
  await expect(page.locator("main input:not([type=hidden], [type=checkbox])")).toHaveCount(1);
  await expect(field).toBeFocused();
  await expect(field).toHaveAttribute("autocomplete", "one-time-code");
  await expect(field).toHaveAttribute("inputmode", "numeric");
  await expect(field).toHaveAttribute("type", "text");
  await expect(field).toHaveAttribute("name", "code");
  expect(Number(await field.getAttribute("maxlength"))).toBeGreaterThanOrEqual(6);
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("checkbox", { name: "Don't ask again on this browser" })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Verify" })).toBeFocused();
});

test("the page names where the code comes from, without the whole address", async ({
  page,
  protectedPerson,
}) => {
  await reachCodeEntry(page, protectedPerson.email);
  await expect(page.getByRole("heading", { name: "Enter your authentication code" })).toBeVisible();
  await expect(page.getByText("Countersign (p•••@example.org)")).toBeVisible();
  await expect(page.locator("body")).not.toContainText(protectedPerson.email);
});

for (const [name, write] of [
  ["a blank in the middle", (code: string) => `${code.slice(0, 3)} ${code.slice(3)}`],
  ["a dash in the middle", (code: string) => `${code.slice(0, 3)}-${code.slice(3)}`],
  ["blanks and a line break around it", (code: string) => ` ${code}\n`],
  [
    "full-width digits",
    (code: string) => [...code].map((c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)).join(""),
  ],
] as const) {
  test(`UX-05: a code pasted with ${name} signs in`, async ({ page, protectedPerson, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await reachCodeEntry(page, protectedPerson.email);
    const code = protectedPerson.phone.code(new Date());
    const sent = page.waitForRequest((request) => request.method() === "POST");
    await page.evaluate((text) => navigator.clipboard.writeText(text), write(code));
    await page.keyboard.press("ControlOrMeta+V");
    expect((await sent).postData()).toContain(code);
    await arriveAt(page, SECURITY);
  });
}

test("UX-06: a code filled in one event signs in and is sent once", async ({ page, protectedPerson }) => {
  await reachCodeEntry(page, protectedPerson.email);
  const posts = countPosts(page);
  await codeField(page).fill(protectedPerson.phone.code(new Date()));
  await arriveAt(page, SECURITY);
  expect(posts()).toBe(1);
});

test("UX-07: the sixth digit sends the code once, shows that it is busy, and Enter twice adds nothing", async ({
  page,
  protectedPerson,
}) => {
  await reachCodeEntry(page, protectedPerson.email);
  const posts = countPosts(page);
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route(`**${VERIFY}`, async (route) => {
    await held;
    await route.continue();
  });
  await codeField(page).pressSequentially(protectedPerson.phone.code(new Date()));
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  const form = page.locator("form", { has: page.locator("#code") });
  await expect(form).toHaveAttribute("aria-busy", "true");
  await expect(codeField(page)).toBeDisabled();
  await expect(form.getByRole("button")).toBeDisabled();
  letGo();
  await arriveAt(page, SECURITY);
  expect(posts()).toBe(1);
});

test("UX-09: a wrong code is said, cleared and focused, and what was said goes with the next key", async ({
  page,
  protectedPerson,
}) => {
  await reachCodeEntry(page, protectedPerson.email);
  const field = codeField(page);
  await field.fill(protectedPerson.phone.wrongCode(new Date()));
  await expect(alertOf(page)).toHaveText(
    "That code didn't work. Codes change every 30 seconds: enter the newest one. 4 tries left.",
  );
  await expect(field).toHaveValue("");
  await expect(field).toBeFocused();
  await expect(field).toHaveAttribute("aria-invalid", "true");
  // UX-03: the field's description is what was said.
  await expect(field).toHaveAccessibleDescription(/That code didn't work/);
  await page.keyboard.press("1");
  await expect(alertOf(page)).toHaveCount(0);
  await expect(field).not.toHaveAttribute("aria-invalid", "true");
});

test("UX-16: the recovery panel is at most four tabs away and takes a code in any writing", async ({
  page,
  protectedPerson,
}) => {
  await reachCodeEntry(page, protectedPerson.email);
  const link = page.getByRole("link", { name: "Use a recovery code" });
  const isThere = () => link.evaluate((element) => element === document.activeElement);
  let tabs = 0;
  for (; tabs < 4 && !(await isThere()); tabs += 1) await page.keyboard.press("Tab");
  await expect(link).toBeFocused();
  await page.keyboard.press("Enter");
  const field = page.getByRole("textbox", { name: "Recovery code" });
  await expect(field).toBeFocused();
  await expect(field).not.toHaveAttribute("autocomplete", "one-time-code");
  await expect(field).toHaveAttribute("inputmode", "text");
  const code = (protectedPerson.recoveryCodes[0] ?? "").toLowerCase().replaceAll("-", " ");
  await field.fill(code);
  await field.press("Enter");
  await arriveAt(page, "/sign-in/recovery-used");
});

test("a used code does not sign in a second time", async ({ page, openBrowser, protectedPerson }) => {
  await reachCodeEntry(page, protectedPerson.email);
  const code = protectedPerson.phone.code(new Date());
  await codeField(page).fill(code);
  await arriveAt(page, SECURITY);
  const other = await openBrowser();
  await reachCodeEntry(other, protectedPerson.email);
  await codeField(other).fill(code);
  await expect(alertOf(other)).toContainText("That code didn't work");
  await codeField(other).fill(protectedPerson.phone.code(new Date()));
  await arriveAt(other, SECURITY);
});

test("UX-11, UX-12: a known browser is told of a used code and of a clock that is off; an unknown one is not", async ({
  page,
  openBrowser,
  protectedPerson,
}) => {
  const { email, phone } = protectedPerson;
  // The next step's: it stays near enough to be a used one for a minute.
  const used = phone.codeAt(new Date(), 1);
  await reachCodeEntry(page, email);
  await codeField(page).fill(used);
  await arriveAt(page, SECURITY);
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await arriveAt(page, "/sign-in");
  // A step may end between the making of a code and its check: lib/web/messages.test.ts has the exact words.
  const wrong = () =>
    [
      [used, /You have used this code already, or a newer one\./],
      [phone.codeAt(new Date(), -5), /The clock of your phone is about (?:2½|3) minutes slow\./],
      [phone.codeAt(new Date(), 5), /The clock of your phone is about 2½? minutes fast\./],
    ] as const;
  const stranger = await openBrowser();
  for (const [browser, isKnown] of [
    [page, true],
    [stranger, false],
  ] as const) {
    await reachCodeEntry(browser, email);
    for (const [code, words] of wrong()) {
      await codeField(browser).fill(code);
      await expect(alertOf(browser)).toContainText(isKnown ? words : "That code didn't work.");
      await expect(codeField(browser)).toHaveValue("");
    }
  }
});

test("UX-15: Back after signing in shows no code form that could be used", async ({
  page,
  protectedPerson,
}) => {
  await reachCodeEntry(page, protectedPerson.email, "/settings/password");
  await codeField(page).fill(protectedPerson.phone.code(new Date()));
  await arriveAt(page, "/settings/password");
  for (let back = 0; back < 3; back += 1) {
    await page.goBack();
    if (page.url() === "about:blank") break;
    await expect(page.locator("#code")).toHaveCount(0);
  }
});

test("two tabs of one sign-in: the second one finds itself signed in", async ({
  page,
  context,
  protectedPerson,
}) => {
  await reachCodeEntry(page, protectedPerson.email);
  const second = await context.newPage();
  await second.goto(VERIFY);
  await codeField(page).fill(protectedPerson.phone.code(new Date()));
  await arriveAt(page, SECURITY);
  await codeField(second).fill(protectedPerson.phone.code(new Date()));
  await arriveAt(second, SECURITY);
});
