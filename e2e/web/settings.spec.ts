import { Phone } from "@/lib/core/testing/phone";
import { expect, test } from "../fixtures";
import { PASSWORD } from "../people";
import { readQr } from "../qr";
import {
  alertOf,
  arriveAt,
  codeField,
  fillPassword,
  open,
  reachCodeEntry,
  SECURITY,
  takenOver,
  WIZARD,
} from "../steps";

test.beforeEach(async ({ page, protectedPerson, bringSession }) => {
  await bringSession(page, protectedPerson);
});

test("an authenticator is renamed in place", async ({ page }) => {
  await open(page, SECURITY);
  await page.locator("summary", { hasText: "Rename" }).click();
  await page.getByLabel("New name").fill("Old tablet");
  await page.getByRole("button", { name: "Save the name" }).click();
  await expect(page.getByText("The authenticator has its new name.")).toBeVisible();
  await expect(page.getByText("Old tablet", { exact: true })).toBeVisible();
});

test("a second authenticator is added beside the first, without new recovery codes, and both sign in", async ({
  page,
  openBrowser,
  protectedPerson,
}) => {
  await open(page, SECURITY);
  await page.getByRole("link", { name: "Add another authenticator" }).click();
  await arriveAt(page, WIZARD);
  await page.getByLabel("Name").fill("Tablet");
  await page.getByRole("button", { name: "Show the QR code" }).click();
  await expect(codeField(page)).toBeVisible();
  const tablet = new Phone(await readQr(page.getByRole("img", { name: /QR code/ })));
  // Until it is proven its codes open nothing.
  const early = await openBrowser();
  await reachCodeEntry(early, protectedPerson.email);
  await codeField(early).fill(tablet.codeAt(new Date(), 0));
  await expect(alertOf(early)).toContainText("That code didn't work");
  await codeField(page).fill(tablet.code(new Date()));
  await arriveAt(page, `${WIZARD}/done`);
  await expect(page.getByRole("heading", { name: "The authenticator is added" })).toBeVisible();
  for (const phone of [tablet, protectedPerson.phone]) {
    const other = await openBrowser();
    await reachCodeEntry(other, protectedPerson.email);
    await codeField(other).fill(phone.code(new Date()));
    await arriveAt(other, SECURITY);
    await expect(other.getByText("10 of 10 recovery codes left")).toBeVisible();
    await expect(other.locator("#authenticators")).toContainText(/Phone.*Tablet/);
  }
});

test("an authenticator is tested: a wrong code says why, a right one is used up", async ({
  page,
  openBrowser,
  protectedPerson: { email, phone },
}) => {
  await open(page, SECURITY);
  await page.getByRole("link", { name: "Test Phone" }).click();
  await takenOver(page);
  await codeField(page).fill(phone.codeAt(new Date(), -5));
  await expect(alertOf(page)).toContainText("The clock of your phone is about 2½ minutes slow.");
  await expect(codeField(page)).toHaveValue("");
  const code = phone.code(new Date());
  await codeField(page).fill(code);
  await arriveAt(page, SECURITY);
  await expect(page.getByText("That code is right")).toBeVisible();
  await expect(page.getByText("Tested an authenticator")).toBeVisible();
  const other = await openBrowser();
  await reachCodeEntry(other, email);
  await codeField(other).fill(code);
  await expect(alertOf(other)).toContainText("That code didn't work");
});

test("UX-23: an authenticator is replaced: the old one signs in until the new one is proven, then no more", async ({
  page,
  openBrowser,
  protectedPerson,
}) => {
  await open(page, SECURITY);
  await page.getByRole("link", { name: "Replace Phone" }).click();
  await expect(page.getByText("Until then the old one goes on working.")).toBeVisible();
  await takenOver(page);
  await page.getByRole("button", { name: "Show the QR code" }).click();
  await arriveAt(page, WIZARD);
  await expect(
    page.getByText("“Phone” goes on working until you enter a code from the new one"),
  ).toBeVisible();
  const newPhone = new Phone(await readQr(page.getByRole("img", { name: /QR code/ })));
  const before = await openBrowser();
  await reachCodeEntry(before, protectedPerson.email);
  await codeField(before).fill(protectedPerson.phone.code(new Date()));
  await arriveAt(before, SECURITY);
  await codeField(page).fill(newPhone.code(new Date()));
  await arriveAt(page, `${WIZARD}/done`);
  await expect(page.getByRole("heading", { name: "The authenticator is replaced" })).toBeVisible();
  const after = await openBrowser();
  await reachCodeEntry(after, protectedPerson.email);
  await codeField(after).fill(protectedPerson.phone.codeAt(new Date(), 0));
  await expect(alertOf(after)).toContainText("That code didn't work");
  await codeField(after).fill(newPhone.code(new Date()));
  await arriveAt(after, SECURITY);
  await expect(after.getByText("10 of 10 recovery codes left")).toBeVisible();
  await expect(after.getByText("Replaced the authenticator “Phone”")).toBeVisible();
});

test("a replacement that takes too long begins again as one, and somebody else's authenticator is not there", async ({
  page,
  db,
  protectedPerson,
  makeProtected,
  watch,
}) => {
  watch.allowRefusals();
  const place = (id: string) => `${SECURITY}/authenticators/${id}/replace`;
  await open(page, place(protectedPerson.factorId));
  await page.getByRole("button", { name: "Show the QR code" }).click();
  await arriveAt(page, WIZARD);
  const pending = { userId: protectedPerson.id, confirmedAt: null };
  await db.totpFactor.updateMany({ where: pending, data: { expiresAt: new Date(0) } });
  await page.reload();
  await expect(page.getByText("took longer than 15 minutes")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Replace “Phone”");
  await takenOver(page);
  await page.getByRole("button", { name: "Show the QR code" }).click();
  await expect(codeField(page)).toBeVisible();
  const { replacesId } = await db.totpFactor.findFirstOrThrow({ where: pending });
  expect(replacesId).toBe(protectedPerson.factorId);
  const theirs = (await makeProtected()).factorId;
  for (const id of [theirs, `${theirs.slice(0, -1)}0`, "x"])
    expect((await page.goto(place(id)))?.status()).toBe(404);
});

test("UX-28: removing the only authenticator names what it does, wants a code, and keeps it by default", async ({
  page,
  db,
  protectedPerson,
}) => {
  await open(page, SECURITY);
  await page.getByRole("link", { name: "Remove Phone" }).click();
  await expect(page.getByText("Removing it turns two-factor sign-in off")).toBeVisible();
  const keep = page.getByRole("link", { name: "Keep it" });
  const remove = page.getByRole("button", { name: "Remove it and turn two-factor off" });
  const grounds = await Promise.all(
    [keep, remove].map((one) => one.evaluate((element) => getComputedStyle(element).backgroundColor)),
  );
  expect(grounds[0]).not.toBe(grounds[1]);
  await page.getByLabel("Authentication code").fill("000000");
  await remove.click();
  await expect(alertOf(page)).toContainText("That code didn't work");
  expect(await db.totpFactor.count({ where: { userId: protectedPerson.id } })).toBe(1);
  await page.getByLabel("Authentication code").fill(protectedPerson.phone.code(new Date()));
  await remove.click();
  await arriveAt(page, SECURITY);
  await expect(page.getByText("Two-factor sign-in is off. Your password alone signs you in.")).toBeVisible();
  expect(await db.totpFactor.count({ where: { userId: protectedPerson.id } })).toBe(0);
  expect(await db.recoveryCode.count({ where: { userId: protectedPerson.id, usedAt: null } })).toBe(0);
});

test("UX-28: turning two-factor sign-in off names what it does and takes a recovery code for proof", async ({
  page,
  protectedPerson,
}) => {
  await open(page, SECURITY);
  await page.getByRole("link", { name: "Turn off two-factor sign-in" }).click();
  await expect(page.getByText("your password alone opens this account")).toBeVisible();
  await page.getByLabel("Authentication code").fill(protectedPerson.recoveryCodes[0] ?? "");
  await page.getByRole("button", { name: "Turn it off" }).click();
  await arriveAt(page, SECURITY);
  await expect(page.getByRole("heading", { name: "Two-factor sign-in is off" })).toBeVisible();
});

const REPLACE = `${SECURITY}/authenticators/{factor}/replace`;
for (const place of [WIZARD, REPLACE, "/settings/password", `${SECURITY}/turn-off`]) {
  test(`UX-28: ${place} asks for the code first when the last proof is old, and then opens`, async ({
    page,
    db,
    protectedPerson,
  }) => {
    await db.session.updateMany({
      where: { userId: protectedPerson.id },
      data: { factorProvenAt: new Date(Date.now() - 1_800_000) },
    });
    const path = place.replace("{factor}", protectedPerson.factorId);
    await page.goto(path);
    await arriveAt(page, "/step-up");
    await codeField(page).fill(protectedPerson.phone.wrongCode(new Date()));
    await expect(alertOf(page)).toContainText("That code didn't work");
    await codeField(page).fill(protectedPerson.phone.code(new Date()));
    await arriveAt(page, path);
  });
}

test("new recovery codes ask for the code first when the last proof is old", async ({
  page,
  db,
  protectedPerson,
}) => {
  await open(page, SECURITY);
  await db.session.updateMany({
    where: { userId: protectedPerson.id },
    data: { factorProvenAt: new Date(Date.now() - 1_800_000) },
  });
  await page.getByRole("button", { name: "Make new codes" }).click();
  await arriveAt(page, "/step-up");
  expect(await db.recoveryReveal.count({ where: { userId: protectedPerson.id } })).toBe(0);
  // And come back to where they are made.
  await codeField(page).fill(protectedPerson.phone.code(new Date()));
  await page.waitForURL(`**${SECURITY}#recovery`);
  await takenOver(page);
  await page.getByRole("button", { name: "Make new codes" }).click();
  await arriveAt(page, `${SECURITY}/recovery-codes`);
});

test("an authenticator says when it was used last and how far its clock was off", async ({
  page,
  db,
  protectedPerson,
}) => {
  const drifted = async (driftSteps: number) => {
    await db.totpFactor.update({ where: { id: protectedPerson.factorId }, data: { driftSteps } });
    await open(page, SECURITY);
    return page.locator("#authenticators li");
  };
  await expect(await drifted(0)).toContainText(/Added today, last used \d+\smin\sago/);
  await expect(await drifted(0)).not.toContainText("clock");
  await expect(await drifted(-1)).toContainText("its clock may be a little slow");
  await expect(await drifted(1)).toContainText("its clock may be a little fast");
});

test("a new password signs the other browsers out and is the one that counts", async ({
  page,
  openBrowser,
  protectedPerson,
}) => {
  const other = await openBrowser();
  await reachCodeEntry(other, protectedPerson.email);
  await codeField(other).fill(protectedPerson.phone.code(new Date()));
  await arriveAt(other, SECURITY);
  await open(page, "/settings/password");
  await page.getByLabel("Current password").fill("not the password");
  await page.getByLabel("New password").fill("a longer new password");
  await page.getByRole("button", { name: "Change the password" }).click();
  await expect(alertOf(page)).toContainText("That is not your password");
  await page.getByLabel("Current password").fill(PASSWORD);
  await page.getByLabel("New password").fill("a longer new password");
  await page.getByRole("button", { name: "Change the password" }).click();
  await arriveAt(page, SECURITY);
  await expect(page.getByText("Your password is changed.")).toBeVisible();
  await other.goto(SECURITY);
  await arriveAt(other, "/sign-in");
  await fillPassword(other, protectedPerson.email, "a longer new password");
  await arriveAt(other, "/sign-in/verify");
});
