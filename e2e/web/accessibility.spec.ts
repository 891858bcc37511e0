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

/** How the page's colours stand against each other, by their names in globals.css (WCAG 2.2, "contrast ratio"). */
async function contrasts(page: Page): Promise<(one: string, other: string) => number> {
  const luminances = await page.evaluate(() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    if (!canvas) throw new Error("no canvas here");
    const root = getComputedStyle(document.documentElement);
    const names = [...root].filter(
      (name) => /^--[a-z-]+$/.test(name) && /^(?:oklch|#|lab|rgb)/.test(root.getPropertyValue(name)),
    );
    return names.map((name): [string, number] => {
      canvas.fillStyle = root.getPropertyValue(name);
      canvas.fillRect(0, 0, 1, 1);
      const [r = 0, g = 0, b = 0] = [...canvas.getImageData(0, 0, 1, 1).data].map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return [name.slice(2), 0.2126 * r + 0.7152 * g + 0.0722 * b];
    });
  });
  const known = new Map(luminances);
  return (one, other) => {
    const [darker = Number.NaN, lighter = Number.NaN] = [one, other]
      .map((name) => known.get(name) ?? Number.NaN)
      .sort((a, b) => a - b);
    return (lighter + 0.05) / (darker + 0.05);
  };
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

for (const colorScheme of ["light", "dark"] as const) {
  test(`UX-32: letters hold 7:1 and edges 3:1 on every ground (${colorScheme})`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.goto("/sign-in");
    const ratio = await contrasts(page);
    const grounds = ["paper", "sheet"];
    for (const words of ["ink", "quiet", "given", "owed", "danger"])
      for (const ground of [...grounds, ...(/ink|quiet/.test(words) ? [] : [`${words}-soft`])])
        expect(ratio(words, ground), `${words} on ${ground}`).toBeGreaterThanOrEqual(7);
    for (const edge of ["edge", "given", "owed-mark", "danger"])
      for (const ground of grounds)
        expect(ratio(edge, ground), `${edge} on ${ground}`).toBeGreaterThanOrEqual(3);
    for (const button of ["given", "danger"])
      expect(ratio(`on-${button}`, `${button}-strong`), button).toBeGreaterThanOrEqual(7);
  });

  test(`UX-33: the page is ${colorScheme} from its first moment`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    // Whatever comes later, a style sheet or a script, has not come yet.
    const styles = /\.css/;
    await page.route(styles, () => undefined);
    await page.goto("/sign-in", { waitUntil: "commit" });
    await page.locator("meta[name=color-scheme]").waitFor({ state: "attached" });
    const ground = await page.evaluate(() => {
      const probe = document.documentElement.appendChild(document.createElement("i"));
      probe.style.color = "CanvasText";
      return getComputedStyle(probe).color;
    });
    expect(ground).toBe(colorScheme === "light" ? "rgb(0, 0, 0)" : "rgb(255, 255, 255)");
    await page.unrouteAll({ behavior: "ignoreErrors" });
  });
}

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
