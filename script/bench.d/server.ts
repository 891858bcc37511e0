import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findHolder } from "@/lib/db/embedded/lock";
import { embeddedPaths } from "@/lib/db/embedded/paths";
import { findProjectRoot } from "@/lib/db/project-root";
import type { Job } from "./job";

/** A production server of our own. `profileFolder` holds the profile after stop(), if one was asked for. */
export type BenchServer = {
  url: string;
  profileFolder: string;
  processes: Job["processes"];
  readMemory(): Memory;
  stop(): Promise<void>;
};

/** Resident now, and at most so far, in megabytes; null where it cannot be told. */
export type Memory = Record<"web" | "database", { residentMb: number; peakMb: number } | null>;

/** Starts `countersign serve` on a data directory, or on a database of a server. */
export async function startBenchServer(
  dataDir: string,
  databaseUrl: string | null,
  isProfiled: boolean,
): Promise<BenchServer> {
  const port = await findFreePort();
  const url = `http://localhost:${port}`;
  const root = findProjectRoot();
  const child = spawn(join(root, "bin", "countersign"), ["serve"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: isProfiled ? `${profilingNode(dataDir)}:${process.env.PATH}` : process.env.PATH,
      NODE_ENV: "production",
      PORT: String(port),
      DATA_DIR: dataDir,
      // All requests come from one address here.
      RATE_LIMIT_ADDRESS: "off",
      ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
    },
  });
  // Its log line for each request goes nowhere, as it would in a service whose log somebody else writes.
  let output = "";
  child.stdout.on("data", (chunk) => {
    if (output.length < 10_000) output += chunk;
  });
  await untilRunning(child, () => output);
  const processes = { web: child.pid ?? 0, database: databasePid(dataDir, databaseUrl) };
  return {
    url,
    profileFolder: dataDir,
    processes,
    readMemory: () => ({ web: residentOf(processes.web), database: residentOf(processes.database) }),
    stop: () => stop(child),
  };
}

/** A folder for the PATH whose `node` writes a profile. Node takes that flag from its command line alone. */
function profilingNode(dataDir: string): string {
  const folder = join(dataDir, "profiling");
  mkdirSync(folder);
  const flags = `--cpu-prof --cpu-prof-dir='${dataDir}'`;
  writeFileSync(join(folder, "node"), `#!/bin/sh\nexec '${process.execPath}' ${flags} "$@"\n`, {
    mode: 0o755,
  });
  return folder;
}

async function untilRunning(child: ChildProcess, output: () => string): Promise<void> {
  const deadline = performance.now() + 180_000;
  while (!output().includes("is running at")) {
    if (child.exitCode !== null || performance.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`The server did not start: ${output()}`);
    }
    await sleep(50);
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // A TCP server's.
  server.close();
  await once(server, "close");
  return port;
}

function databasePid(dataDir: string, databaseUrl: string | null): number | null {
  const holder = databaseUrl === null ? findHolder(embeddedPaths(dataDir).lock) : null;
  return holder === null || holder === "unknown" ? null : holder.pid;
}

/** From /proc, so on Linux alone. */
function residentOf(pid: number | null): Memory["web"] {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const megabytes = (field: string) => {
      const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status) ?? [];
      return Math.round(Number(kilobytes) / 1024);
    };
    return { residentMb: megabytes("VmRSS"), peakMb: megabytes("VmHWM") };
  } catch {
    return null;
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const lastResort = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await ended;
  clearTimeout(lastResort);
}
