import type { Job, Measured } from "./job";
import type { StepProfile } from "./profile";
import type { Memory } from "./server";

/** What --json prints. */
export type Report = {
  way: Job["way"];
  database: "embedded" | "server";
  node: string;
  processors: number;
  users: number;
  concurrency: number;
  steps: Measured[];
  memory: Memory;
  profile?: StepProfile[];
};

/** Prints a report as a table for people. */
export function printReport({
  way,
  database,
  node,
  processors,
  users,
  concurrency,
  steps,
  memory,
  profile,
}: Report): void {
  console.log(
    `${way === "pages" ? "Pages" : "Athena"}, ${database === "embedded" ? "embedded database" : "PostgreSQL server"}, Node ${node}, ${processors} processors, ` +
      `${users} users, ${concurrency} requests at once, client on the same machine\n`,
  );
  printRow([
    "step",
    "requests",
    "per second",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "web cpu ms",
    "db cpu ms",
    "failed",
  ]);
  for (const { step, failed, failure, ...of } of steps) {
    const times = [of.perSecond, of.p50Ms, of.p95Ms, of.p99Ms, of.webCpuMs, of.databaseCpuMs];
    printRow([step, ...[of.requests, ...times, failed].map((value) => String(value ?? "-"))]);
    if (failure !== null) console.log(`  first failure: ${failure}`);
  }
  console.log("");
  for (const [name, used] of Object.entries(memory)) {
    if (used)
      console.log(`${name} process: ${used.residentMb} MB resident at the end, ${used.peakMb} MB at most`);
  }
  for (const { step, modules, functions } of profile ?? []) {
    console.log(`\nThe main thread of the web process during the ${step} step, by package:`);
    for (const { share, name } of modules)
      console.log(`  ${(share * 100).toFixed(1).padStart(5)} %  ${name}`);
    console.log("and by function:");
    for (const { share, name, place } of functions) {
      console.log(`  ${(share * 100).toFixed(1).padStart(5)} %  ${name}  ${place}`);
    }
  }
}

function printRow([first = "", ...numbers]: string[]): void {
  console.log(first.padEnd(10) + numbers.map((text) => text.padStart(12)).join(""));
}
