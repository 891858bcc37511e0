import { newId } from "@/lib/core/ids";
import { expect, test } from "../fixtures";
import { SECURITY } from "../steps";

// Nothing here needs a script.
test.use({ javaScriptEnabled: false });

test("the last 20 events are on the settings page, and all of them page by page", async ({
  page,
  db,
  protectedPerson,
  bringSession,
  watch,
}) => {
  watch.allowRefusals();
  const { id: userId } = protectedPerson;
  const longAgo = Date.now() - 86_400_000;
  const rows = Array.from({ length: 120 }, (_, index) => {
    const createdAt = new Date(longAgo + index * 1000);
    const where = { via: "pages", address: "192.0.2.7", userAgent: "", actor: userId };
    return {
      id: newId(createdAt),
      createdAt,
      kind: "totp.renamed",
      userId,
      details: { name: `${index}` },
      ...where,
    };
  });
  await db.event.createMany({ data: rows });
  const total = await db.event.count({ where: { userId } });
  await bringSession(page, protectedPerson);
  await page.goto(SECURITY);
  await expect(page.locator("#activity tbody tr")).toHaveCount(20);
  await page.getByRole("link", { name: "All activity" }).click();
  const seen: string[] = [];
  const events = page.locator("main tbody tr");
  await expect(page.getByRole("link", { name: "Newest" })).toHaveCount(0);
  for (const expected of [50, 50]) {
    await expect(events).toHaveCount(expected);
    seen.push(...(await events.allTextContents()));
    const from = page.url();
    await page.getByRole("link", { name: "Older" }).click();
    await expect(page).not.toHaveURL(from);
  }
  await expect(events).toHaveCount(total - 100);
  seen.push(...(await events.allTextContents()));
  for (const index of [0, 60, 119])
    expect(seen.filter((text) => text.includes(`“${index}”`))).toHaveLength(1);
  await expect(page.getByRole("link", { name: "Older" })).toHaveCount(0);
  await page.getByRole("link", { name: "Newest" }).click();
  await expect(page).toHaveURL(new RegExp(`${SECURITY}/activity$`));
  expect((await page.goto(`${SECURITY}/activity?before=x`))?.status()).toBe(404);
});
