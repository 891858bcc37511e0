import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openDatabase } from "@/lib/db/client";
import { embeddedConnection } from "@/lib/db/connection";
import { embeddedPaths } from "@/lib/db/embedded/paths";
import {
  killServer,
  runCommand,
  type Settings,
  startServer,
  type TestServer,
  until,
} from "./testing/process";

// Real processes on one embedded database. They need what script/build makes.
let dataDir: string;
let settings: Settings;
let server: TestServer;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "countersign-faults-"));
  settings = { DATA_DIR: dataDir };
});
afterAll(() => rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));

beforeEach(async () => {
  server = await startServer(settings);
});
afterEach(() => killServer(server));

/** The process of the running server's database, as the lock file names it. */
function databasePid(): number {
  return JSON.parse(readFileSync(embeddedPaths(dataDir).lock, "utf8")).pid;
}

async function isReady(): Promise<boolean> {
  return (await fetch(`${server.url}/readyz`).catch(() => null))?.ok ?? false;
}

test("the first start prints the link for the first administrator, and makes a private key file", async () => {
  const link = new RegExp(`${server.url}/set-up\\?token=[\\w-]{43}\\b`);
  await until(() => link.test(server.output()), 10_000);
});

test("a second server refuses and names the first", async () => {
  const database = databasePid();
  const { code, stderr, stdout } = await runCommand(["serve"], settings);
  expect(code).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(new RegExp(`^countersign: .*process ${server.pid}\\b[^\\n]*\\n$`));
  await until(isReady, 60_000);
  expect(databasePid()).toBe(database);
});

test("what was acknowledged outlives kill -9 of the database process, which comes back by itself", async () => {
  const db = openDatabase(embeddedConnection(dataDir));
  const acknowledged: string[] = [];
  const write = async () => {
    for (let n = 0; ; n += 1) {
      const key = `fault-${acknowledged.length}-${n}`;
      await db.passwordBudget.create({ data: { key, failures: 1, lastAt: new Date() } });
      acknowledged.push(key);
    }
  };
  const writing = write().catch(() => {});
  await until(() => acknowledged.length >= 50, 60_000);
  process.kill(databasePid(), "SIGKILL");
  await writing;
  await until(isReady, 60_000);
  const kept = await db.passwordBudget.findMany({ where: { key: { in: acknowledged } } });
  expect(kept).toHaveLength(acknowledged.length);
  await db.$disconnect();
});

test("what was acknowledged outlives kill -9 of the web process", async () => {
  const email = `${Date.now()}@example.org`;
  const person = ["--email", email, "--password-stdin", "--json"];
  const made = await runCommand(["user", "create", ...person], settings, "a long enough password\n");
  expect(JSON.parse(made.stdout)).toEqual({ id: expect.any(String), number: expect.any(Number), email });
  await killServer(server);
  server = await startServer(settings);
  await until(isReady, 60_000);
  const shown = await runCommand(["user", "show", "--email", email, "--json"], settings);
  expect(JSON.parse(shown.stdout)).toMatchObject({ email });
});

test("a frozen database: not ready, and ready again without a restart", async () => {
  const pid = databasePid();
  process.kill(pid, "SIGSTOP");
  try {
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  } finally {
    process.kill(pid, "SIGCONT");
  }
  await until(isReady, 60_000);
  expect(databasePid()).toBe(pid);
});

test("SIGTERM finishes a request in flight, stops the database and exits with 0", async () => {
  const pid = databasePid();
  const port = Number(new URL(server.url).port);
  const socket = connect(port, "localhost");
  const answer = text(socket);
  socket.write(
    "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nab",
  );
  // Answered on another connection: so the first one's request has been read, too.
  await fetch(`${server.url}/healthz`);
  server.child.kill("SIGTERM");
  await until(() => server.output().includes('"stopping"'), 5000);
  socket.write("cd");
  expect(await answer).toMatch(/^HTTP\/1\.1 \d{3} /);
  expect(await server.ended).toBe(0);
  expect(() => process.kill(pid, 0)).toThrow();
});
