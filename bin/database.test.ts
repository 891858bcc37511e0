import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { takeLock } from "@/lib/db/embedded/lock";
import { embeddedPaths, makePrivateDirectory } from "@/lib/db/embedded/paths";
import { withDatabase } from "./database";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "countersign-join-"));
  makePrivateDirectory(dataDir);
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const patience = { answerMs: 0, startMs: 100_000 };

test("a database that is still being made is waited for, however long one that is open may take to answer", async () => {
  const lock = await takeLock(embeddedPaths(dataDir).lock, "serve");
  const worked = withDatabase({ databaseUrl: null, dataDir }, async () => "worked", patience);
  lock.release();
  expect(await worked).toBe("worked");
});

test("a database that is open and does not answer is given up", async () => {
  const lock = await takeLock(embeddedPaths(dataDir).lock, "serve");
  lock.announce("open");
  const worked = withDatabase({ databaseUrl: null, dataDir }, async () => "worked", patience);
  await expect(worked).rejects.toThrow("held by another process that does not answer");
  lock.release();
});
