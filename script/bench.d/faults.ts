/** script/bench faults: how long refusing, coming back and starting again take when something is wrong. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import {
  findFreePort,
  killServer,
  runCommand,
  type Settings,
  startServer,
  type TestServer,
  until,
} from "@/bin/testing/process";
import { openDatabaseProxy } from "@/lib/db/testing/database-proxy";
import { createDatabase } from "@/lib/db/testing/databases";
import { listenAtFreePort } from "@/lib/testing/free-port";
import { Browser } from "./browser";
import type { BenchPerson } from "./job";
import { makePeople } from "./people";
import { databasePid } from "./server";
import { stopAfter } from "./stop-after";
import { wholeNumber } from "./whole-number";

type Options = { times: number; databaseUrl?: string; json?: boolean };

/** One thing that may not take longer than its bound, with all its times; milliseconds. */
type Row = { what: string; boundMs: number; times: number[] };

/** What somebody waits for at most, whatever is wrong with the database. */
const REFUSED_MS = 2000;
const BACK_MS = 5000;
const READY_MS = 10_000;
const SIGN_IN_MS = 1000;
/** When it is no use to wait any longer. */
const GIVE_UP_MS = 60_000;

/** The command. */
export const faults = new Command("faults")
  .description(
    "measure how long refusing, coming back and starting again take while the database or mail is in trouble",
  )
  .option("--times <number>", "how often each is measured", wholeNumber, 5)
  .option("--database-url <url>", "a PostgreSQL server as well, by a user who may create databases")
  .option("--json", "print JSON")
  .action(measureFaults);

async function measureFaults({ times, databaseUrl, json }: Options): Promise<void> {
  const rows = [
    ...(await measureEmbedded(times)),
    ...(await measureMail(times)),
    ...(databaseUrl ? await measureServer(databaseUrl, times) : []),
  ];
  if (json) console.log(JSON.stringify({ node: process.version, processors: cpus().length, rows }, null, 2));
  else {
    console.log(`Node ${process.version}, ${cpus().length} processors, everything on one machine\n`);
    for (const { what, boundMs, times } of rows)
      console.log(
        `${what.padEnd(72)} ${times.length} times, worst ${Math.round(Math.max(...times))} ms of ${boundMs} ms`,
      );
  }
  if (rows.some(({ boundMs, times }) => Math.max(...times) > boundMs)) process.exitCode = 1;
}

/** What happens to a service. It is `begin`, then a while of trouble, then `end`. */
type Trouble = { name: string; begin(): unknown; end(): unknown };

async function measureEmbedded(times: number): Promise<Row[]> {
  return withService({}, async (settings, start) => {
    const form = "embedded: ";
    const rows = [
      ...(await measureStarts(form, start, times)),
      ...(await measureSecond(settings, start, times)),
    ];
    const database = () => {
      const pid = databasePid(settings.DATA_DIR ?? "", null);
      if (pid === null) throw new Error("the database should be open");
      return pid;
    };
    const frozen: Trouble = {
      name: "the database's process frozen",
      begin: () => process.kill(database(), "SIGSTOP"),
      end: () => process.kill(database(), "SIGCONT"),
    };
    return [...rows, ...(await measureTroubles(form, settings, start, times, [frozen]))];
  });
}

async function measureServer(serverUrl: string, times: number): Promise<Row[]> {
  const database = await createDatabase(serverUrl);
  const proxy = await openDatabaseProxy(database.url);
  const end = () => proxy.heal();
  const stop = async () => {
    await proxy.stop();
    await database.drop();
  };
  return stopAfter(stop, () =>
    withService({ DATABASE_URL: proxy.url }, async (settings, start) => {
      const form = "PostgreSQL: ";
      const rows = await measureStarts(form, start, times);
      return [
        ...rows,
        ...(await measureTroubles(form, settings, start, times, [
          { name: "gone", begin: () => proxy.cut(), end },
          { name: "frozen", begin: () => proxy.freeze(), end },
          { name: "out of connections", begin: () => proxy.refuse("53300"), end },
          { name: "without room on its disk", begin: () => proxy.fail(/INSERT|UPDATE/, "53100"), end },
        ])),
      ];
    }),
  );
}

/** A data directory, and a way to start a server on it that ends with this whatever happens. */
async function withService(
  more: Settings,
  work: (settings: Settings, start: () => Promise<TestServer>) => Promise<Row[]>,
): Promise<Row[]> {
  const dataDir = mkdtempSync(join(tmpdir(), "countersign-faults-"));
  const settings = { DATA_DIR: dataDir, RATE_LIMIT_ADDRESS: "off", ...more };
  const running = new Set<TestServer>();
  const stop = async () => {
    await Promise.all([...running].map(killServer));
    // The database of a killed server writes on for a moment.
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
  const start = async () => {
    const server = await startServer(settings);
    running.add(server);
    void server.ended.then(() => running.delete(server));
    return server;
  };
  return stopAfter(stop, () => work(settings, start));
}

/** From `kill -9` on: started again until it is ready. */
async function measureStarts(form: string, start: () => Promise<TestServer>, times: number): Promise<Row[]> {
  console.error(`${form}starting ...`);
  const row: Row = { what: `${form}kill -9, started again, until it is ready`, boundMs: READY_MS, times: [] };
  let server = await start();
  for (let n = 0; n < times; n += 1) {
    await killServer(server);
    row.times.push(
      await timed(async () => {
        server = await start();
        await untilReady(server);
      }),
    );
  }
  await killServer(server);
  return [row];
}

/** A second server on a data directory, until it refuses. */
async function measureSecond(
  settings: Settings,
  start: () => Promise<TestServer>,
  times: number,
): Promise<Row[]> {
  const what = "embedded: a second one on its directory, until it refuses";
  const row: Row = { what, boundMs: REFUSED_MS, times: [] };
  const server = await start();
  for (let n = 0; n < times; n += 1) {
    const port = String(await findFreePort());
    row.times.push(
      await timed(async () => {
        const { code } = await runCommand(["serve"], { ...settings, PORT: port });
        if (code === 0) throw new Error("a second server started on one directory");
      }),
    );
  }
  await killServer(server);
  return [row];
}

/** In each trouble: password steps one after the other, each until it is refused; after it, until one is answered as ever. */
async function measureTroubles(
  form: string,
  settings: Settings,
  start: () => Promise<TestServer>,
  times: number,
  troubles: Trouble[],
): Promise<Row[]> {
  const server = await start();
  await untilReady(server);
  const person = await makePerson(settings);
  const rows: Row[] = [];
  for (const { name, begin, end } of troubles) {
    console.error(`${form}${name} ...`);
    const refused: Row = { what: `${form}${name}, until 503`, boundMs: REFUSED_MS, times: [] };
    const back: Row = {
      what: `${form}${name} and healed, until a sign-in goes on`,
      boundMs: BACK_MS,
      times: [],
    };
    for (let n = 0; n < times; n += 1) {
      await untilStatus(server, person, 200);
      await begin();
      for (let asked = 0; asked < 3; asked += 1)
        refused.times.push(
          await timed(async () => {
            const status = await beginSignIn(server, person);
            if (status !== 503) throw new Error(`${name}: ${status}`);
          }),
        );
      await end();
      back.times.push(await timed(() => untilStatus(server, person, 200)));
    }
    rows.push(refused, back);
  }
  await killServer(server);
  return rows;
}

/** A mail server that takes connections and says nothing: sign-ins while mails wait for it. */
async function measureMail(times: number): Promise<Row[]> {
  console.error("a mail server that hangs ...");
  const silent = createServer((socket) => void socket.on("error", () => {}));
  const port = await listenAtFreePort(silent);
  const row: Row = {
    what: "a mail server that hangs, until a sign-in is answered",
    boundMs: SIGN_IN_MS,
    times: [],
  };
  const mail = { SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: "countersign@example.org" };
  await withService(mail, async ({ DATA_DIR = "" }, start) => {
    const server = await start();
    const person = await makePerson({ DATA_DIR });
    const browser = new Browser(server.url, 1);
    const form = await browser.readForm("/forgotten-password", "email", "");
    for (let n = 0; n < 4 * times; n += 1) {
      await browser.post(form, { email: person.email }, "");
      row.times.push(await timed(() => beginSignIn(server, person)));
    }
    browser.close();
    return [];
  });
  silent.close();
  return [row];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const untilReady = (server: TestServer) =>
  until(async () => (await fetch(`${server.url}/readyz`).catch(() => null))?.ok === true, GIVE_UP_MS);

const untilStatus = (server: TestServer, person: BenchPerson, status: number) =>
  until(async () => (await beginSignIn(server, person)) === status, GIVE_UP_MS);

async function makePerson({ DATABASE_URL, DATA_DIR: dataDir = "" }: Settings): Promise<BenchPerson> {
  const [person] = await makePeople({ databaseUrl: DATABASE_URL ?? null, dataDir }, 1);
  if (!person) throw new Error("nobody was made");
  return person;
}

/** The password step of somebody who has a second factor, over Athena's API: 200 says that the code is owed. */
async function beginSignIn({ url }: TestServer, { email, password }: BenchPerson): Promise<number> {
  const answer = await fetch(`${url}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  await answer.arrayBuffer();
  return answer.status;
}
