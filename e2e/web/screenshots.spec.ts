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

// One after the other: each shows the same e-mail address, which only one account can have at a time.
test.describe.configure({ mode: "default" });
test.use({ viewport: size, deviceScaleFactor: 1, colorScheme: "light" });

const shots: [string, Place["name"]][] = [
  ["sign-in", "sign-in"],
  ["verify", "code entry"],
  ["set-up", "set-up, scan"],
  ["settings", "security, on"],
];

for (const [file, name] of shots) {
  test(`the picture of ${name} shows the page, and is small`, async ({ page, become, db, address }) => {
    const place = places.find((one) => one.name === name);
    if (!place) throw new Error(`there is no page called ${name}`);
    const there = await become(page, place.visitor);
    const owner = await db.user.findFirst({
      where: { sessions: { some: { address } } },
      orderBy: { id: "desc" },
    });
    const rename = (email: string) => owner && db.user.update({ where: { id: owner.id }, data: { email } });
    await rename("you@example.org");
    await page.goto(there(place.path));
    await takenOver(page);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(place.heading);
    await page.evaluate(() => document.fonts.ready);
    const picture = withPalette(await page.screenshot({ animations: "disabled", caret: "hide" }));
    await rename(owner?.email ?? "");
    expect(picture.length).toBeLessThan(largestBytes);
    if (!isKept) return;
    const folder = join(findProjectRoot(), "docs", "screenshots");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${file}.png`), picture);
  });
}
