import { readdir } from "node:fs/promises";
import { getPriority } from "node:os";
import { expect, it, vi } from "vitest";
import {
  argon2Hash,
  argon2Verify,
  hashesUnderWay,
  MOST_WAITING,
  requireRoomToHash,
  TooManyHashes,
} from "./argon2";
import { verifyPassword } from "./passwords";

/** Hashes until there is no more room. */
function fillLine(): Promise<string>[] {
  const flood: Promise<string>[] = [];
  expect(() => {
    for (let n = 0; n < 1000; n += 1) {
      requireRoomToHash();
      flood.push(argon2Hash("x"));
    }
  }).toThrow(TooManyHashes);
  return flood;
}

it("a flood of hashes waits in line, who asks beyond a number is told so, and it leaves nothing behind", async () => {
  const flood = fillLine();
  expect(hashesUnderWay()).toEqual({ running: flood.length - MOST_WAITING, waiting: MOST_WAITING });
  expect(await Promise.all(flood)).toHaveLength(flood.length);
  expect(hashesUnderWay()).toEqual({ running: 0, waiting: 0 });
  // It goes on as ever after that, for people nobody has heard of as well.
  expect(await verifyPassword(null, "x")).toEqual({ isRight: false, needsRehash: false });
  const stored = await argon2Hash("y");
  expect([await argon2Verify(stored, "y"), await argon2Verify(stored, "x")]).toEqual([true, false]);
});

it("where hashing takes long, nobody is let in who would wait for more than half a minute", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    const slow = argon2Hash("x");
    vi.advanceTimersByTime(24_000);
    await slow;
    // Of those 24 seconds an eighth counts at once: three for each that waits, and whatever hashes took before.
    const flood = fillLine();
    const { running, waiting } = hashesUnderWay();
    expect(waiting / running).toBeGreaterThan(1);
    expect(waiting / running).toBeLessThanOrEqual(10);
    await Promise.all(flood);
    // No time has passed meanwhile: the more are quick again, the more are let in.
    const more = fillLine();
    expect(more.length).toBeGreaterThan(flood.length);
    await Promise.all(more);
  } finally {
    vi.useRealTimers();
  }
});

it("work that fails gives its place to the next", async () => {
  const broken = Array.from({ length: 20 }, () => argon2Verify("no hash", "x"));
  expect((await Promise.allSettled(broken)).every(({ status }) => status === "rejected")).toBe(true);
  expect(await argon2Verify(await argon2Hash("y"), "y")).toBe(true);
});

it("a thread that fails takes only its own work with it", async () => {
  // What cannot be sent to a thread stands for one that ends before it answers.
  await expect(argon2Hash((() => {}) as unknown as string)).rejects.toThrow();
  expect(hashesUnderWay()).toEqual({ running: 0, waiting: 0 });
  expect(await argon2Verify(await argon2Hash("y"), "y")).toBe(true);
});

it("hashing gives way to all other work of the process", async () => {
  await argon2Hash("x");
  // Of Linux, where each thread has a priority.
  const threads = await readdir("/proc/self/task");
  const priorities = threads.map((thread) => getPriority(Number(thread)));
  expect(getPriority(process.pid)).toBe(0);
  expect(priorities.filter((priority) => priority === 15).length).toBeGreaterThan(0);
});
