/** The entry point of script/bench. */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { findProjectRoot } from "@/lib/db/project-root";
import { createDatabase } from "@/lib/db/testing/databases";
import { faults } from "./faults";
import type { Job, Measured } from "./job";
import { benchLoad } from "./load";
import { makePeople } from "./people";
import { topFunctions } from "./profile";
import { printReport, type Report } from "./report";
import { type BenchServer, startBenchServer } from "./server";
import { stopAfter } from "./stop-after";
import { timing } from "./timing";
import { wholeNumber } from "./whole-number";

type Options = {
  users: number;
  seconds: number;
  concurrency: number;
  databaseUrl?: string;
  dialect?: "athena";
  profile?: boolean;
  json?: boolean;
};

/** So many that the compiler in Node has seen each step: the first thousand requests take up to twice as long. */
const WARM_UP_PEOPLE = 200;

async function bench(options: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-bench-"));
  const made = options.databaseUrl ? await createDatabase(options.databaseUrl) : null;
  let server: BenchServer | null = null;
  const stop = async () => {
    await server?.stop();
    await made?.drop();
    rmSync(folder, { recursive: true, force: true });
  };
  await stopAfter(stop, async () => {
    server = await startBenchServer(folder, made?.url ?? null, options.profile ?? false);
    const report = await measure(server, folder, made?.url ?? null, options);
    await server.stop();
    if (options.profile) report.profile = topFunctions(server.profileFolder, report.steps);
    if (options.json) console.log(JSON.stringify(report, null, 2));
    else printReport(report);
    if (report.steps.some(({ failed }) => failed > 0)) process.exitCode = 1;
  });
}

async function measure(
  server: BenchServer,
  dataDir: string,
  databaseUrl: string | null,
  { users, seconds, concurrency, dialect }: Options,
): Promise<Report> {
  console.error(`Making ${users} accounts with two-factor sign-in ...`);
  const people = await makePeople({ databaseUrl, dataDir }, users + WARM_UP_PEOPLE);
  console.error("Measuring ...");
  const steps = await runClient({
    url: server.url,
    way: dialect ?? "pages",
    warmUp: people.slice(users),
    people: people.slice(0, users),
    seconds,
    concurrency,
    processes: server.processes,
  });
  return {
    way: dialect ?? "pages",
    database: databaseUrl === null ? "embedded" : "server",
    node: process.version,
    processors: cpus().length,
    users,
    concurrency,
    steps,
    memory: server.readMemory(),
  };
}

/** The client is a process of its own, so that it takes none of the server's time and waits for none of ours. */
function runClient(job: Job): Promise<Measured[]> {
  const client = fork(join(findProjectRoot(), "dist", "bench-client.js"));
  return new Promise((resolve, reject) => {
    client.once("message", (steps: Measured[]) => resolve(steps));
    client.once("exit", (code) => reject(new Error(`The client ended (${code})`)));
    client.send(job);
  });
}

const program = new Command("script/bench");
program
  .command("steps", { isDefault: true })
  .description("measure the password step, the code step and the session read")
  .option("--users <number>", "accounts to make", wholeNumber, 200)
  .option(
    "--seconds <number>",
    "how long the password step and the session read are measured",
    wholeNumber,
    10,
  )
  .option("--concurrency <number>", "requests at once", wholeNumber, 8)
  .option("--database-url <url>", "a PostgreSQL server, by a user who may create databases")
  .addOption(new Option("--dialect <name>", "over the API of a dialect, not the pages").choices(["athena"]))
  .option("--profile", "say in which functions the web process spends its time (it is slower meanwhile)")
  .option("--json", "print JSON")
  .action(bench);
program
  .command("load")
  .description("verify codes at a steady pace, over several servers on one PostgreSQL")
  .requiredOption("--database-url <url>", "a PostgreSQL server, by a user who may create databases")
  .option("--users <number>", "accounts to make", wholeNumber, 100_000)
  .option("--instances <number>", "servers", wholeNumber, 2)
  .option("--rate <number>", "verifications a second", wholeNumber, 200)
  .option("--seconds <number>", "how long", wholeNumber, 60)
  .option("--flood <number>", "beside it, wrong passwords, so many on their way at any time", wholeNumber)
  .option("--one-account", "the wrong passwords are all for one account")
  .option("--rotate", "beside it, seal everything with a new key")
  .option("--json", "print JSON")
  .action(benchLoad);
program.addCommand(timing);
program.addCommand(faults);
await program.parseAsync();
process.exit();
