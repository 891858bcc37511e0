import type pg from "pg";

/** The oldest PostgreSQL that this works on: the tests run on it. */
export const OLDEST_POSTGRESQL = 15;

/** A PostgreSQL server that is too old; the message is one line for the operator. */
export class OldDatabaseError extends Error {
  override readonly name = "OldDatabaseError";
}

/**
 * @param connected a connection that is open
 * @throws OldDatabaseError when the server is older than what this works on
 */
export async function requireVersion(connected: Pick<pg.Client, "query">): Promise<void> {
  const { rows } = await connected.query<{ server_version: string }>("SHOW server_version");
  refuseOld(rows[0]?.server_version ?? "");
}

/** @param version as PostgreSQL tells it, such as "15.18 (Debian 15.18-0+deb12u1)" or "19beta1" */
export function refuseOld(version: string): void {
  const [number = ""] = /^[\d.]+/.exec(version) ?? [];
  if (Number.parseInt(number, 10) < OLDEST_POSTGRESQL)
    throw new OldDatabaseError(
      `PostgreSQL ${number} is too old: ${OLDEST_POSTGRESQL} or newer is needed. Nothing was changed.`,
    );
}
