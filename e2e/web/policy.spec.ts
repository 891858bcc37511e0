import { readFile } from "node:fs/promises";
import { Phone } from "@/lib/core/testing/phone";
import type { Database } from "@/lib/db/client";
import { expect, test } from "../fixtures";
import { formsIn, postForm, readForms } from "../forms";
import { removePeople } from "../people";
import { readQr } from "../qr";
import { alertOf, arriveAt, codeField, fillPassword, open, SECURITY, takenOver, WIZARD } from "../steps";

// One policy for everybody: on a server of this file's own, one test after the other.
test.describe.configure({ mode: "default" });
test.use({ hasOwnServer: true });

const DAY_MS = 86_400_000;

test.afterEach(({ db }) => db.policy.updateMany({ data: { requiredFrom: null, graceDays: 7 } }));

/** As if so many days had passed since somebody's grace began, and since the policy did. */
async function letPass(db: Database, userId: string, days: number): Promise<void> {
  const earlier = (moment: Date) => new Date(moment.getTime() - days * DAY_MS);
  const { requiredFrom } = await db.policy.findFirstOrThrow();
  if (requiredFrom) await db.policy.updateMany({ data: { requiredFrom: earlier(requiredFrom) } });
  const { startedAt } = await db.gracePeriod.findUniqueOrThrow({ where: { userId } });
  await db.gracePeriod.update({ where: { userId }, data: { startedAt: earlier(startedAt) } });
}

test("UX-29: an administrator asks everyone for two-factor sign-in; whoever lets the days pass finds nothing open but the set-up, and is free after it", async ({
  page,
  openBrowser,
  db,
  makeProtected,
  person,
  bringSession,
  watch,
}) => {
  watch.allowRefusals();
  await bringSession(page, await makeProtected({ isAdmin: true }));
  await open(page, "/admin/policy");
  await expect(page.getByRole("radio", { name: "Administrators only" })).toBeChecked();
  await page.getByRole("radio", { name: "Everyone, from now on" }).check();
  await page.getByLabel("Days of grace").fill("3");
  await page.getByRole("button", { name: "Save the policy" }).click();
  await expect(page.getByText("The policy is saved.")).toBeVisible();
  await expect(page.getByRole("radio", { name: "Everyone, since" })).toBeChecked();

  const theirs = await openBrowser();
  await open(theirs, "/sign-in");
  await fillPassword(theirs, person.email);
  await arriveAt(theirs, SECURITY);
  const banner = theirs.getByRole("complementary", { name: "Two-factor sign-in" });
  await expect(banner).toContainText("3 days left.");
  await expect(banner.getByRole("link", { name: "Set it up now" })).toHaveAttribute("href", WIZARD);
  const [form] = (await readForms(theirs.request, "/settings/email")).filter(({ inputs }) =>
    inputs.includes("email"),
  );

  await letPass(db, person.id, 2);
  await open(theirs, "/settings/email");
  await expect(banner).toContainText("the last day.");

  await letPass(db, person.id, 1);
  for (const path of [
    "/",
    SECURITY,
    "/settings",
    "/settings/password",
    "/settings/email",
    `${SECURITY}/activity`,
    `${SECURITY}/turn-off`,
    "/admin/policy",
    "/sign-in?callbackUrl=%2Fsettings%2Fpassword",
  ]) {
    await theirs.goto(path);
    expect(`${path}: ${new URL(theirs.url()).pathname}`).toBe(`${path}: ${WIZARD}`);
  }
  if (!form) throw new Error("the page of the address should have a form");
  const posted = await postForm(theirs.request, form, [
    ["email", "elsewhere@example.org"],
    ["password", "correct horse battery"],
  ]);
  expect([posted.status(), posted.headers().location]).toEqual([303, WIZARD]);
  expect(await db.mailLink.count({ where: { userId: person.id } })).toBe(0);
  expect(await (await theirs.request.get("/api/auth/session")).json()).toEqual({});

  await open(theirs, WIZARD);
  await expect(theirs.getByRole("note")).toContainText("Your account needs two-factor sign-in.");
  await theirs.getByRole("button", { name: "Show the QR code" }).click();
  await expect(codeField(theirs)).toBeVisible();
  const phone = new Phone(await readQr(theirs.getByRole("img", { name: /QR code/ })));
  await codeField(theirs).fill(phone.code(new Date()));
  await expect(theirs.getByRole("heading", { level: 1 })).toHaveText("Save your recovery codes");
  const codes = await theirs.locator("#recovery-codes li").allTextContents();
  await theirs.getByLabel("One of your codes").fill(codes[0] ?? "");
  await theirs.getByRole("button", { name: "Confirm" }).click();
  await arriveAt(theirs, `${WIZARD}/done`);
  await open(theirs, "/settings/email");
  await expect(theirs.getByRole("heading", { level: 1 })).toHaveText("E-mail address");
  await expect(banner).toHaveCount(0);
  expect(await (await theirs.request.get("/api/auth/session")).json()).toMatchObject({
    user: { email: person.email },
  });
});

test("a day to come is announced, and asks nothing yet", async ({ page, db, person, bringSession }) => {
  await db.policy.updateMany({ data: { requiredFrom: new Date(Date.now() + 5 * DAY_MS) } });
  await bringSession(page, person);
  await open(page, SECURITY);
  await expect(page.getByRole("complementary", { name: "Two-factor sign-in" })).toContainText(
    "will be required from",
  );
  await open(page, "/settings/email");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("E-mail address");
});

test("what cannot be a policy is said beside its field, and changes nothing", async ({
  page,
  db,
  makeProtected,
  bringSession,
  watch,
}) => {
  watch.allowRefusals();
  await bringSession(page, await makeProtected({ isAdmin: true }));
  await open(page, "/admin/policy");
  const [day, grace] = [page.getByLabel("From", { exact: true }), page.getByLabel("Days of grace")];
  for (const field of [day, grace]) await expect(field).toBeHidden();
  await page.getByRole("radio", { name: "Everyone, from now on" }).check();
  await expect(day).toBeHidden();
  await grace.fill("91");
  await page.getByRole("radio", { name: "Administrators only" }).check();
  await expect(grace).toBeHidden();
  await page.getByRole("button", { name: "Save the policy" }).click();
  await expect(alertOf(page)).toHaveText("Enter a whole number of days from 0 to 90.");
  // What was refused is in sight, whatever is chosen, and stays there while it is mended.
  await grace.fill("9");
  await expect(grace).toBeVisible();
  await page.getByRole("radio", { name: "Everyone, from a day on" }).check();
  await grace.fill("5");
  await day.fill("2020-01-01");
  await page.getByRole("button", { name: "Save the policy" }).click();
  await expect(alertOf(page)).toHaveText("Choose today or a later day, as 2031-12-31.");
  await expect(page.getByRole("radio", { name: "Everyone, from a day on" })).toBeChecked();
  expect(await db.policy.findFirst()).toMatchObject({ requiredFrom: null, graceDays: 7 });
});

test("a policy is saved after a fresh proof alone, and what was typed is there again", async ({
  page,
  db,
  makeProtected,
  bringSession,
}) => {
  const administrator = await makeProtected({ isAdmin: true });
  await bringSession(page, administrator);
  const longAgo = new Date(Date.now() - 700_000);
  await db.session.updateMany({ where: { userId: administrator.id }, data: { factorProvenAt: longAgo } });
  await open(page, "/admin/policy");
  await page.getByRole("radio", { name: "Everyone, from now on" }).check();
  await page.getByLabel("Days of grace").fill("14");
  await page.getByRole("button", { name: "Save the policy" }).click();
  await arriveAt(page, "/step-up");
  await codeField(page).fill(administrator.phone.code(new Date()));
  await arriveAt(page, "/admin/policy");
  await expect(page.getByText("Not done yet")).toBeVisible();
  await expect(page.getByLabel("Days of grace")).toHaveValue("14");
  expect(await db.policy.findFirst()).toMatchObject({ graceDays: 7 });
  await page.getByRole("button", { name: "Save the policy" }).click();
  await expect(page.getByText("The policy is saved.")).toBeVisible();
  expect(await db.policy.findFirst()).toMatchObject({ graceDays: 14 });
});

test("the adoption is shown by filters, page by page, and downloaded by administrators alone", async ({
  page,
  openBrowser,
  db,
  person,
  protectedPerson,
  makeProtected,
  bringSession,
  request,
}) => {
  const many = Array.from({ length: 60 }, (_, index) => `many${String(index).padStart(2, "0")}`);
  await db.user.createMany({
    data: many.map((id) => ({
      id,
      email: `${id}@example.org`,
      passwordHash: "",
      createdAt: new Date(),
      name: "=1+1",
    })),
  });
  const administrator = await makeProtected({ isAdmin: true });
  await bringSession(page, administrator);
  await open(page, "/admin/adoption");
  await expect(page.getByText(/^2 of 63 accounts have/)).toBeVisible();
  await page.getByRole("link", { name: "Without (61)" }).click();
  await takenOver(page);
  await expect(page.getByRole("row")).toHaveCount(51);
  await page.getByRole("link", { name: "Next" }).click();
  await takenOver(page);
  await expect(page.getByRole("row")).toHaveCount(12);
  await page.getByRole("link", { name: "With (2)" }).click();
  await takenOver(page);
  await expect(page.getByRole("row", { name: protectedPerson.email })).toContainText("On");
  await expect(page.getByRole("row", { name: person.email })).toHaveCount(0);

  const downloaded = page.waitForEvent("download");
  await page.goto("/admin/adoption?show=all");
  await page.getByRole("link", { name: "Download as CSV" }).click();
  const csv = await readFile(await (await downloaded).path(), "utf8");
  expect(csv.split("\r\n").length).toBe(65);
  expect(csv).toContain("many00@example.org,'=1+1,no,no,");
  const answer = await page.request.get("/admin/adoption.csv");
  expect(answer.headers()).toMatchObject({
    "content-type": "text/csv; charset=utf-8",
    "cache-control": "no-store",
  });
  expect(answer.headers()["content-disposition"]).toMatch(/^attachment; filename="adoption-[\d-]+\.csv"$/);
  expect(await db.event.count({ where: { kind: "audit.exported", actor: administrator.id } })).toBe(2);

  const theirs = await openBrowser();
  await bringSession(theirs, protectedPerson);
  expect((await theirs.request.get("/admin/adoption.csv")).status()).toBe(403);
  const nobody = await request.get("/admin/adoption.csv", { maxRedirects: 0 });
  expect([307, 401]).toContain(nobody.status());
  await removePeople(
    db,
    many.map((id) => `${id}@example.org`),
  );
});

test("without script, too, a policy is saved", async ({ page, db, makeProtected, bringSession }) => {
  await bringSession(page, await makeProtected({ isAdmin: true }));
  const [form] = (await readForms(page.request, "/admin/policy")).filter(({ inputs }) =>
    inputs.includes("graceDays"),
  );
  if (!form) throw new Error("the page should have a form");
  const answer = await postForm(page.request, form, [
    ["from", "never"],
    ["requiredFrom", ""],
    ["graceDays", "0"],
  ]);
  expect(answer.status()).toBe(303);
  expect(
    formsIn(await (await page.request.get("/admin/policy?done=saved")).text(), "").length,
  ).toBeGreaterThan(0);
  expect(await db.policy.findFirst()).toMatchObject({ requiredFrom: null, graceDays: 0 });
});
