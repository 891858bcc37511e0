import { readdir } from "node:fs/promises";
import { getPriority } from "node:os";
import { expect, it } from "vitest";
import { argon2Hash, argon2Verify, hashesUnderWay, requireRoomToHash, TooManyHashes } from "./argon2";
import { verifyPassword } from "./passwords";

it("a flood of hashes waits in line, who asks beyond a number is told so, and it leaves nothing behind", async () => {
  const flood: Promise<string>[] = [];
  expect(() => {
    for (let n = 0; n < 1000; n += 1) {
      requireRoomToHash();
      flood.push(argon2Hash("x"));
    }
  }).toThrow(TooManyHashes);
  expect(hashesUnderWay()).toEqual({ running: flood.length - 400, waiting: 400 });
  expect(await Promise.all(flood)).toHaveLength(flood.length);
  expect(hashesUnderWay()).toEqual({ running: 0, waiting: 0 });
  // It goes on as ever after that, for people nobody has heard of as well.
  expect(await verifyPassword(null, "x")).toEqual({ isRight: false, needsRehash: false });
  const stored = await argon2Hash("y");
  expect([await argon2Verify(stored, "y"), await argon2Verify(stored, "x")]).toEqual([true, false]);
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
