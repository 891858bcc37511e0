import type { Page } from "@playwright/test";
import { expect, places, test } from "../places";
import { arriveAt, takenOver, VERIFY, WIZARD } from "../steps";

test.use({ viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });

/** Controls that a finger might miss: smaller than 24 px in a direction, or buttons and fields under 44 px in height. */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("a, button, summary, input:not([type=hidden])")].flatMap((element) => {
      // A box to tick and a choice are as large as their label, which ticks them, too.
      const isChoice = element.matches("[type=checkbox], [type=radio]");
      const target = isChoice ? (element.closest("label") ?? element) : element;
      const { width, height } = target.getBoundingClientRect();
      if (width < 2 || height < 2 || !element.checkVisibility()) return [];
      const least = element.matches("button[type=submit], input") ? 44 : 24;
      const isEnough = width >= 24 && height >= least;
      return isEnough ? [] : [`${Math.round(width)}x${Math.round(height)} ${element.outerHTML.slice(0, 90)}`];
    }),
  );
}

/** Words that do not fit into what they stand in, where it does not let them overflow. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("#content *:not(input)")].flatMap((element) => {
      const isCut = element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1;
      const hides = ["hidden", "clip"].includes(getComputedStyle(element).overflowX);
      return isCut && hides ? [element.outerHTML.slice(0, 90)] : [];
    }),
  );
}

for (const { name, path, visitor, heading } of places) {
  test(`UX-20: ${name} fits a phone 320 px wide, with targets for fingers, and a screen at 200 %`, async ({
    page,
    watch,
    become,
  }) => {
    watch.allowRefusals();
    const there = await become(page, visitor);
    await page.goto(there(path));
    await takenOver(page);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(heading);
    await page.evaluate(() => {
      for (const details of document.querySelectorAll("details")) details.open = true;
    });
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(widths).toEqual([320, 320]);
    expect(await smallTargets(page)).toEqual([]);
    // A computer's screen, 1280 px wide, at 200 % (WCAG 2.2, 1.4.4); the phone's width is its 400 % (1.4.10).
    await page.setViewportSize({ width: 640, height: 512 });
    const zoomed = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect(zoomed).toEqual([640, 640]);
    expect(await cutOff(page)).toEqual([]);
  });
}

test("UX-20, UX-21: on a phone the picture fits, the key is open and the app can be opened", async ({
  page,
  become,
}) => {
  await become(page, "setting up");
  await page.goto(WIZARD);
  await takenOver(page);
  const box = await page.getByRole("img", { name: /QR code/ }).boundingBox();
  expect((box?.x ?? 0) + (box?.width ?? 321)).toBeLessThanOrEqual(320);
  await expect(page.locator("#key")).toBeVisible();
  const link = page.getByRole("link", { name: "Open in authenticator app" });
  await expect(link).toBeVisible();
  await expect(link).toHaveAttribute("href", /^otpauth:\/\/totp\//);
});

test("on a phone one signs in by tapping", async ({ page, protectedPerson }) => {
  await page.goto("/sign-in");
  await takenOver(page);
  await page.getByLabel("E-mail address").fill(protectedPerson.email);
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
  await page.getByRole("button", { name: "Sign in", exact: true }).tap();
  await arriveAt(page, VERIFY);
  await page.getByLabel("Authentication code").fill(protectedPerson.phone.code(new Date()));
  await page.waitForURL("**/settings/security");
});
