import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { findProjectRoot } from "../project-root";
import { findHolder } from "./lock";
import { embeddedPaths } from "./paths";
import { type EmbeddedDatabase, startEmbeddedDatabase } from "./start";
import { runUpkeep } from "./upkeep";

let template: string;
let dataDir: string;
const open: { stop(): Promise<void> }[] = [];

// Making a database takes seconds, copying one does not.
beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), "countersign-template-"));
  await (await startEmbeddedDatabase(template, "serve")).stop();
});

afterAll(() => rmSync(template, { recursive: true, force: true }));

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "countersign-embedded-"));
  cpSync(embeddedPaths(template).database, embeddedPaths(dataDir).database, { recursive: true });
});

afterEach(async () => {
  await Promise.allSettled(open.splice(0).map((database) => database.stop()));
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(purpose: "serve" | "command" = "serve", where = dataDir): Promise<EmbeddedDatabase> {
  const database = await startEmbeddedDatabase(where, purpose);
  open.push(database);
  return database;
}

async function query(database: EmbeddedDatabase, sql: string): Promise<unknown[]> {
  const client = new pg.Client(database.connection);
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test("a second server is refused at once, and told who holds the directory", async () => {
  const first = await start();
  await expect(start()).rejects.toMatchObject({
    isInUse: true,
    message: expect.stringMatching(new RegExp(`process ${process.pid}\\b.*process ${first.pid}\\b`)),
  });
  expect(await query(first, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("acknowledged rows are there after kill -9, and the socket left behind is no hindrance", async () => {
  const killed = await start();
  await query(killed, "CREATE TABLE kept (n int)");
  for (let n = 0; n < 20; n += 1) await query(killed, `INSERT INTO kept VALUES (${n})`);
  process.kill(killed.pid, "SIGKILL");
  await killed.ended;
  expect(existsSync(embeddedPaths(dataDir).socket)).toBe(true);
  const next = await start();
  expect(await query(next, "SELECT count(*)::int AS count FROM kept")).toEqual([{ count: 20 }]);
});

test("a database whose making was cut short is made anew", async () => {
  rmSync(embeddedPaths(dataDir).database, { recursive: true });
  mkdirSync(`${embeddedPaths(dataDir).database}.new`);
  writeFileSync(join(`${embeddedPaths(dataDir).database}.new`, "PG_VERSION"), "18\n");
  expect(await query(await start(), "SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("upkeep gives the write-ahead log and dead rows back", async () => {
  const database = await start();
  await query(database, "CREATE TABLE busy (n int)");
  await query(database, "INSERT INTO busy SELECT generate_series(1, 1000)");
  await query(database, "DELETE FROM busy");
  const before = await query(database, "SELECT redo_lsn::text FROM pg_control_checkpoint()");
  await runUpkeep(database.connection, true);
  expect(await query(database, "SELECT redo_lsn::text FROM pg_control_checkpoint()")).not.toEqual(before);
  expect(await query(database, "SELECT pg_relation_size('busy')::int AS size")).toEqual([{ size: 0 }]);
});

test("a stale lock file that names a live process is no hindrance", async () => {
  const stale = {
    pid: 1,
    parentPid: 1,
    purpose: "serve",
    state: "open",
    startedAt: new Date().toISOString(),
  };
  writeFileSync(embeddedPaths(dataDir).lock, JSON.stringify(stale));
  expect(findHolder(embeddedPaths(dataDir).lock)).toBeNull();
  await start();
  expect(findHolder(embeddedPaths(dataDir).lock)).toMatchObject({ parentPid: process.pid });
});

test("a database that is closing is waited for", async () => {
  const first = await start();
  const stopped = first.stop();
  const next = await start();
  expect(await query(next, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  await stopped;
});

test("it ends with the process that started it, and a new one may start then", async () => {
  const parent = forkParent();
  const [pid] = await once(parent, "message");
  parent.kill("SIGKILL");
  await start();
  await vi.waitFor(() => expect(() => process.kill(Number(pid), 0)).toThrow(), { timeout: 5000 });
});

/** A process that starts the database as a server would, says its pid and then does nothing. */
function forkParent(): ChildProcess {
  const file = join(findProjectRoot(), "dist", "database-process.js");
  const script = join(dataDir, "parent.mjs");
  writeFileSync(
    script,
    `import { fork } from "node:child_process";
     const child = fork(${JSON.stringify(file)}, [${JSON.stringify(dataDir)}, "serve"]);
     child.once("message", () => process.send(child.pid));`,
  );
  return fork(script);
}

test("a client that vanishes inside a transaction holds nobody up", async () => {
  const database = await start();
  await query(database, "CREATE TABLE held (n int)");
  const vanishing = new pg.Client(database.connection);
  vanishing.on("error", () => {});
  await vanishing.connect();
  await vanishing.query("BEGIN");
  await vanishing.query("INSERT INTO held VALUES (1)");
  // What a killed process leaves: a closed connection, no goodbye. pg's types leave out its stream.
  (vanishing as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  expect(await query(database, "SELECT count(*)::int AS count FROM held")).toEqual([{ count: 0 }]);
});

test("many clients at once get their own answers, errors between them included", async () => {
  const database = await start();
  const pool = new pg.Pool({ ...database.connection, max: 10 });
  const answers = Array.from({ length: 500 }, async (_, n) => {
    if (n % 7 === 0) return expect(pool.query("SELECT 1 / $1::int", [0])).rejects.toThrow(/division/);
    const { rows } = await pool.query(n % 2 ? "SELECT $1::int AS n" : "SELECT 'x' AS x, $1::int AS n", [n]);
    return expect(rows[0].n).toBe(n);
  });
  await Promise.all(answers);
  await pool.end();
});

test("a path too long for a socket's address is no hindrance", async () => {
  const database = await start("serve", join(dataDir, "d".repeat(120)));
  expect(embeddedPaths(join(dataDir, "d".repeat(120))).socket.length).toBeLessThan(104);
  expect(await query(database, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  rmSync(String(database.connection.host), { recursive: true, force: true });
});

test("a command's database lets others that joined it finish", async () => {
  const database = await start("command");
  const other = new pg.Client(database.connection);
  other.on("error", () => {});
  await other.connect();
  const stopped = database.stop();
  expect((await other.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  await other.end();
  await stopped;
});

test("connections that ask at once each get their own answer", async () => {
  const database = await start();
  const clients = Array.from({ length: 12 }, () => new pg.Client(database.connection));
  await Promise.all(clients.map((client) => client.connect()));
  // Each client its own statement with its own columns, as parameters and as a transaction's.
  const ask = async (client: pg.Client, n: number) => {
    for (let turn = 0; turn < 30; turn += 1) {
      if (n % 3 === 0) await client.query("BEGIN");
      const { rows } = await client.query(`SELECT $1::int + ${n} AS "column${n}"`, [turn]);
      expect(rows).toEqual([{ [`column${n}`]: turn + n }]);
      if (n % 3 === 0) await client.query("COMMIT");
    }
  };
  const answers = await Promise.allSettled(clients.map(ask));
  await Promise.all(clients.map((client) => client.end()));
  expect(answers.filter(({ status }) => status === "rejected")).toEqual([]);
});
