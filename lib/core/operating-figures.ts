import type { Database } from "@/lib/db/client";
import { secondsAfter } from "./context";
import { firstIdOf } from "./ids";

// What whoever runs the service watches, of all instances together.

/** How far back events are counted. */
export const EVENTS_SECONDS = 300;

export type OperatingFigures = {
  /** Mails that are still to be sent, and for how long the oldest has been. */
  mailsWaiting: number;
  oldestMailSeconds: number;
  /** How many events of each kind there were within the last five minutes; of the others none. */
  recentEvents: { kind: string; count: number }[];
};

/** Reads them in two statements, along indexes. */
export async function readOperatingFigures(db: Database, now: Date): Promise<OperatingFigures> {
  const waiting = { sentAt: null, expiresAt: { gt: now } };
  const [mails, recentEvents] = await Promise.all([
    db.mail.aggregate({ where: waiting, _count: true, _min: { createdAt: true } }),
    db.$queryRaw<{ kind: string; count: number }[]>`
      SELECT kind, count(*)::int AS count FROM event
      WHERE id >= ${firstIdOf(secondsAfter(now, -EVENTS_SECONDS))} GROUP BY kind ORDER BY kind`,
  ]);
  const oldest = mails._min.createdAt;
  return {
    mailsWaiting: mails._count,
    oldestMailSeconds: oldest === null ? 0 : Math.max(0, (now.getTime() - oldest.getTime()) / 1000),
    recentEvents,
  };
}
