import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { contextOf, makeProtectedPerson, PASSWORD } from "@/lib/core/testing/fixtures";
import { expectWhole } from "@/lib/core/testing/whole";
import { generateKeys, parseKeys } from "@/lib/crypto/keys";
import { type Database, openDatabase } from "@/lib/db/client";
import { type DatabaseProxy, openDatabaseProxy } from "@/lib/db/testing/database-proxy";
import { createDatabase } from "@/lib/db/testing/databases";
import { FormBrowser } from "./testing/form-browser";
import { killServer, startServer, type TestServer, until } from "./testing/process";

// A server of ours on a PostgreSQL server that is in trouble and comes back. Needs what script/build makes.
const keysText = generateKeys();
const keys = parseKeys(keysText);
const serverUrl = inject("connections").postgresql.connectionString ?? "";
let database: Awaited<ReturnType<typeof createDatabase>>;
let db: Database;
let proxy: DatabaseProxy;
let dataDir: string;
let server: TestServer;
let owner: Awaited<ReturnType<typeof makeProtectedPerson>>;

beforeAll(async () => {
  database = await createDatabase(serverUrl);
  proxy = await openDatabaseProxy(database.url);
  dataDir = await mkdtemp(join(tmpdir(), "countersign-away-"));
  const settings = { RATE_LIMIT_ADDRESS: "off", COUNTERSIGN_KEYS: keysText, SIGN_UP: "open" };
  server = await startServer({ DATA_DIR: dataDir, DATABASE_URL: proxy.url, ...settings });
  const patient = { connectionTimeoutMillis: 20_000, query_timeout: 20_000 };
  db = openDatabase({ connectionString: database.url, ...patient });
  owner = await makeProtectedPerson(contextOf(db, { keys, now: new Date() }));
});

afterAll(async () => {
  await db.$disconnect();
  await killServer(server);
  await proxy.stop();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

const isReady = async () => (await fetch(`${server.url}/readyz`)).ok;

/** The server gives a database up after 1.5 s; the rest is for a busy machine. */
const DEADLINE_MS = 10_000;

async function post(path: string, body: Record<string, string>) {
  const answer = await fetch(`${server.url}/api/v1/auth/${path}/`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  return { status: answer.status, body: await answer.json() };
}

const logIn = () => post("login", { username: owner.email, password: PASSWORD });
/** As its operator does it, from another database: for connections that begin from now on, so all others end. */
async function setReadOnly(isOn: boolean): Promise<void> {
  const name = new URL(database.url).pathname.slice(1);
  const operator = new pg.Client(serverUrl);
  await operator.connect();
  await operator.query(`ALTER DATABASE ${name} SET default_transaction_read_only = ${isOn ? "on" : "off"}`);
  await operator.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [name]);
  await operator.end();
}

const healProxy = () => proxy.heal();

/** `looksReady`: its trouble is seen by what writes alone. A full disk is the proxy's answer, as this machine's is not to be filled. */
test.each([
  ["gone", () => proxy.cut(), healProxy, false],
  ["frozen", async () => proxy.freeze(), healProxy, false],
  ["out of connections", async () => proxy.refuse("53300"), healProxy, false],
  ["read-only", () => setReadOnly(true), () => setReadOnly(false), false],
  [
    "without room on its disk",
    async () => proxy.fail(/\b(?:INSERT|UPDATE|DELETE)\b/, "53100"),
    healProxy,
    true,
  ],
] as const)(
  "while the database is %s everything is answered with 503, nothing opens, and then all goes on",
  async (_what, block, heal, looksReady) => {
    await until(isReady, 60_000);
    const { temp_token = "" } = (await logIn()).body;
    const code = owner.recoveryCodes.pop() ?? "";
    const browser = new FormBrowser(server.url, DEADLINE_MS);
    const key = (
      await post("totp/verify", {
        temp_token: (await logIn()).body.temp_token,
        token: owner.recoveryCodes.pop() ?? "",
      })
    ).body.key;
    const opened = () => db.event.count({ where: { kind: "sign_in.succeeded" } });
    const before = await opened();

    try {
      await block();
      expect((await fetch(`${server.url}/readyz`)).status).toBe(looksReady ? 200 : 503);
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      expect((await logIn()).status).toBe(503);
      expect((await post("totp/verify", { temp_token, token: code })).status).toBe(503);
      expect((await browser.submit("/sign-in", { email: owner.email, password: PASSWORD })).status).toBe(503);
      const asked = { headers: { authorization: `Token ${key}` }, method: "POST" };
      expect((await fetch(`${server.url}/api/v1/auth/totp/setup/`, asked)).status).toBe(503);
    } finally {
      await heal();
    }

    await until(isReady, 60_000);
    expect(await opened()).toBe(before);
    expect((await post("totp/verify", { temp_token, token: code })).status).toBe(200);
    expect(await opened()).toBe(before + 1);
    await expectWhole({ connectionString: database.url }, { db, keys, now: new Date() }, "healed");
  },
  120_000,
);

test("a database that takes 200 ms for each statement slows a sign-in down, and that is all", async () => {
  await until(isReady, 60_000);
  proxy.slow(200);
  const { status, body } = await logIn();
  expect(status).toBe(200);
  const token = owner.phone.code(new Date());
  expect((await post("totp/verify", { temp_token: body.temp_token, token })).status).toBe(200);
  await proxy.heal();
});
