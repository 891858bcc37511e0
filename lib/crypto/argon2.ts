import { availableParallelism } from "node:os";
import { hash, verify } from "@node-rs/argon2";
import { ARGON2ID } from "./argon2-cost";

// Argon2id (RFC 9106) in a lane of its own: each takes 19 MiB and a processor for some hundredths of a second, so that a flood of
// passwords would leave no processor to the requests of everybody else.

/** How many are worked on at once. One processor stays for what is not hashing, where there is more than one. */
const AT_ONCE = Math.max(1, availableParallelism() - 1);
/** How many may wait: some ten seconds' work for one processor. */
const MOST_WAITING = 400;

/** Thrown when so many wait that another one would not be served in time. */
export class TooManyHashes extends Error {
  override readonly name = "TooManyHashes";
}

type Lane = { running: number; waiting: (() => void)[] };

// Next's bundles carry copies of this module; there must be one lane in a process.
const name = Symbol.for("countersign.argon2");
// The global object has any property one gives it; its type only knows the standard ones.
const places = globalThis as { [name]?: Lane };

/** Does the work when its turn comes. */
async function inLane<T>(work: () => Promise<T>): Promise<T> {
  places[name] ??= { running: 0, waiting: [] };
  const lane = places[name];
  if (lane.running < AT_ONCE) lane.running += 1;
  else if (lane.waiting.length >= MOST_WAITING) throw new TooManyHashes("too many hashes are waited for");
  else await new Promise<void>((resolve) => lane.waiting.push(resolve));
  try {
    return await work();
  } finally {
    const next = lane.waiting.shift();
    // Whoever is next takes the place over, so that nobody slips in between.
    if (next) next();
    else lane.running -= 1;
  }
}

/** How many hashes are being worked on, and how many wait. */
export function hashesUnderWay(): { running: number; waiting: number } {
  const { running, waiting } = places[name] ?? { running: 0, waiting: [] };
  return { running, waiting: waiting.length };
}

/** A text's hash as a PHC string with a salt of its own. Throws TooManyHashes. */
export function argon2Hash(text: string): Promise<string> {
  return inLane(() => hash(text, ARGON2ID));
}

/** Whether a text belongs to a hash; in constant time. Throws TooManyHashes, and Error for what is no hash. */
export function argon2Verify(stored: string, text: string): Promise<boolean> {
  return inLane(() => verify(stored, text));
}
