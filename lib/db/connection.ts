import type { PoolConfig } from "pg";
import type { Env } from "@/lib/env";
import { embeddedPaths } from "./embedded/paths";

/**
 * How this process reaches the database, the same way in the server, in Next's code and on the command line:
 * the server that DATABASE_URL names, else the embedded database's socket.
 */
export function databaseConnection(env: Pick<Env, "databaseUrl" | "dataDir">): PoolConfig {
  if (env.databaseUrl !== null) return { connectionString: env.databaseUrl };
  return embeddedConnection(env.dataDir);
}

/** How to reach the embedded database of a data directory (absolute path) while it runs. */
export function embeddedConnection(dataDir: string): PoolConfig {
  return {
    host: embeddedPaths(dataDir).socketDir,
    port: 5432,
    user: "postgres",
    database: "postgres",
  };
}

/** Whether a connection goes to the embedded form, which has one session for all its clients. */
export function isEmbedded(connection: PoolConfig): boolean {
  return connection.connectionString === undefined;
}
