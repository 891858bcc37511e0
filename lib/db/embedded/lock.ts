import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { tryLock } from "fs-native-extensions";
import { z } from "zod";

/** Who holds a data directory: what the lock file says. */
const holder = z.object({
  /** The database process. */
  pid: z.number().int(),
  /** The process that started it: a server, or a command of the command line. */
  parentPid: z.number().int(),
  purpose: z.enum(["serve", "command"]),
  state: z.enum(["starting", "open", "closing"]),
  startedAt: z.string(),
});
export type Holder = z.infer<typeof holder>;

/** The data directory belongs to another process. The message is one line for the operator. */
export class DirectoryInUse extends Error {
  override readonly name = "DirectoryInUse";
  readonly holder: Holder | null;

  constructor(path: string, who: Holder | null) {
    const what = who?.purpose === "command" ? "command" : "server";
    const named = who
      ? `process ${who.parentPid}, a ${what} whose database is process ${who.pid}`
      : "a process";
    super(`The data directory is in use by ${named} (lock: ${path})`);
    this.holder = who;
  }
}

/** A held lock. The kernel lets go of it when the process ends, however it ends. */
export type Lock = { announce(state: Holder["state"]): void; release(): void };

const patienceMs = 1500;
const pollMs = 25;

/**
 * Takes the exclusive lock of a data directory. A holder that is going away is waited for, 1.5 s at most.
 * @param path the lock file; made when it is missing, never removed: removing it would let two processes
 *   hold locks on two files of one name
 * @throws DirectoryInUse naming the holder
 */
export async function takeLock(path: string, purpose: Holder["purpose"]): Promise<Lock> {
  const file = openSync(path, "a+", 0o600);
  const deadline = performance.now() + patienceMs;
  while (!tryLock(file)) {
    const who = readHolder(path);
    if (performance.now() > deadline || (who && isStaying(who))) {
      closeSync(file);
      throw new DirectoryInUse(path, who);
    }
    await sleep(pollMs);
  }
  // Read once: a process whose parent has died gets another one.
  const content = { pid: process.pid, parentPid: process.ppid, startedAt: new Date().toISOString(), purpose };
  const announce = (state: Holder["state"]) => {
    ftruncateSync(file);
    writeSync(file, `${JSON.stringify({ ...content, state })}\n`);
  };
  announce("starting");
  return { announce, release: () => closeSync(file) };
}

/** Who holds the lock of a data directory just now; null when nobody does. */
export function findHolder(path: string): Holder | "unknown" | null {
  let file: number;
  try {
    file = openSync(path, "r+");
  } catch {
    return null;
  }
  try {
    return tryLock(file) ? null : (readHolder(path) ?? "unknown");
  } finally {
    closeSync(file);
  }
}

/**
 * Refuses a directory that another server keeps, before anything is loaded or started for it: `takeLock` asks in any case.
 * @throws DirectoryInUse naming the holder
 */
export function refuseKept(path: string): void {
  const who = findHolder(path);
  if (who !== null && who !== "unknown" && isStaying(who)) throw new DirectoryInUse(path, who);
}

function readHolder(path: string): Holder | null {
  try {
    return holder.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return null; // Between being truncated and being written.
  }
}

/** A live server keeps its directory; a command, a closing one or one whose server was killed lets go soon. */
function isStaying(who: Holder): boolean {
  return who.purpose === "serve" && who.state !== "closing" && isAlive(who.parentPid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there and belongs to someone else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
