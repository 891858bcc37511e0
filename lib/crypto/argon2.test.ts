import { availableParallelism } from "node:os";
import { expect, it } from "vitest";
import { argon2Hash, argon2Verify, TooManyHashes } from "./argon2";
import { verifyPassword } from "./passwords";

it("a flood of hashes waits in line up to a number, is told so beyond it, and leaves nothing behind", async () => {
  const flood = Array.from({ length: 600 }, () => argon2Hash("x"));
  const results = await Promise.allSettled([...flood, verifyPassword(null, "x")]);
  const refused = results.filter((result) => result.status === "rejected");
  for (const { reason } of refused) expect(reason).toBeInstanceOf(TooManyHashes);
  expect(refused).toHaveLength(601 - 400 - Math.max(1, availableParallelism() - 1));
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
