import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { Phone } from "@/lib/core/testing/phone";
import { generateKeys, parseKeys } from "@/lib/crypto/keys";
import { type Database, openDatabase } from "@/lib/db/client";
import { createDatabase } from "@/lib/db/testing/databases";
import { type Client, type Finish, WAYS } from "../e2e/api/ways";
import { makeProtectedPerson, type ProtectedPerson } from "../e2e/people";
import { type Balancer, startBalancer } from "./testing/balancer";
import { killServer, startServer, type TestServer } from "./testing/process";

// Every way in, over two servers that share nothing but one PostgreSQL database and the keys, behind one address: what is
// promised of codes holds over them together. They need what script/build makes.

/** How often a hundred submits are sent. Fifty runs take some minutes: RACE_RUNS=50. */
const RUNS = Number(process.env.RACE_RUNS ?? 2);
const keyFile = generateKeys();
let folder: string;
let balancer: Balancer;
let servers: TestServer[] = [];
let db: Database;
let dropDatabase: () => Promise<void>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersign-races-"));
  const { url, drop } = await createDatabase(inject("connections").postgresql.connectionString ?? "");
  dropDatabase = drop;
  db = openDatabase({ connectionString: url, connectionTimeoutMillis: 60_000, query_timeout: 60_000 });
  balancer = await startBalancer();
  // Where the clients of e2e/api/ways.ts send to.
  process.env.E2E_URL = balancer.url;
  const start = (name: string) =>
    startServer({
      DATA_DIR: join(folder, name),
      DATABASE_URL: url,
      COUNTERSIGN_KEYS: keyFile,
      PUBLIC_URL: balancer.url,
      TRUSTED_PROXIES: "127.0.0.1,::1",
    });
  // Both migrate: one of them does it.
  servers = await Promise.all([start("one"), start("two")]);
  balancer.targets.push(...servers.map((server) => new URL(server.url)));
  // The first of each kind of request is slow, and connections to the database are opened for it.
  const { submits } = await beginEverywhere(await makeOwner(), 2);
  await sendAll(submits, "AAAAA-AAAAA-AAAAA-AAAAA", 50);
}, 300_000);
afterAll(async () => {
  balancer.stop();
  await Promise.all(servers.map(killServer));
  await db.$disconnect();
  await dropDatabase();
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

let addresses = 0;
function freshAddress(): string {
  addresses += 1;
  return `10.77.${Math.floor(addresses / 256)}.${addresses % 256}`;
}

const makeOwner = () => makeProtectedPerson(db, parseKeys(keyFile), freshAddress());

/** As if the phone had moved on, nothing had failed for a year, and they had signed out: there is room for 20 sessions. */
async function letTimePass({ id }: ProtectedPerson): Promise<void> {
  await db.totpFactor.updateMany({ where: { userId: id }, data: { lastStep: -1 } });
  await db.factorBudget.update({ where: { userId: id }, data: { failures: [], waitUntil: null } });
  await db.session.deleteMany({ where: { userId: id } });
}

type Submit = { way: string; send: (code: string) => Promise<Finish> };

/** So many sign-ins of each way in whose code is owed, each at an address of its own unless one is named. */
async function beginEverywhere(
  { email }: ProtectedPerson,
  ofEach: number,
  at?: string,
): Promise<{ submits: Submit[]; clients: Client[] }> {
  const submits: Submit[] = [];
  const clients: Client[] = [];
  for (const way of Array.from({ length: ofEach }, () => WAYS).flat()) {
    const client = way.open(at ?? freshAddress());
    expect(await client.begin(email), `${way.name} asks for a code`).toBe(true);
    submits.push({ way: way.name, send: await client.ready() });
    clients.push(client);
  }
  return { submits, clients };
}

/** Sends so many submits at once, mixed over all sign-ins. Which came back with a session, and which without. */
async function sendAll(submits: Submit[], code: string, times: number) {
  const sent = Array.from({ length: times }, (_, n) => submits[n % submits.length]).flatMap(
    (submit) => submit ?? [],
  );
  const finishes = await Promise.all(sent.map(async ({ way, send }) => ({ way, ...(await send(code)) })));
  return {
    opened: finishes.filter(({ isOpened }) => isOpened),
    refused: finishes.filter(({ isOpened }) => !isOpened),
  };
}

const count = (userId: string, kind: string) => db.event.count({ where: { userId, kind } });

/** A code that is right is sent a hundred times, and opens one session. */
async function race(owner: ProtectedPerson, code: string): Promise<void> {
  const { id: userId } = owner;
  const { submits, clients } = await beginEverywhere(owner, 2);
  const before = {
    sessions: await db.session.count({ where: { userId } }),
    successes: await count(userId, "sign_in.succeeded"),
  };
  const { opened, refused } = await sendAll(submits, code, 100);
  expect(opened).toHaveLength(1);
  expect(refused).toHaveLength(99);
  // Wrong by now, held back, or over: each way says so in its own words (a page may send to another). Or the machine is too
  // busy, which is no answer to the code.
  for (const { status, way } of refused)
    expect(way === "pages" ? [303, 307, 400, 401, 429, 503] : [400, 401, 403, 429, 503], way).toContain(
      status,
    );
  const signedIn = await Promise.all(clients.map((client) => client.isSignedIn()));
  expect(signedIn.filter(Boolean)).toHaveLength(1);
  expect(await db.session.count({ where: { userId } })).toBe(before.sessions + 1);
  expect(await count(userId, "sign_in.succeeded")).toBe(before.successes + 1);
}

describe("a hundred submits of one code at once, over two servers and every way in", () => {
  test(`of an authenticator: one session, each of ${RUNS} times`, async () => {
    const owner = await makeOwner();
    for (let run = 0; run < RUNS; run += 1) {
      await letTimePass(owner);
      await race(owner, owner.phone.codeAt(new Date(), 0));
    }
  }, 1_200_000);

  test(`of a recovery code: one session, and the code is used, each of ${RUNS} times`, async () => {
    let owner = await makeOwner();
    for (let run = 0; run < RUNS; run += 1) {
      if (run > 0 && run % owner.recoveryCodes.length === 0) owner = await makeOwner();
      const nth = run % owner.recoveryCodes.length;
      await letTimePass(owner);
      await race(owner, owner.recoveryCodes[nth] ?? "");
      const used = { userId: owner.id, usedAt: { not: null } };
      expect(await db.recoveryCode.count({ where: used })).toBe(nth + 1);
    }
  }, 1_200_000);
});

describe("a thousand guesses at once, over two servers and every way in", () => {
  const wrong = (phone: Phone) => phone.wrongCode(new Date());

  test("at an authenticator are judged until the wait, and not once more", async () => {
    const owner = await makeOwner();
    const { id: userId } = owner;
    const { submits } = await beginEverywhere(owner, 2);
    // The next wait is an hour, which a slow machine does not outlast.
    const failures = Array.from({ length: 10 }, () => new Date());
    await db.factorBudget.update({ where: { userId }, data: { failures } });
    const { opened } = await sendAll(submits, wrong(owner.phone), 1000);
    expect(opened).toEqual([]);
    expect((await db.factorBudget.findUniqueOrThrow({ where: { userId } })).failures).toHaveLength(15);
    expect(await count(userId, "sign_in.code_failed")).toBe(5);
    const { _sum } = await db.challenge.aggregate({ where: { userId }, _sum: { accountUnits: true } });
    expect(_sum.accountUnits).toBe(5);
    expect(await db.session.count({ where: { userId } })).toBe(1);
  }, 300_000);

  test("at recovery codes are judged five times for each sign-in, and 20 times from one address", async () => {
    const code = "AAAAA-AAAAA-AAAAA-AAAAA";
    const owner = await makeOwner();
    const { submits } = await beginEverywhere(owner, 1);
    const everywhere = await sendAll(submits, code, 300);
    expect(everywhere.opened).toEqual([]);
    expect(await count(owner.id, "sign_in.code_failed")).toBe(5 * WAYS.length);

    const other = await makeOwner();
    // It has room for five sign-ins of an account, which would be 25 tries.
    const begun = await beginEverywhere(other, 1, freshAddress());
    const fromOne = await sendAll(begun.submits, code, 300);
    expect(fromOne.opened).toEqual([]);
    expect(await count(other.id, "sign_in.code_failed")).toBe(20);
  }, 300_000);
});
