import { monotonicFactory } from "ulid";

const next = monotonicFactory();

/** A ULID: 26 characters that sort by time, and within a millisecond by order of making. */
export function newId(now: Date): string {
  return next(now.getTime());
}
