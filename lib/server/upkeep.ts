import { remindOfPolicy } from "@/lib/core/policy-reminders";
import { purgeLapsed } from "@/lib/core/purge";
import type { Database } from "@/lib/db/client";
import type { Log } from "@/lib/log";

const everyMs = 600_000;

/**
 * Purges what has lapsed and reminds people of what policy asks for, now and every ten minutes. Several processes may: each
 * row goes once, and each reminder is sent once. Returns what stops it.
 */
export function startUpkeep(db: Database, log: Log): () => Promise<void> {
  const keepUp = async () => {
    await purgeLapsed(db, new Date()).catch((error) => log.event("not purged", { error }));
    await remindOfPolicy(db, new Date()).catch((error) => log.event("not reminded", { error }));
  };
  let work = keepUp();
  const timer = setInterval(() => {
    work = work.then(keepUp);
  }, everyMs);
  return async () => {
    clearInterval(timer);
    await work;
  };
}
