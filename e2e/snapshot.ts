import type { Database } from "@/lib/db/client";

/** Everything about an account that a refused request must leave as it was; audit events and budgets may grow. */
export async function snapshotOf(db: Database, userId: string): Promise<string> {
  const where = { userId };
  const rows = await Promise.all([
    db.user.findUnique({ where: { id: userId } }),
    db.totpFactor.findMany({ where, orderBy: { id: "asc" } }),
    db.recoveryCode.findMany({ where, orderBy: { id: "asc" } }),
    db.recoveryReveal.findMany({ where }),
    db.session.findMany({ where, orderBy: { id: "asc" }, omit: { lastSeenAt: true } }),
    db.knownBrowser.findMany({ where, orderBy: { id: "asc" } }),
    db.mailLink.findMany({ where, orderBy: { id: "asc" } }),
    db.apiToken.findMany({ where, orderBy: { id: "asc" }, include: { reveal: true } }),
    db.trustedBrowser.findMany({ where, orderBy: { id: "asc" } }),
  ]);
  return JSON.stringify(rows, (_key, value: unknown) => {
    if (typeof value === "bigint") return String(value);
    return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
  });
}
