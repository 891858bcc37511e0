import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { embeddedConnection } from "@/lib/db/connection";
import { findHolder, type Holder, takeLock } from "@/lib/db/embedded/lock";
import { embeddedPaths, makePrivateDirectory } from "@/lib/db/embedded/paths";
import { withDatabase } from "./database";
import { until } from "./testing/process";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "countersign-join-"));
  makePrivateDirectory(dataDir);
});
afterEach(() => rmSync(dataDir, { recursive: true }));

/** What the holder of the data directory is at; null when nobody holds it. */
function stateOf(folder: string): Holder["state"] | null {
  const holder = findHolder(embeddedPaths(folder).lock);
  return holder === null || holder === "unknown" ? null : holder.state;
}

const patience = { answerMs: 0, startMs: 100_000 };

test("a database that is still being made is waited for, however long one that is open may take to answer", async () => {
  const lock = await takeLock(embeddedPaths(dataDir).lock, "serve");
  const worked = withDatabase({ databaseUrl: null, dataDir }, async () => "worked", patience);
  lock.release();
  expect(await worked).toBe("worked");
});

test("a command's database stays open until whoever joined it is done, though that one has no connection yet", async () => {
  const env = { databaseUrl: null, dataDir };
  let hasJoined = false;
  const first = withDatabase(env, () => until(() => hasJoined, 60_000));
  await until(() => stateOf(dataDir) === "open", 60_000);
  const second = withDatabase(env, async () => {
    hasJoined = true;
    await until(() => stateOf(dataDir) === "closing", 30_000);
    const client = new pg.Client(embeddedConnection(dataDir));
    await client.connect();
    const { rows } = await client.query("SELECT 1 AS one");
    await client.end();
    return rows;
  });
  expect(await second).toEqual([{ one: 1 }]);
  await first;
  expect(stateOf(dataDir)).toBeNull();
}, 120_000);

test("a database that is open and does not answer is given up", async () => {
  const lock = await takeLock(embeddedPaths(dataDir).lock, "serve");
  lock.announce("open");
  const worked = withDatabase({ databaseUrl: null, dataDir }, async () => "worked", patience);
  await expect(worked).rejects.toThrow("held by another process that does not answer");
  lock.release();
});
