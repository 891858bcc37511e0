import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProjectRoot } from "@/lib/db/project-root";
import { listenAtFreePort } from "@/lib/testing/free-port";

export type Settings = Record<string, string>;
export type Outcome = { code: number; stdout: string; stderr: string };

/** A running server. `output` is what it has printed so far, or the last megabyte of it. */
export type TestServer = {
  pid: number;
  url: string;
  child: ChildProcess;
  output(): string;
  /** The exit code; null when a signal ended it. */
  ended: Promise<number | null>;
};

const launcher = (root: string) => join(root, "bin", "countersign");

// Nothing of the machine's own settings reaches the process but what it needs to start.
const environment = (settings: Settings): NodeJS.ProcessEnv => ({
  NODE_ENV: "production",
  PATH: process.env.PATH,
  ...settings,
});

/** Which copy of the product runs, and who runs it: without it the project's own folder, and whoever runs the tests. */
export type Installed = { root: string; uid?: number; gid?: number };

/** Runs a command of the command line to its end. */
export function runCommand(
  args: string[],
  settings: Settings,
  input = "",
  installed: Installed = { root: findProjectRoot() },
): Promise<Outcome> {
  return new Promise((resolve) => {
    const { root, ...user } = installed;
    const options = { env: environment(settings), ...user };
    const child = execFile(launcher(root), args, options, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}

/** A port that was free a moment ago. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  const port = await listenAtFreePort(server, null);
  server.close();
  await once(server, "close");
  return port;
}

/**
 * Starts a server and waits until it says that it runs. Needs what script/build makes.
 * @throws Error with its output when it ends instead
 */
export async function startServer(
  settings: Settings,
  { root, ...user }: Installed = { root: findProjectRoot() },
): Promise<TestServer> {
  const port = settings.PORT ?? String(await findFreePort());
  const child = spawn(launcher(root), ["serve"], {
    env: environment({ ...settings, PORT: port }),
    cwd: root,
    ...user,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output = (output + chunk).slice(-1_000_000);
    });
  }
  try {
    await until(() => output.includes("is running at") || child.exitCode !== null, 90_000);
  } catch (error) {
    child.kill("SIGKILL");
    throw new Error(`The server does not start: ${output}`, { cause: error });
  }
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
