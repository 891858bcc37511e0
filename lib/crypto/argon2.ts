import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { ARGON2ID } from "./argon2-cost";

// Argon2id (RFC 9106) in threads of its own that give way to all others, and in a line before them: each hash takes 19 MiB and a
// processor for some hundredths of a second, so that a flood of passwords would leave nothing to the requests of everybody else.

/** How many are worked on at once: never on all processors, where there is more than one. */
const AT_ONCE = Math.max(1, availableParallelism() - 1);
/** How many may wait: some ten seconds' work for one processor that does nothing else. */
export const MOST_WAITING = 400;
/** For how long anybody may have to wait: connections that say nothing are cut after a minute, here and by many a proxy. */
const LONGEST_WAIT_MS = 30_000;
/** How much of what hashing usually takes is what the last one took: enough to follow a machine that gets busy within seconds. */
const NEWEST_SHARE = 1 / 8;
/** Of nice(1): a thirtieth of a processor that others want as well, so that the line moves in any case. */
const NICENESS = 15;

/** What a thread does. It is text since a bundler leaves no file that could be named. */
const THREAD = `
const { createRequire } = require("node:module");
const { setPriority } = require("node:os");
const { parentPort, workerData } = require("node:worker_threads");
// On Linux each thread has a priority (setpriority(2)); elsewhere it would be that of the whole process.
if (process.platform === "linux") setPriority(0, workerData.niceness);
const { hashSync, verifySync } = createRequire(workerData.from)("@node-rs/argon2");
parentPort.on("message", ({ stored, text, cost }) => {
  try {
    parentPort.postMessage({ result: stored === null ? hashSync(text, cost) : verifySync(stored, text) });
  } catch (error) {
    parentPort.postMessage({ error });
  }
});`;

/** Thrown when so many wait, or so slowly, that another one would not be served in time. */
export class TooManyHashes extends Error {
  override readonly name = "TooManyHashes";
}

type Work = { stored: string | null; text: string };
type Answer = { result: string | boolean } | { error: unknown };
/** What one hash at a time is worked on by: a thread, which is started when there is work for it. */
type Slot = Worker | null;
/** `usualMs`: what one takes from its turn on, as those before it took. */
type Lane = { free: Slot[]; waiting: ((slot: Slot) => void)[]; usualMs: number };

// Next's bundles carry copies of this module; there must be one lane in a process.
const LANE = Symbol.for("countersign.argon2");
// The global object has any property one gives it; its type only knows the standard ones.
const shared = globalThis as { [LANE]?: Lane };

function lane(): Lane {
  shared[LANE] ??= { free: Array<Slot>(AT_ONCE).fill(null), waiting: [], usualMs: 0 };
  return shared[LANE];
}

/** Does the work when its turn comes. */
async function inLane(work: Work): Promise<string | boolean> {
  const { free, waiting } = lane();
  const isFree = free.length > 0;
  const slot = isFree ? (free.pop() ?? null) : await new Promise<Slot>((resolve) => waiting.push(resolve));
  const began = performance.now();
  const { answer, left } = await inThread(slot, work);
  lane().usualMs += (performance.now() - began - lane().usualMs) * NEWEST_SHARE;
  // Whoever is next takes the slot over, so that nobody slips in between.
  const next = waiting.shift();
  if (next) next(left);
  else free.push(left);
  if ("error" in answer) throw answer.error;
  return answer.result;
}

/** `left` is what is left of the slot: a thread that fails (out of memory, say) takes nothing but its own work with it. */
async function inThread(slot: Slot, work: Work): Promise<{ answer: Answer; left: Slot }> {
  const workerData = { niceness: NICENESS, from: import.meta.url };
  const thread = slot ?? new Worker(THREAD, { eval: true, workerData });
  try {
    thread.ref();
    const answered = once(thread, "message");
    thread.postMessage({ ...work, cost: ARGON2ID });
    // What THREAD sends.
    const [answer] = (await answered) as [Answer];
    // No process stays for a thread that has nothing to do.
    thread.unref();
    return { answer, left: thread };
  } catch (error) {
    void thread.terminate();
    return { answer: { error }, left: null };
  }
}

/** How many hashes are being worked on, and how many wait. */
export function hashesUnderWay(): { running: number; waiting: number } {
  const { free, waiting } = lane();
  return { running: AT_ONCE - free.length, waiting: waiting.length };
}

/**
 * To be asked before a hash, and before anything is taken for it: whoever is told to come back later must not have lost a
 * try. Throws TooManyHashes.
 */
export function requireRoomToHash(): void {
  const { waiting, usualMs } = lane();
  const waitMs = (waiting.length * usualMs) / AT_ONCE;
  if (waiting.length >= MOST_WAITING || waitMs >= LONGEST_WAIT_MS)
    throw new TooManyHashes("too many hashes are waited for");
}

/** A text's hash as a PHC string with a salt of its own. Ask `requireRoomToHash` before. */
export async function argon2Hash(text: string): Promise<string> {
  return String(await inLane({ stored: null, text }));
}

/** Whether a text belongs to a hash; in constant time. Ask `requireRoomToHash` before. Throws Error for what is no hash. */
export async function argon2Verify(stored: string, text: string): Promise<boolean> {
  return (await inLane({ stored, text })) === true;
}
