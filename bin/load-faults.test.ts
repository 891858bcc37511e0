import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { beginChallenge, contextOf, makeProtectedPerson, PASSWORD } from "@/lib/core/testing/fixtures";
import { expectWhole } from "@/lib/core/testing/whole";
import { generateKeys, parseKeys } from "@/lib/crypto/keys";
import { type Database, openDatabase } from "@/lib/db/client";
import { createDatabase } from "@/lib/db/testing/databases";
import { killServer, startServer, type TestServer, until } from "./testing/process";

// Two servers of ours on one PostgreSQL server, in the middle of many sign-ins. They need what script/build makes.
const keysText = generateKeys();
const keys = parseKeys(keysText);
const VERIFY = "/api/v1/auth/totp/verify/";
let database: Awaited<ReturnType<typeof createDatabase>>;
let db: Database;
let dataDir: string;
let servers: [TestServer, TestServer];

beforeAll(async () => {
  database = await createDatabase(inject("connections").postgresql.connectionString ?? "");
  dataDir = await mkdtemp(join(tmpdir(), "countersign-load-"));
  const settings = { RATE_LIMIT_ADDRESS: "off", COUNTERSIGN_KEYS: keysText };
  const start = () => startServer({ DATA_DIR: dataDir, DATABASE_URL: database.url, ...settings });
  servers = [await start(), await start()];
  const patient = { connectionTimeoutMillis: 20_000, query_timeout: 20_000 };
  db = openDatabase({ connectionString: database.url, ...patient });
});
afterAll(async () => {
  await db.$disconnect();
  for (const server of servers) await killServer(server);
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

async function people(count: number) {
  const ctx = contextOf(db, { keys, now: new Date() });
  const made = [];
  for (let n = 0; n < count; n += 1) made.push(await makeProtectedPerson(ctx));
  return made;
}

/** The status; null: whoever was asked died before it answered. */
async function redeem(server: TestServer, temp_token: string, token: string): Promise<number | null> {
  const body = JSON.stringify({ temp_token, token });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${server.url}${VERIFY}`, { method: "POST", headers, body }).catch(() => null);
  return answer?.status ?? null;
}

test("one of two servers dies in a hundred sign-ins: the other answers all of its own, and no code opens two sessions", async () => {
  const [dying, other] = servers;
  const owners = await people(5);
  const asked: { userId: string; challenge: string; code: string }[] = [];
  for (const { email, user, recoveryCodes } of owners) {
    const ctx = contextOf(db, { keys, now: new Date() });
    const challenges: string[] = [];
    for (let n = 0; n < 5; n += 1) challenges.push(await beginChallenge(ctx, email));
    // Each code is sent for each of the five sign-ins, so that it could open as many.
    for (const code of recoveryCodes.slice(0, 4))
      for (const challenge of challenges) asked.push({ userId: user.id, challenge, code });
  }
  expect(asked).toHaveLength(100);
  const answers = asked.map(({ challenge, code }, n) =>
    redeem(servers[n % 2 === 0 ? 0 : 1], challenge, code),
  );
  await Promise.race(answers);
  await killServer(dying);
  const statuses = await Promise.all(answers);
  const ofOther = statuses.filter((_, n) => n % 2 === 1);
  expect(ofOther).not.toContain(null);
  for (const { email, user, recoveryCodes } of owners) {
    const where = { userId: user.id, details: { path: ["factor"], equals: "recovery" } };
    const opened = await db.event.count({ where: { ...where, kind: "sign_in.succeeded" } });
    const used = await db.recoveryCode.count({ where: { userId: user.id, usedAt: { not: null } } });
    expect(opened).toBe(used);
    const told = asked.filter(({ userId }, n) => userId === user.id && statuses[n] === 200).length;
    // What the dying one had done before it could say so.
    expect(told).toBeLessThanOrEqual(opened);
    const again = await beginChallenge(contextOf(db, { keys, now: new Date() }), email);
    expect(await redeem(other, again, recoveryCodes.at(-1) ?? "")).toBe(200);
  }
  await expectWhole({ connectionString: database.url }, { db, keys, now: new Date() }, "one server died");
  expect((await fetch(`${other.url}/readyz`)).status).toBe(200);
}, 300_000);

test("SIGTERM in the middle of sign-ins: each that had begun is answered, and what is answered is done", async () => {
  const [, server] = servers;
  const owners = await people(10);
  const port = Number(new URL(server.url).port);
  const open = owners.map(({ email }) => {
    const body = JSON.stringify({ username: email, password: PASSWORD });
    const socket = connect(port, "localhost").setEncoding("utf8");
    let seen = "";
    socket.on("data", (chunk) => {
      seen += chunk;
    });
    socket.write(
      `POST /api/v1/auth/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
        `Expect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    return { socket, body, seen: () => seen, ended: once(socket, "close") };
  });
  // RFC 9110, section 10.1.1: by this the server says that it has read the head and waits for the rest.
  const GO_ON = "HTTP/1.1 100 Continue\r\n\r\n";
  await until(() => open.every(({ seen }) => seen() === GO_ON), 60_000);
  server.child.kill("SIGTERM");
  await until(() => server.output().includes('"stopping"'), 10_000);
  for (const { socket, body } of open) socket.write(body);
  await Promise.all(open.map(({ ended }) => ended));
  const answers = open.map(({ seen }) => seen().slice(GO_ON.length, GO_ON.length + 12));
  expect(answers).toEqual(open.map(() => "HTTP/1.1 200"));
  expect(await server.ended).toBe(0);
  const userId = { in: owners.map(({ user }) => user.id) };
  expect(await db.challenge.count({ where: { userId } })).toBe(open.length);
  await expectWhole({ connectionString: database.url }, { db, keys, now: new Date() }, "stopped");
}, 300_000);
