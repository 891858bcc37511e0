import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProjectRoot } from "@/lib/db/project-root";

export type Settings = Record<string, string>;
export type Outcome = { code: number; stdout: string; stderr: string };

/** A running server. `output` is what it has printed so far. */
export type TestServer = {
  pid: number;
  url: string;
  child: ChildProcess;
  output(): string;
  /** The exit code; null when a signal ended it. */
  ended: Promise<number | null>;
};

const launcher = () => join(findProjectRoot(), "bin", "countersign");

// Nothing of the machine's own settings reaches the process but what it needs to start.
const environment = (settings: Settings): NodeJS.ProcessEnv => ({
  NODE_ENV: "production",
  PATH: process.env.PATH,
  ...settings,
});

/** Runs a command of the command line to its end. */
export function runCommand(args: string[], settings: Settings, input = ""): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(launcher(), args, { env: environment(settings) }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}

/** A port that was free a moment ago. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // A TCP server's.
  server.close();
  await once(server, "close");
  return port;
}

/**
 * Starts a server and waits until it says that it runs. Needs what script/build makes.
 * @throws Error with its output when it ends instead
 */
export async function startServer(settings: Settings): Promise<TestServer> {
  const port = settings.PORT ?? String(await findFreePort());
  const child = spawn(launcher(), ["serve"], {
    env: environment({ ...settings, PORT: port }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  await until(() => output.includes("is running at") || child.exitCode !== null, 90_000);
  if (child.exitCode !== null) throw new Error(`The server ended: ${output}`);
  return { pid: child.pid ?? 0, url: `http://localhost:${port}`, child, output: () => output, ended };
}

/** Kills a server, and with it its database process. */
export async function killServer(server: TestServer): Promise<void> {
  server.child.kill("SIGKILL");
  await server.ended;
}

/** Waits until something holds. @throws Error when it does not within the time */
export async function until(holds: () => boolean | Promise<boolean>, withinMs: number): Promise<number> {
  const began = performance.now();
  while (!(await holds())) {
    if (performance.now() - began > withinMs) throw new Error(`not so after ${withinMs} ms: ${holds}`);
    await sleep(20);
  }
  return performance.now() - began;
}
