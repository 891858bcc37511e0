import { expect, type Locator, type Page } from "@playwright/test";
import { PASSWORD } from "./people";

export const SECURITY = "/settings/security";
export const VERIFY = "/sign-in/verify";
export const TOKENS = "/settings/security/api-tokens";
export const WIZARD = "/settings/security/authenticators/new";

/** Opens a page and waits until its script has taken its forms over. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await takenOver(page);
}

/** Waits until the page's script has taken its forms over: before that, a form is posted as without script. */
export async function takenOver(page: Page): Promise<void> {
  await page.waitForLoadState("load");
  await page.waitForFunction(() =>
    [...document.forms].every((form) => Object.keys(form).some((key) => key.startsWith("__reactProps$"))),
  );
}

/** Waits for a page by its path, whatever its query, and for its script. */
export async function arriveAt(page: Page, path: string): Promise<void> {
  await page.waitForURL((url) => url.pathname === path);
  await takenOver(page);
}

/** The 6-digit field of the code entry and the set-up. */
export function codeField(page: Page): Locator {
  return page.getByRole("textbox", { name: "Authentication code", exact: true });
}

/** Fills the sign-in form and sends it. */
export async function fillPassword(page: Page, email: string, password: string = PASSWORD): Promise<void> {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** From the sign-in page to the code entry. */
export async function reachCodeEntry(page: Page, email: string, callbackUrl?: string): Promise<void> {
  const query = callbackUrl ? `?callbackUrl=${encodeURIComponent(callbackUrl)}` : "";
  await open(page, `/sign-in${query}`);
  await fillPassword(page, email);
  await arriveAt(page, VERIFY);
  await expect(codeField(page)).toBeVisible();
}

/** The alert that says something; the others are empty until they have to. */
export function alertOf(page: Page): Locator {
  // Next announces page changes in an alert of its own, outside of the content.
  return page.locator("#content").getByRole("alert").filter({ hasText: /\S/ });
}

/** Counts the forms that a page sends from now on. */
export function countPosts(page: Page): () => number {
  let count = 0;
  page.on("request", (request) => {
    if (request.method() === "POST") count += 1;
  });
  return () => count;
}
