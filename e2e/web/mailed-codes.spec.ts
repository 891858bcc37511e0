import type { Page } from "@playwright/test";
import { mailedCode } from "@/lib/core/mail-secrets";
import type { Database } from "@/lib/db/client";
import { test as base, expect } from "../fixtures";
import { readMail } from "../mailbox";
import type { ProtectedPerson } from "../people";
import { serverUrl } from "../server";
import { alertOf, arriveAt, fillPassword, reachCodeEntry, SECURITY, takenOver, VERIFY } from "../steps";

const test = base.extend<{ confirmedPerson: ProtectedPerson }>({
  confirmedPerson: async ({ db, protectedPerson }, use) => {
    const data = { emailVerifiedAt: new Date() };
    await db.user.update({ where: { id: protectedPerson.id }, data });
    await use(protectedPerson);
  },
});

const field = (page: Page) => page.getByRole("textbox", { name: "Code from your e-mail" });
const again = (page: Page) => page.getByRole("button", { name: "Email a new code" });

async function askForCode(page: Page, email: string): Promise<void> {
  await reachCodeEntry(page, email);
  await page.getByRole("button", { name: "Email me a code" }).click();
  await page.waitForURL(/with=mail/);
  await takenOver(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Enter the code from your e-mail");
}

async function codeIn(db: Database, email: string): Promise<string> {
  const { text } = await readMail(db, email, "sign_in_code");
  const code = text.match(/#(\d{6})$/)?.[1];
  if (!code) throw new Error(`no code at the end of this mail:\n${text}`);
  return code;
}

/** Asks for another one; the page is loaded again with it. */
async function askAgain(page: Page): Promise<void> {
  const loaded = page.waitForEvent("load");
  await again(page).click();
  await loaded;
  await takenOver(page);
}

/** As if the last code had been mailed a minute ago. */
async function waitAMinute(db: Database, { id }: ProtectedPerson): Promise<void> {
  await db.challenge.updateMany({
    where: { userId: id },
    data: { mailedAt: new Date(Date.now() - 61_000) },
  });
}

test("UX-38: a mailed code signs in; the mail says it once, its last line binds it to this host, its subject hides it", async ({
  page,
  db,
  confirmedPerson: { email },
}) => {
  await askForCode(page, email);
  await expect(field(page)).toBeFocused();
  await expect(field(page)).toHaveAttribute("autocomplete", "one-time-code");
  const { subject, text } = await readMail(db, email, "sign_in_code");
  const code = await codeIn(db, email);
  expect(subject).toBe("Countersign: Your sign-in code");
  const lines = text.split("\n");
  expect(lines.at(-1)).toBe(`@${new URL(serverUrl()).hostname} #${code}`);
  expect(lines.slice(0, -1).join("\n").split(code)).toHaveLength(2);
  await field(page).fill(code);
  await arriveAt(page, SECURITY);
  await expect(page.getByText("Signed in with password and a code from an e-mail")).toBeVisible();
  await expect(page.locator("#mail-codes")).toContainText(email);
  // It is no proof for what is sensitive.
  await page.getByRole("link", { name: "Turn off two-factor sign-in" }).click();
  await arriveAt(page, "/step-up");
  await expect(page.getByRole("button", { name: "Email me a code" })).toHaveCount(0);
});

test("UX-38: another one is mailed after a countdown; the one before is void", async ({
  page,
  db,
  confirmedPerson,
}) => {
  const { email } = confirmedPerson;
  await askForCode(page, email);
  const first = await codeIn(db, email);
  await expect(again(page)).toBeDisabled();
  await expect(page.getByText(/We can email another code in \d+ seconds\./).last()).toBeVisible();
  await waitAMinute(db, confirmedPerson);
  await page.reload();
  await takenOver(page);
  await askAgain(page);
  await expect(again(page)).toBeDisabled();
  expect(await db.mail.count({ where: { recipient: email, kind: "sign_in_code" } })).toBe(2);
  const second = await codeIn(db, email);
  expect(second).not.toBe(first);
  await field(page).fill(first);
  await expect(alertOf(page).first()).toHaveText(
    "That code didn't work. Enter the one from the newest e-mail. 4 tries left.",
  );
  await field(page).fill(second);
  await arriveAt(page, SECURITY);
});

test("a countdown ends by itself, and the button can be pressed", async ({ page, confirmedPerson }) => {
  await askForCode(page, confirmedPerson.email);
  await page.clock.install();
  await page.reload();
  await takenOver(page);
  await page.clock.runFor(10_000);
  await expect(again(page)).toBeDisabled();
  await page.clock.runFor(60_000);
  await expect(again(page)).toBeEnabled();
});

test("who is mailed too many codes is told when there will be another, and signs in by app all the same", async ({
  page,
  db,
  confirmedPerson,
  watch,
}) => {
  watch.allowRefusals();
  const { email, phone } = confirmedPerson;
  await askForCode(page, email);
  const ready = async () => {
    await waitAMinute(db, confirmedPerson);
    await page.reload();
    await takenOver(page);
  };
  for (let n = 0; n < 2; n += 1) {
    await ready();
    await askAgain(page);
  }
  await ready();
  await again(page).click();
  await expect(page.getByText(/We can email another code in 15 min\./).last()).toBeVisible();
  expect(await db.mail.count({ where: { recipient: email, kind: "sign_in_code" } })).toBe(3);
  await page.getByRole("link", { name: "Use your authenticator app" }).click();
  await takenOver(page);
  await page.getByLabel("Authentication code").fill(phone.code(new Date()));
  await arriveAt(page, SECURITY);
});

test("it is not offered before the address was confirmed, nor to administrators", async ({
  page,
  openBrowser,
  db,
  protectedPerson,
  makeProtected,
}) => {
  const admin = await makeProtected();
  await db.user.update({
    where: { id: admin.id },
    data: { isAdmin: true, emailVerifiedAt: new Date() },
  });
  const other = await openBrowser();
  for (const [browser, email] of [
    [page, protectedPerson.email],
    [other, admin.email],
  ] as const) {
    await reachCodeEntry(browser, email);
    await expect(browser.getByRole("button", { name: "Email me a code" })).toHaveCount(0);
    await browser.goto(`${VERIFY}?with=mail`);
    await expect(browser.getByRole("heading", { level: 1 })).toHaveText("Enter your authentication code");
  }
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });

  test("a mailed code signs in, and a wrong one is said", async ({
    page,
    db,
    keys,
    confirmedPerson,
    watch,
  }) => {
    watch.allowRefusals();
    const { email, id } = confirmedPerson;
    await page.goto("/settings/password");
    await fillPassword(page, email);
    await page.getByRole("button", { name: "Email me a code" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Enter the code from your e-mail");
    await expect(again(page)).toBeDisabled();
    const { mailedCodeId } = await db.challenge.findFirstOrThrow({ where: { userId: id } });
    const code = mailedCode(keys, mailedCodeId ?? "");
    await field(page).fill(code === "000000" ? "111111" : "000000");
    await page.getByRole("button", { name: "Verify" }).click();
    await expect(page.getByText("Enter the one from the newest e-mail. 4 tries left.")).toBeVisible();
    await field(page).fill(code);
    await page.getByRole("button", { name: "Verify" }).click();
    // Where the sign-in was going wants a fresh proof, which this is not.
    await expect(page).toHaveURL(/\/step-up\?callbackUrl=%2Fsettings%2Fpassword$/);
  });
});
