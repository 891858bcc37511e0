import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort, until } from "@/bin/testing/process";
import { findProjectRoot } from "@/lib/db/project-root";

const startsWithinMs = 120_000;
const stopsWithinMs = 20_000;

/** The server that all tests share, but those that say otherwise. */
export default (): Promise<() => Promise<void>> => startServer();

/**
 * Starts the production server on an embedded database of its own, and leaves where it is in the environment of this
 * process and those that it starts: its address, data directory and printed output. Returns what stops it.
 * @param settings besides those of all tests
 */
export async function startServer(settings: Record<string, string> = {}): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-e2e-"));
  const port = await findFreePort();
  const grpcPort = await findFreePort();
  const url = `http://localhost:${port}`;
  const output = join(folder, "output.log");
  const dataDir = join(folder, "data");
  const child = serve(output, {
    PORT: String(port),
    GRPC_PORT: String(grpcPort),
    PUBLIC_URL: url,
    DATA_DIR: dataDir,
    // Each test comes from an address of its own, so that the limits by address stay on.
    TRUSTED_PROXIES: "127.0.0.1,::1",
    EMAIL_CODES: "on",
    ...settings,
  });
  try {
    await until(() => isReady(url, child), startsWithinMs);
  } catch (error) {
    child.kill("SIGKILL");
    const printed = readFileSync(output, "utf8");
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`The server does not start:\n${printed}`, { cause: error });
  }
  Object.assign(process.env, {
    E2E_URL: url,
    E2E_DATA_DIR: dataDir,
    E2E_OUTPUT: output,
    E2E_GRPC: `localhost:${grpcPort}`,
  });
  return () => stop(child, folder, output);
}

function serve(output: string, settings: Record<string, string>): ChildProcess {
  const file = openSync(output, "a");
  const child = spawn(join(findProjectRoot(), "bin", "countersign"), ["serve"], {
    // Nothing of the machine's own settings reaches it but what it needs to start.
    env: { NODE_ENV: "production", PATH: process.env.PATH, ...settings },
    stdio: ["ignore", file, file],
  });
  closeSync(file);
  return child;
}

async function isReady(url: string, child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}`);
  try {
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    return false;
  }
}

/** @throws Error when the server does not end by itself, with 0 */
async function stop(child: ChildProcess, folder: string, output: string): Promise<void> {
  const ended = child.exitCode === null ? once(child, "exit") : Promise.resolve();
  const limit = setTimeout(() => child.kill("SIGKILL"), stopsWithinMs);
  child.kill("SIGTERM");
  await ended;
  clearTimeout(limit);
  const printed = readFileSync(output, "utf8");
  rmSync(folder, { recursive: true, force: true });
  if (child.exitCode !== 0) {
    throw new Error(`The server ended with ${child.exitCode ?? child.signalCode}:\n${printed.slice(-4000)}`);
  }
}
