import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type DatabaseProxy, openDatabaseProxy } from "@/lib/db/testing/database-proxy";
import { createDatabase } from "@/lib/db/testing/databases";
import { killServer, startServer, type TestServer, until } from "./testing/process";

// A server of ours on a PostgreSQL server that goes away and comes back. Needs what script/build makes.
let database: Awaited<ReturnType<typeof createDatabase>>;
let proxy: DatabaseProxy;
let dataDir: string;
let server: TestServer;

beforeAll(async () => {
  database = await createDatabase(inject("connections").postgresql.connectionString ?? "");
  proxy = await openDatabaseProxy(database.url);
  dataDir = await mkdtemp(join(tmpdir(), "countersign-away-"));
  server = await startServer({ DATA_DIR: dataDir, DATABASE_URL: proxy.url });
});

afterAll(async () => {
  await killServer(server);
  await proxy.stop();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

const isReady = async () => (await fetch(`${server.url}/readyz`)).ok;

test.each([
  ["gone", () => proxy.cut()],
  ["frozen", async () => proxy.freeze()],
])("while it is %s the server is not ready, and then is by itself", async (_what, block) => {
  await until(isReady, 60_000);
  await block();
  expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  await proxy.heal();
  await until(isReady, 60_000);
});
