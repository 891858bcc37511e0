import type { Page } from "@playwright/test";
import { Phone } from "@/lib/core/testing/phone";
import { test as base, expect } from "../fixtures";
import { linkIn, readMail } from "../mailbox";
import { failCodes, PASSWORD, type ProtectedPerson } from "../people";
import { readQr } from "../qr";
import {
  alertOf,
  arriveAt,
  codeField,
  fillPassword,
  open,
  SECURITY,
  takenOver,
  VERIFY,
  WIZARD,
} from "../steps";

const USERS = "/admin/users";
const REASON = "asked for in person";

/** The browser of `page` is an administrator's; `owner` is somebody else with two-factor sign-in. */
const test = base.extend<{ admin: ProtectedPerson; owner: ProtectedPerson }>({
  admin: async ({ page, db, makeProtected, bringSession }, use) => {
    const admin = await makeProtected();
    await db.user.update({ where: { id: admin.id }, data: { isAdmin: true } });
    await bringSession(page, admin);
    await use(admin);
  },
  owner: async ({ makeProtected }, use) => use(await makeProtected()),
});

/** Does one thing to an account, from its page. */
async function act(page: Page, id: string, link: string, button: string): Promise<void> {
  await open(page, `${USERS}/${id}`);
  await page.getByRole("link", { name: link, exact: true }).click();
  await page.waitForURL(`**${USERS}/${id}/**`);
  await takenOver(page);
  await page.getByLabel("Reason").fill(REASON);
  await page.getByRole("button", { name: button, exact: true }).click();
  await arriveAt(page, `${USERS}/${id}`);
}

test("a user is searched for and read, and a made-up one is not there", async ({
  page,
  admin,
  owner,
  watch,
}) => {
  watch.allowRefusals();
  await page.goto(SECURITY);
  await page.getByRole("link", { name: "Console" }).click();
  await arriveAt(page, USERS);
  await page.getByLabel("Search", { exact: true }).fill(owner.email.slice(1, 15).toUpperCase());
  await page.getByLabel("2FA").selectOption("on");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page).toHaveURL(/q=.*twoFactor=on/);
  await expect(page.getByRole("table").getByRole("link")).toHaveText([owner.email]);
  await page.getByRole("link", { name: owner.email }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(owner.email);
  await expect(page.locator("#factors")).toContainText("Phone");
  await expect(page.locator("#events")).toContainText("Turned two-factor sign-in on");
  await page.goto(`${USERS}/${admin.id}`);
  await expect(page.getByText("This is your own account.")).toBeVisible();
  await page.goto(`${USERS}?q=${"nobody-".repeat(9)}`);
  await expect(page.getByText("No user matches.")).toBeVisible();
  for (const path of [
    "0".repeat(26),
    "x",
    `${owner.id}/destroy`,
    `${owner.id}/devices/${admin.factorId}/remove`,
  ])
    expect((await page.goto(`${USERS}/${path}`))?.status()).toBe(404);
  expect((await page.goto(`${USERS}?before=one`))?.status()).toBe(404);
  expect((await page.goto(`${USERS}?q=%00&before=999999999`))?.status()).toBe(200);
});

test("somebody who is no administrator is told so, and nothing is shown or done", async ({
  page,
  owner,
  person,
  bringSession,
  watch,
}) => {
  watch.allowRefusals();
  await bringSession(page, owner);
  for (const path of ["", "/new", `/${person.id}`, `/${person.id}/disable`, `/${person.id}/make-device`]) {
    const answer = await page.goto(`${USERS}${path}`);
    expect(answer?.status()).toBe(403);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("This is for administrators");
    await expect(page.getByText(person.email)).toHaveCount(0);
  }
  await page.goto(SECURITY);
  await expect(page.getByRole("link", { name: "Console" })).toHaveCount(0);
});

test("somebody is invited, chooses a password once, and signs in", async ({
  page,
  admin,
  openBrowser,
  db,
  email,
  watch,
}) => {
  watch.allowRefusals();
  await open(page, USERS);
  await page.getByRole("link", { name: "Make a user" }).click();
  await arriveAt(page, `${USERS}/new`);
  await page.getByLabel("E-mail address").fill(admin.email);
  await page.getByRole("button", { name: "Make the user" }).click();
  await expect(alertOf(page)).toContainText("There is a user with this e-mail address already.");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Name").fill("Kim");
  await page.getByRole("button", { name: "Make the user" }).dblclick();
  await page.waitForURL(/done=invited$/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Kim");
  await expect(page.getByText("Invited, the link is good until")).toBeVisible();
  const first = linkIn(await readMail(db, email, "account_invited"));
  await takenOver(page);
  await page.getByRole("button", { name: "Mail another invitation" }).click();
  await expect(page.getByText("Another invitation was mailed.")).toBeVisible();
  const link = linkIn(await readMail(db, email, "account_invited"));
  const theirs = await openBrowser();
  await theirs.goto(first);
  await expect(theirs.getByRole("heading", { level: 1 })).toHaveText("This link no longer works");
  await open(theirs, link);
  await expect(theirs.getByRole("heading", { level: 1 })).toHaveText("Choose your password");
  await theirs.getByLabel("New password").fill(PASSWORD);
  await theirs.getByRole("button", { name: "Use this password" }).click();
  await arriveAt(theirs, "/sign-in");
  await fillPassword(theirs, email);
  await arriveAt(theirs, SECURITY);
  // Back leads past the form, which would make nobody.
  await page.goBack();
  await expect(page.getByRole("button", { name: "Make the user" })).toHaveCount(0);
});

test("an authenticator is made for somebody, who proves it, signs in with it, and loses it again", async ({
  page,
  admin,
  openBrowser,
  person,
  bringSession,
  db,
}) => {
  await open(page, `${USERS}/${person.id}`);
  await page.getByRole("link", { name: "Make an authenticator" }).click();
  await takenOver(page);
  await page.getByLabel("Name").fill("Work phone");
  await page.getByRole("button", { name: "Make the authenticator" }).click();
  await arriveAt(page, `${USERS}/${person.id}`);
  await expect(page.locator("#factors")).toContainText(`Waiting for its owner, made by ${admin.email}`);
  expect(await page.content()).not.toMatch(/otpauth|secret=/i);
  expect((await readMail(db, person.email, "authenticator_provisioned")).text).toContain("Work phone");

  const theirs = await openBrowser();
  await bringSession(theirs, person);
  await open(theirs, SECURITY);
  await theirs.getByRole("link", { name: "Set up Work phone" }).click();
  await takenOver(theirs);
  const qr = () => readQr(theirs.getByRole("img", { name: /QR code/ }));
  const uri = await qr();
  await theirs.reload();
  await takenOver(theirs);
  expect(await qr()).toBe(uri);
  const phone = new Phone(uri);
  await codeField(theirs).fill(phone.code(new Date()));
  await arriveAt(theirs, `${SECURITY}/recovery-codes`);
  const other = await openBrowser();
  await open(other, "/sign-in");
  await fillPassword(other, person.email);
  await arriveAt(other, VERIFY);
  await codeField(other).fill(phone.code(new Date()));
  await arriveAt(other, SECURITY);

  await act(page, person.id, "Remove Work phone", "Remove");
  await expect(page.getByText("The authenticator is removed.")).toBeVisible();
  await expect(page.locator("#factors")).toContainText("There are none.");
  await expect(page.locator("#events")).toContainText(`Reason: ${REASON}`);
  expect((await readMail(db, person.email, "authenticator_taken_away")).text).toContain(REASON);
});

test("an authenticator that waits is offered at the start of the set-up, and can be refused", async ({
  page,
  admin,
  openBrowser,
  person,
  bringSession,
  db,
}) => {
  await open(page, `${USERS}/${person.id}/make-device`);
  await page.getByRole("button", { name: "Make the authenticator" }).click();
  await arriveAt(page, `${USERS}/${person.id}`);
  expect(await db.event.count({ where: { actor: admin.id, kind: "totp.provisioned" } })).toBe(1);
  const theirs = await openBrowser();
  await bringSession(theirs, person);
  await open(theirs, WIZARD);
  await theirs.getByRole("link", { name: "Set up “Authenticator app”" }).click();
  await expect(theirs.getByRole("img", { name: /QR code/ })).toBeVisible();
  await theirs.getByRole("link", { name: "Not now" }).click();
  await arriveAt(theirs, SECURITY);
  await theirs.getByRole("button", { name: "Remove Authenticator app" }).click();
  await expect(theirs.getByText("The authenticator that waited for you is removed.")).toBeVisible();
  expect(await db.totpFactor.count({ where: { userId: person.id } })).toBe(0);
});

test("two-factor sign-in is reset after a fresh proof, and what was typed is kept on the way", async ({
  page,
  admin,
  owner,
  openBrowser,
  bringSession,
  db,
}) => {
  const theirs = await openBrowser();
  await bringSession(theirs, owner);
  const grow = () =>
    db.session.updateMany({
      where: { userId: admin.id },
      data: { factorProvenAt: new Date(Date.now() - 1_800_000) },
    });
  await open(page, `${USERS}/${owner.id}/reset`);
  await page.getByLabel("Reason").fill(REASON);
  await grow();
  await page.getByRole("button", { name: "Reset 2FA" }).click();
  await arriveAt(page, "/step-up");
  expect(await db.totpFactor.count({ where: { userId: owner.id } })).toBe(1);
  await codeField(page).fill(admin.phone.code(new Date()));
  await arriveAt(page, `${USERS}/${owner.id}/reset`);
  await expect(page.getByLabel("Reason")).toHaveValue(REASON);
  await page.getByRole("button", { name: "Reset 2FA" }).dblclick();
  await arriveAt(page, `${USERS}/${owner.id}`);
  await expect(page.getByText("Two-factor sign-in is reset.")).toBeVisible();
  expect(await db.event.count({ where: { userId: owner.id, kind: "two_factor.reset" } })).toBe(1);
  expect((await readMail(db, owner.email, "two_factor_reset")).text).toContain(REASON);
  await theirs.goto(SECURITY);
  await arriveAt(theirs, "/sign-in");
  await fillPassword(theirs, owner.email);
  await arriveAt(theirs, SECURITY);
  await expect(theirs.getByRole("heading", { name: "Two-factor sign-in is off" })).toBeVisible();
});

test("somebody who is locked out is unlocked, and chooses a new password before anything else", async ({
  page,
  admin,
  owner,
  openBrowser,
  db,
}) => {
  await failCodes(db, owner, 20, 0);
  await open(page, `${USERS}/${owner.id}`);
  await expect(page.locator("#limits")).toContainText("20 of 20 in a year, locked");
  await act(page, owner.id, "Unlock", "Unlock");
  await expect(page.locator("#limits")).toContainText("0 of 20");
  expect(await db.event.count({ where: { actor: admin.id, kind: "account.unlocked" } })).toBe(1);
  const theirs = await openBrowser();
  await open(theirs, "/sign-in");
  await fillPassword(theirs, owner.email);
  await arriveAt(theirs, VERIFY);
  await codeField(theirs).fill(owner.phone.code(new Date()));
  await arriveAt(theirs, "/settings/password");
  await expect(theirs.getByText("An administrator unlocked your account")).toBeVisible();
  await theirs.goto(SECURITY);
  await arriveAt(theirs, "/settings/password");
  await theirs.getByLabel("Current password").fill(PASSWORD);
  await theirs.getByLabel("New password").fill("another horse battery");
  await theirs.getByRole("button", { name: "Change the password" }).click();
  await arriveAt(theirs, SECURITY);
});

test("somebody is signed out everywhere, disabled, and enabled again", async ({
  page,
  admin,
  person,
  openBrowser,
  bringSession,
  db,
  watch,
}) => {
  watch.allowRefusals();
  const theirs = await openBrowser();
  await bringSession(theirs, person);
  await open(theirs, SECURITY);
  await act(page, person.id, "End sessions", "End sessions");
  await theirs.reload();
  await arriveAt(theirs, "/sign-in");
  await fillPassword(theirs, person.email);
  await arriveAt(theirs, SECURITY);
  await act(page, person.id, "Disable", "Disable");
  await expect(page.getByText("Disabled since")).toBeVisible();
  await theirs.reload();
  await arriveAt(theirs, "/sign-in");
  await fillPassword(theirs, person.email);
  await expect(alertOf(theirs)).toContainText("do not belong together");
  await act(page, person.id, "Enable", "Enable");
  await fillPassword(theirs, person.email);
  await arriveAt(theirs, SECURITY);
  const kinds = ["access.ended", "account.disabled", "account.enabled"];
  const events = await db.event.findMany({
    where: { actor: admin.id, kind: { in: kinds } },
    orderBy: { id: "asc" },
  });
  expect(events.map(({ kind }) => kind)).toEqual(kinds);
  for (const { details } of events) expect(details).toMatchObject({ reason: REASON });
});

test("an administrator cannot turn off what policy asks for", async ({ page, admin }) => {
  await open(page, SECURITY);
  await expect(page.getByText("Two-factor sign-in is required for your account")).toBeVisible();
  await expect(page.getByRole("link", { name: "Remove Phone" })).toHaveCount(0);
  for (const path of ["turn-off", `authenticators/${admin.factorId}/remove`]) {
    await page.goto(`${SECURITY}/${path}`);
    await arriveAt(page, SECURITY);
  }
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });

  test("a user is found and disabled, and a missing reason is said", async ({
    page,
    admin,
    person,
    db,
    watch,
  }) => {
    watch.allowRefusals();
    await page.goto(USERS);
    await page.getByLabel("Search", { exact: true }).fill(person.email);
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("link", { name: person.email }).click();
    await page.getByRole("link", { name: "Disable", exact: true }).click();
    await page.getByLabel("Reason").fill("  ");
    await page.getByRole("button", { name: "Disable" }).click();
    await expect(page.getByText("Enter a reason.")).toBeVisible();
    await page.getByLabel("Reason").fill(REASON);
    await page.getByRole("button", { name: "Disable" }).click();
    await expect(page.getByText("The account is disabled.")).toBeVisible();
    expect(await db.event.count({ where: { actor: admin.id, kind: "account.disabled" } })).toBe(1);
  });
});
