import type { Context } from "@/lib/core/context";
import { remindOfPolicy } from "@/lib/core/policy-reminders";
import { purgeLapsed } from "@/lib/core/purge";
import type { Database } from "@/lib/db/client";
import type { Log } from "@/lib/log";

const everyMs = 600_000;

/**
 * Purges what has lapsed and reminds people of what policy asks for. Several processes may at once: each row goes once, and each
 * reminder is sent once.
 */
export async function keepUp({ db }: Pick<Context, "db">, log: Log): Promise<void> {
  await purgeLapsed(db, new Date()).catch((error) => log.event("not purged", { error }));
  await remindOfPolicy(db, new Date()).catch((error) => log.event("not reminded", { error }));
}

/** Keeps up now and every ten minutes. Returns what stops it. */
export function startUpkeep(db: Database, log: Log): () => Promise<void> {
  let work = keepUp({ db }, log);
  const timer = setInterval(() => {
    work = work.then(() => keepUp({ db }, log));
  }, everyMs);
  return async () => {
    clearInterval(timer);
    await work;
  };
}
