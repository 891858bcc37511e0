import { randomFillSync } from "node:crypto";
import { decodeTime, encodeTime, monotonicFactory } from "ulid";

/** Fetched many at a time: ulid asks for each of its 16 random characters by itself. */
const randomBytes = new Uint8Array(1024);
let used = randomBytes.length;

/** A fraction of 256 equal steps, of which ulid takes one of 32 characters. */
function randomFraction(): number {
  if (used === randomBytes.length) {
    randomFillSync(randomBytes);
    used = 0;
  }
  const byte = randomBytes[used] ?? 0;
  used += 1;
  return byte / 256;
}

const next = monotonicFactory(randomFraction);

/** A ULID: 26 characters that sort by time, and within a millisecond by order of making. */
export function newId(now: Date): string {
  return next(now.getTime());
}

/** Whether a text can be an id of ours: a ULID. */
export function isId(value: unknown): value is string {
  return typeof value === "string" && /^[0-9A-HJKMNP-TV-Z]{26}$/.test(value);
}

/** When what has such an id was made. Null for text that is no id of ours. */
export function madeAt(id: string): Date | null {
  return isId(id) && id <= "7ZZZZZZZZZ" ? new Date(decodeTime(id)) : null;
}

/** The lowest id of a moment: ids made before it sort before, all others at it or behind. */
export function firstIdOf(moment: Date): string {
  return encodeTime(Math.max(0, moment.getTime())).padEnd(26, "0");
}
