import type { Prisma } from "@/lib/db/generated/client";

/** Ends sign-ins that are half done and trust in browsers: they rest on what an account was protected by until now. How many. */
export async function endOpenSignIns(tx: Prisma.TransactionClient, userId: string): Promise<number> {
  const challenges = await tx.challenge.deleteMany({ where: { userId } });
  return challenges.count + (await tx.trustedBrowser.deleteMany({ where: { userId } })).count;
}

/**
 * Ends everything that somebody who got hold of an account may have opened in it or begun: sessions, half-done sign-ins,
 * trust in browsers, links on their way by mail.
 * @param keptSessionId the session of whoever asks for it
 * @returns how much there was of it
 */
export async function endAccess(
  tx: Prisma.TransactionClient,
  userId: string,
  keptSessionId?: string,
): Promise<number> {
  const sessions = await tx.session.deleteMany({
    where: { userId, ...(keptSessionId ? { id: { not: keptSessionId } } : {}) },
  });
  const openSignIns = await endOpenSignIns(tx, userId);
  return sessions.count + openSignIns + (await tx.mailLink.deleteMany({ where: { userId } })).count;
}
