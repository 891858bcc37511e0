import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { PoolConfig } from "pg";
import { embeddedConnection } from "../connection";
import { findProjectRoot } from "../project-root";
import type { FromDatabase, ToDatabase } from "./messages";

/** A database process of ours that answers on its socket. */
export type EmbeddedDatabase = {
  pid: number;
  connection: PoolConfig;
  /** Settles when the process has ended, for whatever reason. */
  ended: Promise<void>;
  /** Closes it cleanly. Takes at most five seconds; a command's, with others that joined it, half a minute more. */
  stop(): Promise<void>;
};

/** The embedded database could not be started; the message is one line for the operator. */
export class EmbeddedDatabaseError extends Error {
  override readonly name = "EmbeddedDatabaseError";
  readonly isInUse: boolean;

  constructor(message: string, isInUse: boolean) {
    super(message);
    this.isInUse = isInUse;
  }
}

/**
 * Starts the embedded database of a data directory in a process of its own, which ends with this one.
 * @param dataDir absolute path
 * @param purpose a command's database waits for other commands that joined it before it stops
 * @throws EmbeddedDatabaseError in use by another process (`isInUse`), or unable to start
 */
export async function startEmbeddedDatabase(
  dataDir: string,
  purpose: "serve" | "command",
): Promise<EmbeddedDatabase> {
  const file = join(findProjectRoot(), "dist", "database-process.js");
  if (!existsSync(file)) throw new EmbeddedDatabaseError("Not built yet: run script/build first", false);
  const child = fork(file, [dataDir, purpose], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    execArgv: ["--max-semi-space-size=4"],
  });
  const ended = once(child, "exit").then(() => {});
  if ((await untilReady(child)) === "initialised") {
    await ended;
    return startEmbeddedDatabase(dataDir, purpose);
  }
  return {
    pid: child.pid ?? 0,
    connection: embeddedConnection(dataDir),
    ended,
    stop: () => stop(child, ended, purpose === "command" ? 35_000 : 5000),
  };
}

async function untilReady(child: ChildProcess): Promise<"ready" | "initialised"> {
  const message = await new Promise<FromDatabase>((resolve) => {
    child.once("message", (told: FromDatabase) => resolve(told));
    child.once("exit", (code, signal) =>
      resolve({ kind: "failed", message: `it ended at once (${signal ?? code})` }),
    );
    child.once("error", (error) => resolve({ kind: "failed", message: error.message }));
  });
  if (message.kind === "in_use") throw new EmbeddedDatabaseError(message.message, true);
  if (message.kind === "failed") {
    throw new EmbeddedDatabaseError(`The embedded database did not start: ${message.message}`, false);
  }
  return message.kind;
}

async function stop(child: ChildProcess, ended: Promise<void>, withinMs: number): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.connected) {
    child.send({ kind: "stop" } satisfies ToDatabase);
  }
  const lastResort = setTimeout(() => child.kill("SIGKILL"), withinMs);
  await ended;
  clearTimeout(lastResort);
}
