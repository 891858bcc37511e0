import type { Database } from "@/lib/db/client";
import { secondsAfter } from "./context";
import { LIMITS } from "./limits";

const DAY = 86_400;
/** Sent mails and mails given up hold addresses; a month is enough to answer a question about one. */
const MAILS_KEPT_DAYS = 30;

/**
 * Deletes what has no effect any more: ended sessions, lapsed challenges, set-ups, API tokens and known browsers, budgets that are
 * whole again, codes and tokens shown too long, old mails. Nothing that limits anybody is touched. Events stay.
 * @returns how many rows
 */
export async function purgeLapsed(db: Database, now: Date): Promise<number> {
  const lapsed = { expiresAt: { lte: now } };
  const forgotten = secondsAfter(now, -Math.max(LIMITS.password.forgetSeconds, DAY));
  const deleted = [
    await db.session.deleteMany({ where: lapsed }),
    await db.challenge.deleteMany({ where: lapsed }),
    await db.knownBrowser.deleteMany({ where: lapsed }),
    await db.trustedBrowser.deleteMany({ where: lapsed }),
    await db.mailLink.deleteMany({ where: lapsed }),
    await db.apiToken.deleteMany({ where: lapsed }),
    await db.tokenReveal.deleteMany({ where: lapsed }),
    await db.recoveryReveal.deleteMany({ where: lapsed }),
    await db.totpFactor.deleteMany({ where: { ...lapsed, confirmedAt: null } }),
    await db.passwordBudget.deleteMany({ where: { lastAt: { lte: forgotten } } }),
    await db.addressBudget.deleteMany({ where: { lastAt: { lte: forgotten } } }),
    await db.mail.deleteMany({ where: { createdAt: { lt: secondsAfter(now, -MAILS_KEPT_DAYS * DAY) } } }),
  ];
  return deleted.reduce((sum, { count }) => sum + count, 0);
}
