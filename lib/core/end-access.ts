import type { Prisma } from "@/lib/db/generated/client";

/** Ends sign-ins that are half done and trust in browsers: they rest on what an account was protected by until now. */
export async function endOpenSignIns(tx: Prisma.TransactionClient, userId: string): Promise<void> {
  await tx.challenge.deleteMany({ where: { userId } });
  await tx.trustedBrowser.deleteMany({ where: { userId } });
}

/**
 * Ends everything that somebody who got hold of an account may have opened in it or begun: sessions, half-done sign-ins,
 * trust in browsers, links on their way by mail.
 * @param keptSessionId the session of whoever asks for it
 */
export async function endAccess(
  tx: Prisma.TransactionClient,
  userId: string,
  keptSessionId?: string,
): Promise<void> {
  await tx.session.deleteMany({
    where: { userId, ...(keptSessionId ? { id: { not: keptSessionId } } : {}) },
  });
  await endOpenSignIns(tx, userId);
  await tx.mailLink.deleteMany({ where: { userId } });
}
