import { expect, it } from "vitest";
import { EVENT_KINDS, listEvents, recordEvent } from "./events";
import { contextOf, later, makePerson, testDatabase } from "./testing/fixtures";

const db = testDatabase();

it("are listed page by page, each once, the newest first, and nobody else's", async () => {
  const ctx = contextOf(db);
  const { signedIn, user } = await makePerson(ctx);
  await makePerson(ctx);
  const made = (await listEvents(ctx, signedIn, { limit: 100 })).events.length;
  for (const [second, kind] of EVENT_KINDS.slice(0, 7).entries())
    await recordEvent(later(ctx, second), { kind, userId: user.id });
  const seen: string[] = [];
  let before: string | null = null;
  do {
    const page = await listEvents(ctx, signedIn, { limit: 3, ...(before ? { before } : {}) });
    expect(page.events.length).toBeLessThanOrEqual(3);
    seen.push(...page.events.map(({ id }) => id));
    before = page.olderThan;
  } while (before !== null);
  expect(seen).toHaveLength(made + 7);
  expect(seen).toEqual([...new Set(seen)].sort().reverse());
  const own = await db.event.findMany({ where: { userId: user.id }, select: { id: true } });
  expect(own.map(({ id }) => id).sort()).toEqual([...seen].sort());
});

it("end with a full page where there are no more", async () => {
  const ctx = contextOf(db);
  const { signedIn } = await makePerson(ctx);
  const all = await listEvents(ctx, signedIn, { limit: 100 });
  const full = await listEvents(ctx, signedIn, { limit: all.events.length });
  expect(full).toEqual(all);
  expect(full.olderThan).toBeNull();
});
