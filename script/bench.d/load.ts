import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_TOTP } from "@/lib/crypto/totp";
import { findProjectRoot } from "@/lib/db/project-root";
import { createDatabase } from "@/lib/db/testing/databases";
import type { FloodJob, FloodMeasured, LoadJob, LoadMeasured } from "./job";
import { makePeople } from "./people";
import { type BenchServer, startBenchServer } from "./server";
import { stopAfter } from "./stop-after";

export type LoadOptions = {
  databaseUrl: string;
  users: number;
  instances: number;
  rate: number;
  seconds: number;
  flood?: number;
  oneAccount?: boolean;
  rotate?: boolean;
  json?: boolean;
};

type Memory = { seconds: number; webMb: number[] };

/** How often memory is looked at. */
const LOOK_MS = 10_000;
/** Before anything is counted: as many verifications as it takes until Node's compiler has nothing left to do. */
const WARM_UP = { perSecond: 100, seconds: 60 };
const WARMED_UP = WARM_UP.perSecond * WARM_UP.seconds + 1;

/** Verifications at a steady pace over several servers on one database; beside it, on request, a flood, or a rotation of keys. */
export async function benchLoad(options: LoadOptions): Promise<void> {
  // Whoever signs in again comes with another code.
  const least = WARMED_UP + options.rate * Math.min(options.seconds, DEFAULT_TOTP.periodSeconds * 3);
  if (options.users < least) throw new Error(`So many codes are of ${least} users or more (--users)`);
  const folder = mkdtempSync(join(tmpdir(), "countersign-bench-"));
  const database = await createDatabase(options.databaseUrl);
  const servers: BenchServer[] = [];
  const clients = {
    codes: startClient<LoadJob, LoadMeasured>("bench-load-client"),
    flood: startClient<FloodJob, FloodMeasured>("bench-flood-client"),
  };
  const stop = async () => {
    for (const client of Object.values(clients)) client.end();
    await Promise.all(servers.map((server) => server.stop()));
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  };
  await stopAfter(stop, async () => {
    // One after the other: the first one makes the keys and the tables.
    while (servers.length < options.instances)
      servers.push(await startBenchServer(folder, database.url, false));
    const report = await measure(servers, clients, folder, database.url, options);
    if (options.json) console.log(JSON.stringify(report, null, 2));
    else printLoad(report);
    if (report.verifications.failed > 0) process.exitCode = 1;
  });
}

type Client<Job, Result> = { run(job: Job): Promise<Result>; end(): void };
type Clients = { codes: Client<LoadJob, LoadMeasured>; flood: Client<FloodJob, FloodMeasured> };

type LoadReport = Omit<LoadOptions, "databaseUrl" | "json" | "rotate" | "flood" | "oneAccount"> & {
  node: string;
  processors: number;
  verifications: LoadMeasured;
  flood: FloodMeasured | null;
  rotation: { count: number; seconds: number } | null;
  memory: Memory[];
};

async function measure(
  servers: BenchServer[],
  clients: Clients,
  dataDir: string,
  databaseUrl: string,
  { users, instances, rate, seconds, flood, oneAccount, rotate }: LoadOptions,
): Promise<LoadReport> {
  console.error(`Making ${users} accounts with two-factor sign-in ...`);
  const people = await makePeople({ databaseUrl, dataDir }, users);
  const urls = servers.map(({ url }) => url);
  console.error("Warming up ...");
  await clients.codes.run({ urls, databaseUrl, people, ...WARM_UP });
  console.error("Measuring ...");
  const job: LoadJob = {
    urls,
    databaseUrl,
    // Others than those who warmed up: their codes may be used already.
    people: people.slice(WARMED_UP),
    perSecond: rate,
    seconds,
  };
  const began = performance.now();
  const memory: Memory[] = [];
  const look = setInterval(() => {
    const webMb = servers.map((server) => server.readMemory().web?.residentMb ?? 0);
    memory.push({ seconds: Math.round((performance.now() - began) / 1000), webMb });
  }, LOOK_MS);
  const emails = people.slice(0, oneAccount ? 1 : undefined).map(({ email }) => email);
  const [verifications, flooded, rotation] = await Promise.all([
    clients.codes.run(job),
    flood ? clients.flood.run({ urls, emails, atOnce: flood, seconds }) : null,
    rotate ? rotateKeys(dataDir, databaseUrl) : null,
  ]);
  clearInterval(look);
  return {
    users,
    instances,
    rate,
    seconds,
    node: process.version,
    processors: cpus().length,
    verifications,
    flood: flooded,
    rotation,
    memory,
  };
}

/**
 * A client is a process of its own, so that it takes none of the servers' time and waits for none of ours. It does one job
 * after the other, as its own code must be warm too when it counts.
 */
function startClient<Job extends object, Result>(name: string): Client<Job, Result> {
  const client: ChildProcess = fork(join(findProjectRoot(), "dist", `${name}.js`));
  return {
    async run(job: Job): Promise<Result> {
      client.send(job);
      const [answer] = await Promise.race([
        once(client, "message"),
        once(client, "exit").then(([code]) => {
          throw new Error(`The client ended (${code})`);
        }),
      ]);
      return answer;
    },
    end: () => client.kill(),
  };
}

/** The command, as whoever runs the service gives it; both servers here read one key file. */
async function rotateKeys(dataDir: string, databaseUrl: string) {
  const began = performance.now();
  const child = spawn(
    join(findProjectRoot(), "bin", "countersign"),
    ["keys", "rotate", "--only-instance", "--json"],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: { PATH: process.env.PATH, NODE_ENV: "production", DATA_DIR: dataDir, DATABASE_URL: databaseUrl },
    },
  );
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`keys rotate ended with ${code}`);
  const { count } = JSON.parse(output);
  return { count: Number(count), seconds: Math.round((performance.now() - began) / 100) / 10 };
}

function printLoad({ verifications: of, flood, rotation, memory, ...setting }: LoadReport): void {
  console.log(
    `${setting.instances} servers, Node ${setting.node}, PostgreSQL, clients and database on the same machine, ` +
      `${setting.processors} processors, ${setting.users} users\n`,
  );
  console.log(
    `verifications   ${setting.rate} a second for ${setting.seconds} s: ${of.verified} of ${of.due}, ${of.failed} failed; ` +
      `p50 ${of.p50Ms} ms, p95 ${of.p95Ms} ms, p99 ${of.p99Ms} ms, worst ${of.worstMs} ms`,
  );
  if (of.failure !== null) console.log(`                first failure: ${of.failure}`);
  if (flood) {
    const answers = Object.entries(flood.statuses).map(([status, count]) => `${count} with ${status}`);
    console.log(
      `wrong passwords answered ${answers.join(", ")}; p50 ${flood.p50Ms} ms, p99 ${flood.p99Ms} ms`,
    );
  }
  if (rotation) console.log(`keys rotate     ${rotation.count} secrets in ${rotation.seconds} s`);
  for (const { seconds, webMb } of memory) console.log(`${seconds} s: ${webMb.join(" MB, ")} MB resident`);
}
