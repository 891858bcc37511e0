import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findProjectRoot } from "@/lib/db/project-root";
import { expect, type Place, places, test } from "../places";
import { withPalette } from "../png";
import { takenOver } from "../steps";

// The README's pictures. They are made anew with SCREENSHOTS=1; otherwise the pages are only looked at.
const isKept = process.env.SCREENSHOTS === "1";
const largestBytes = 80_000;
const size = { width: 900, height: 640 };

test.use({ viewport: size, deviceScaleFactor: 1, colorScheme: "light" });

const shots: [string, Place["name"]][] = [
  ["sign-in", "sign-in"],
  ["verify", "code entry"],
  ["set-up", "set-up, scan"],
  ["settings", "security, on"],
];

for (const [file, name] of shots) {
  test(`the picture of ${name} shows the page, and is small`, async ({ page, become }) => {
    const place = places.find((one) => one.name === name);
    if (!place) throw new Error(`there is no page called ${name}`);
    const there = await become(page, place.visitor);
    await page.goto(there(place.path));
    await takenOver(page);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(place.heading);
    await page.evaluate(() => document.fonts.ready);
    const picture = withPalette(await page.screenshot({ animations: "disabled", caret: "hide" }));
    expect(picture.length).toBeLessThan(largestBytes);
    if (!isKept) return;
    const folder = join(findProjectRoot(), "docs", "screenshots");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${file}.png`), picture);
  });
}
