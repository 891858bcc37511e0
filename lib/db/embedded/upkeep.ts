import pg from "pg";

const checkpointEveryMs = 5 * 60_000;
const vacuumEveryTimes = 12;

/**
 * Does what a PostgreSQL server has background processes for, and the embedded form has not: checkpoints, without
 * which the write-ahead log and the time to recover grow for ever, and the removal of dead rows.
 * @param connection this database's own socket: as a client like the others, it never gets between the
 *   statements of a transaction
 */
export function startUpkeep(connection: pg.PoolConfig): void {
  let times = 0;
  const timer = setInterval(() => {
    times += 1;
    // What fails now is tried again in five minutes.
    runUpkeep(connection, times % vacuumEveryTimes === 0).catch(() => {});
  }, checkpointEveryMs);
  timer.unref();
}

/** One round of upkeep. */
export async function runUpkeep(connection: pg.PoolConfig, withVacuum: boolean): Promise<void> {
  const client = new pg.Client(connection);
  client.on("error", () => {});
  await client.connect();
  try {
    if (withVacuum) await client.query("VACUUM (ANALYZE)");
    await client.query("CHECKPOINT");
  } finally {
    await client.end();
  }
}
