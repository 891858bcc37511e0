import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startServer, type TestServer } from "@/bin/testing/process";
import { findHolder } from "@/lib/db/embedded/lock";
import { embeddedPaths } from "@/lib/db/embedded/paths";
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
  const server = await startServer({
    ...(isProfiled ? { PATH: `${profilingNode(dataDir)}:${process.env.PATH}` } : {}),
    DATA_DIR: dataDir,
    // All requests come from one address here.
    RATE_LIMIT_ADDRESS: "off",
    ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
  });
  const processes = { web: server.pid, database: databasePid(dataDir, databaseUrl) };
  return {
    url: server.url,
    profileFolder: dataDir,
    processes,
    readMemory: () => ({ web: residentOf(processes.web), database: residentOf(processes.database) }),
    stop: () => stop(server),
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

/** The process of an embedded database that is open; null where there is none. */
export function databasePid(dataDir: string, databaseUrl: string | null): number | null {
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

async function stop({ child, ended }: TestServer): Promise<void> {
  child.kill("SIGTERM");
  const lastResort = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await ended;
  clearTimeout(lastResort);
}
