import { expect, test } from "../fixtures";
import { failCodes } from "../people";
import { alertOf, arriveAt, codeField, fillPassword, reachCodeEntry, SECURITY, VERIFY } from "../steps";

const expireChallenges = { data: { expiresAt: new Date(0) } };

test("UX-13: an expired sign-in is explained and ends where it was going", async ({
  page,
  db,
  protectedPerson,
}) => {
  await reachCodeEntry(page, protectedPerson.email, "/settings/password");
  await db.challenge.updateMany({ where: { userId: protectedPerson.id }, ...expireChallenges });
  await codeField(page).fill(protectedPerson.phone.code(new Date()));
  await arriveAt(page, "/sign-in");
  await expect(
    page.getByText(/For your security we ended this sign-in.*bring you back to Password/),
  ).toBeVisible();
  await fillPassword(page, protectedPerson.email);
  await arriveAt(page, VERIFY);
  await codeField(page).fill(protectedPerson.phone.code(new Date()));
  await arriveAt(page, "/settings/password");
});

test("UX-13: a page opened after the sign-in expired explains it too", async ({
  page,
  db,
  protectedPerson,
}) => {
  await reachCodeEntry(page, protectedPerson.email, "/settings/password");
  await db.challenge.updateMany({ where: { userId: protectedPerson.id }, ...expireChallenges });
  await page.goto("/settings/password");
  await arriveAt(page, "/sign-in");
  await expect(page.getByText(/For your security we ended this sign-in.*Password/)).toBeVisible();
});

test("five wrong codes end the sign-in, and the next one is not looked at", async ({
  page,
  protectedPerson,
}) => {
  await reachCodeEntry(page, protectedPerson.email);
  for (const left of ["4 tries left.", "3 tries left.", "2 tries left.", "1 try left."]) {
    await codeField(page).fill(protectedPerson.phone.wrongCode(new Date()));
    await expect(alertOf(page)).toContainText(left);
  }
  await codeField(page).fill(protectedPerson.phone.wrongCode(new Date()));
  await arriveAt(page, "/sign-in");
  await expect(page.getByText(/For your security we ended this sign-in/)).toBeVisible();
});

test("UX-10: a wait shows its seconds, counts down, and opens the field again by itself", async ({
  page,
  db,
  watch,
  protectedPerson,
}) => {
  watch.allowRefusals();
  await page.clock.install();
  await reachCodeEntry(page, protectedPerson.email);
  await failCodes(db, protectedPerson, 5, 42_000);
  const answered = page.waitForResponse((response) => response.request().method() === "POST");
  await codeField(page).fill(protectedPerson.phone.code(new Date()));
  const answer = await answered;
  expect(answer.status()).toBe(429);
  const seconds = Number(answer.headers()["retry-after"]);
  expect(seconds).toBeGreaterThan(30);
  await expect(alertOf(page)).toContainText(
    /Too many tries\. Try again in \d+ seconds, or use a recovery code/,
  );
  await expect(page.getByRole("button", { name: "Verify" })).toBeDisabled();
  await page.clock.runFor(10_000);
  await expect(alertOf(page)).toContainText(`Try again in ${seconds - 10} seconds`);
  await page.clock.runFor(40_000);
  await expect(alertOf(page)).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Verify" })).toBeEnabled();
  await db.factorBudget.update({ where: { userId: protectedPerson.id }, data: { waitUntil: new Date(0) } });
  await codeField(page).fill(protectedPerson.phone.code(new Date()));
  await arriveAt(page, SECURITY);
});

test("a hard stop leads to the recovery codes, which still sign in", async ({
  page,
  db,
  protectedPerson,
}) => {
  await failCodes(db, protectedPerson, 20, 0);
  await page.goto("/sign-in");
  await fillPassword(page, protectedPerson.email);
  await arriveAt(page, VERIFY);
  await expect(codeField(page)).toHaveCount(0);
  await page.getByRole("main").getByRole("link", { name: "Use a recovery code" }).click();
  await page.getByLabel("Recovery code").fill(protectedPerson.recoveryCodes[0] ?? "");
  await page.getByRole("button", { name: "Verify" }).click();
  await arriveAt(page, "/sign-in/recovery-used");
});

test("UX-14: “Not you? Sign out” gives the sign-in up", async ({ page, db, protectedPerson }) => {
  await reachCodeEntry(page, protectedPerson.email);
  await page.getByRole("button", { name: "Sign out" }).click();
  await arriveAt(page, "/sign-in");
  expect(await db.challenge.count({ where: { userId: protectedPerson.id } })).toBe(0);
  await page.goto(VERIFY);
  await arriveAt(page, "/sign-in");
});

test("UX-27: a recovery code signs in once, and says how many are left; few are a warning", async ({
  page,
  db,
  protectedPerson,
}) => {
  const { id, email, recoveryCodes } = protectedPerson;
  await reachCodeEntry(page, email);
  await page.getByRole("link", { name: "Use a recovery code" }).click();
  await page.getByLabel("Recovery code").fill(recoveryCodes[0] ?? "");
  await page.getByRole("button", { name: "Verify" }).click();
  await arriveAt(page, "/sign-in/recovery-used");
  await expect(page.getByText("You have 9 left.")).toBeVisible();
  await page.goto(SECURITY);
  await expect(page.getByText("9 of 10 recovery codes left")).toBeVisible();
  const unused = await db.recoveryCode.findMany({ where: { userId: id, usedAt: null }, take: 6 });
  await db.recoveryCode.updateMany({
    where: { id: { in: unused.map((code) => code.id) } },
    data: { usedAt: new Date() },
  });
  await page.reload();
  await expect(page.getByText("3 of 10 codes are left.")).toBeVisible();
  await expect(page.getByText("Few are left. Make new ones and save them.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Make new codes" })).toBeVisible();
});

test("a used recovery code is refused, with the tries that are left", async ({
  page,
  db,
  protectedPerson,
}) => {
  await db.recoveryCode.updateMany({ where: { userId: protectedPerson.id }, data: { usedAt: new Date() } });
  await reachCodeEntry(page, protectedPerson.email);
  await page.getByRole("link", { name: "Use a recovery code" }).click();
  await page.getByLabel("Recovery code").fill(protectedPerson.recoveryCodes[0] ?? "");
  await page.getByRole("button", { name: "Verify" }).click();
  await expect(alertOf(page)).toHaveText(
    "That recovery code didn't work. Each one can be used once. 4 tries left.",
  );
});
