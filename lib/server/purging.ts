import { purgeLapsed } from "@/lib/core/purge";
import type { Database } from "@/lib/db/client";
import type { Log } from "@/lib/log";

const everyMs = 600_000;

/** Purges what has lapsed, now and every ten minutes. Several processes may: each row goes once. Returns what stops it. */
export function startPurging(db: Database, log: Log): () => Promise<void> {
  const purge = () => purgeLapsed(db, new Date()).catch((error) => log.event("not purged", { error }));
  let work: Promise<unknown> = purge();
  const timer = setInterval(() => {
    work = work.then(purge);
  }, everyMs);
  return async () => {
    clearInterval(timer);
    await work;
  };
}
