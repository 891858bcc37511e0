import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, places, test } from "../places";
import { takenOver } from "../steps";

/** What axe finds, one line each. */
async function violations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
    .analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

for (const { name, path, visitor, heading } of places) {
  test(`UX-31: ${name} has no accessibility violation, light and dark, in both directions`, async ({
    page,
    watch,
    become,
  }) => {
    watch.allowRefusals();
    const there = await become(page, visitor);
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await page.goto(there(path));
    await takenOver(page);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(heading);
    expect(await violations(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    await page.evaluate(() => {
      document.documentElement.dir = "rtl";
      for (const details of document.querySelectorAll("details")) details.open = true;
    });
    expect(await violations(page)).toEqual([]);
  });
}

test("UX-31: a refused code and what it says have no violation", async ({ page, become }) => {
  await become(page, "challenged");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto("/sign-in/verify");
  await takenOver(page);
  await page.getByLabel("Authentication code").fill("000000");
  await expect(page.locator("main").getByRole("alert").filter({ hasText: "That code" })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: "light" });
  expect(await violations(page)).toEqual([]);
});

test("UX-32: whatever has the focus shows it with an outline of at least 2 px and contrast", async ({
  page,
  become,
}) => {
  await become(page, "protected");
  for (const path of ["/settings/security", "/settings/password"]) {
    await page.goto(path);
    await takenOver(page);
    for (let tabs = 0; tabs < 12; tabs += 1) {
      await page.keyboard.press("Tab");
      const outline = await page.evaluate(() => {
        const style = getComputedStyle(document.activeElement ?? document.body);
        const isBody = document.activeElement === document.body;
        return { width: Number.parseFloat(style.outlineWidth), style: style.outlineStyle, isBody };
      });
      // Behind the last control the focus is the browser's own for one step.
      if (outline.isBody) break;
      expect(outline.width).toBeGreaterThanOrEqual(2);
      expect(outline.style).not.toBe("none");
    }
  }
});

test("UX-33, UX-34: nothing moves where motion is unwanted, and nothing speaks every second", async ({
  page,
  become,
}) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await become(page, "protected");
  await page.goto("/settings/security/authenticators/new/done");
  await takenOver(page);
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll("*")]
      .filter((element) => {
        const { transitionDuration, animationName } = getComputedStyle(element);
        return animationName !== "none" || transitionDuration.split(", ").some((time) => time !== "0s");
      })
      .map((element) => element.outerHTML.slice(0, 80)),
  );
  expect(moving).toEqual([]);
  await expect(
    page.locator("[aria-live=polite], [aria-live=assertive], [role=timer]").filter({ hasText: /\d/ }),
  ).toHaveCount(0);
});
