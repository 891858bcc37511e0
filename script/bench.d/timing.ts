/** script/bench timing: whether the time of the password step tells who has an account. */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { LIMITS } from "@/lib/core/limits";
import { type Database, openDatabase } from "@/lib/db/client";
import { databaseConnection } from "@/lib/db/connection";
import { createDatabase } from "@/lib/db/testing/databases";
import { Browser, type BrowserAnswer } from "./browser";
import { makePeople } from "./people";
import { type BenchServer, startBenchServer } from "./server";
import { stopAfter } from "./stop-after";

/** Whose address is typed. The first of each group is nobody's, and what the others are compared with. */
const GROUPS = [
  ["unknown address", "wrong password", "with two-factor", "disabled account"],
  ["waiting, unknown", "waiting, known"],
] as const;
type Kind = (typeof GROUPS)[number][number];
const KINDS: readonly Kind[] = GROUPS.flat();

/** Addresses by their kind; each is asked in turn, so often that none has to wait that is not to. */
type Subjects = Record<Kind, string[]>;

type Options = { rounds: number; dialect?: "athena"; databaseUrl?: string; json?: boolean };

/** How one kind's time compares with nobody's. Milliseconds; percent of nobody's median, with a 95 % interval. */
type Compared = {
  kind: Kind;
  requests: number;
  status: number;
  medianMs: number;
  differencePercent: number;
  interval: [low: number, high: number];
};

type TimingReport = {
  way: "pages" | "athena";
  database: "embedded" | "server";
  node: string;
  processors: number;
  /** Of the last minute, before and after. */
  load: [before: number, after: number];
  kinds: Compared[];
};

/** One try is for warming up. The last free one is left: from it on there is a wait. */
const TRIES_EACH = LIMITS.password.freeFailures - 2;
const WARM_UP_ROUNDS = 100;
const RESAMPLES = 2000;

function rounds(text: string): number {
  if (!/^\d{3,4}$/.test(text) || Number(text) < 400)
    throw new InvalidArgumentError("It must be a whole number from 400 to 9999.");
  return Number(text);
}

/** The command. */
export const timing = new Command("timing")
  .description("measure whether the password step takes as long for an address that nobody has")
  .option("--rounds <number>", "requests of each kind", rounds, 400)
  .option("--database-url <url>", "a PostgreSQL server, by a user who may create databases")
  .addOption(new Option("--dialect <name>", "over the API of a dialect, not the pages").choices(["athena"]))
  .option("--json", "print JSON")
  .action(measureTiming);

async function measureTiming(options: Options): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "countersign-timing-"));
  const made = options.databaseUrl ? await createDatabase(options.databaseUrl) : null;
  const place = { databaseUrl: made?.url ?? null, dataDir };
  let server: BenchServer | null = null;
  const stop = async () => {
    await server?.stop();
    await made?.drop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  await stopAfter(stop, async () => {
    server = await startBenchServer(dataDir, place.databaseUrl, false);
    const load = loadavg()[0] ?? 0;
    const kinds = await compareKinds(server.url, place, options);
    const report: TimingReport = {
      way: options.dialect ?? "pages",
      database: place.databaseUrl === null ? "embedded" : "server",
      node: process.version,
      processors: cpus().length,
      load: [load, loadavg()[0] ?? 0],
      kinds,
    };
    if (options.json) console.log(JSON.stringify(report, null, 2));
    else printTiming(report);
  });
}

async function compareKinds(
  url: string,
  place: { databaseUrl: string | null; dataDir: string },
  { rounds, dialect }: Options,
): Promise<Compared[]> {
  const browser = new Browser(url, 1);
  const send = await findPasswordStep(browser, dialect);
  const db = openDatabase({ ...databaseConnection(place), query_timeout: 30_000 });
  console.error("Making accounts ...");
  const each = Math.ceil((WARM_UP_ROUNDS + rounds) / TRIES_EACH);
  const subjects = await makeSubjects(db, place, each);
  console.error("Measuring ...");
  await makeWait(db, [...subjects["waiting, unknown"], ...subjects["waiting, known"]], send);
  await db.$disconnect();
  const statuses = new Map<Kind, number>();
  const times: Record<Kind, number>[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + rounds; round += 1) {
    // Filled below, with each kind once.
    const taken = {} as Record<Kind, number>;
    for (const kind of shuffled(KINDS)) {
      const email = subjects[kind][round % subjects[kind].length] ?? "";
      const began = performance.now();
      const { status } = await send(email);
      taken[kind] = performance.now() - began;
      if ((statuses.get(kind) ?? status) !== status)
        throw new Error(`${kind}: ${status} after ${statuses.get(kind)}`);
      statuses.set(kind, status);
    }
    if (round >= WARM_UP_ROUNDS) times.push(taken);
  }
  browser.close();
  return GROUPS.flatMap((group) =>
    group.map((kind) => ({
      kind,
      requests: times.length,
      status: statuses.get(kind) ?? 0,
      ...compared(times, kind, group[0]),
    })),
  );
}

/** Sends a wrong password for an address, as a browser without script or a dialect's client does. */
async function findPasswordStep(
  browser: Browser,
  dialect: "athena" | undefined,
): Promise<(email: string) => Promise<BrowserAnswer>> {
  const password = "not the password";
  if (dialect) return (email) => browser.postJson("/api/auth/sign-in/email", { email, password }, "");
  const form = await browser.readForm("/sign-in", "password", "");
  return (email) => browser.post(form, { email, password }, "");
}

async function makeSubjects(
  db: Database,
  place: { databaseUrl: string | null; dataDir: string },
  each: number,
): Promise<Subjects> {
  const people = (await makePeople(place, 3 * each + 1)).map(({ email }) => email);
  const group = (index: number) => people.slice(index * each, (index + 1) * each);
  const without = { user: { email: { in: [...group(0), people.at(-1) ?? ""] } } };
  await db.totpFactor.deleteMany({ where: without });
  await db.recoveryCode.deleteMany({ where: without });
  await db.user.updateMany({ where: { email: { in: group(2) } }, data: { disabledAt: new Date() } });
  return {
    "unknown address": group(0).map((email) => `nobody-${email}`),
    "wrong password": group(0),
    "with two-factor": group(1),
    "disabled account": group(2),
    "waiting, unknown": ["nobody-waits@example.org"],
    "waiting, known": people.slice(-1),
  };
}

/** Sends wrong passwords until there is a wait, and makes that outlast what is measured. */
async function makeWait(
  db: Database,
  emails: string[],
  send: (email: string) => Promise<BrowserAnswer>,
): Promise<void> {
  for (const email of emails)
    for (let tries = 0; tries < LIMITS.password.freeFailures; tries += 1) await send(email);
  const waitUntil = new Date(Date.now() + 86_400_000);
  const { count } = await db.passwordBudget.updateMany({
    where: { failures: { gte: LIMITS.password.freeFailures } },
    data: { waitUntil },
  });
  if (count !== emails.length) throw new Error(`${count} of ${emails.length} wait`);
}

/** Rounds are drawn again, whole, so that what slowed a round down counts for both sides (a paired bootstrap). */
function compared(times: Record<Kind, number>[], kind: Kind, reference: Kind) {
  const difference = (drawn: Record<Kind, number>[]) => {
    const nobodys = median(drawn.map((round) => round[reference]));
    return ((median(drawn.map((round) => round[kind])) - nobodys) / nobodys) * 100;
  };
  const draws = Array.from({ length: RESAMPLES }, () =>
    difference(times.map(() => times[Math.floor(Math.random() * times.length)] ?? failEmpty())),
  ).sort((a, b) => a - b);
  const bound = (share: number) => rounded(draws[Math.floor(share * (draws.length - 1))] ?? 0);
  return {
    medianMs: rounded(median(times.map((round) => round[kind]))),
    differencePercent: rounded(difference(times)),
    interval: [bound(0.025), bound(0.975)] as [low: number, high: number],
  };
}

function failEmpty(): never {
  throw new Error("nothing was measured");
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

/** In random order. */
function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

const rounded = (value: number) => Math.round(value * 100) / 100;

function printTiming({ way, database, node, processors, load, kinds }: TimingReport): void {
  console.log(
    `${way === "pages" ? "Pages" : "Athena"}, ${database === "embedded" ? "embedded database" : "PostgreSQL server"}, Node ${node}, ` +
      `${processors} processors, one request at a time, load ${load.map((value) => value.toFixed(1)).join(" to ")}\n`,
  );
  const printRow = ([first = "", ...rest]: string[]) =>
    console.log(first.padEnd(18) + rest.map((text) => text.padStart(18)).join(""));
  printRow(["whose password", "requests", "status", "median ms", "difference %", "95 % interval"]);
  for (const { kind, requests, status, medianMs, differencePercent, interval } of kinds)
    printRow([kind, ...[requests, status, medianMs, differencePercent].map(String), interval.join(" to ")]);
}
