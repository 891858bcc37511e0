import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Keys, parseKeys } from "@/lib/crypto/keys";
import { type Database, openDatabase } from "@/lib/db/client";
import { embeddedConnection } from "@/lib/db/connection";

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: global-setup.ts did not run`);
  return value;
}

/** The address of the server under test, without a slash at its end. */
export const serverUrl = (): string => setting("E2E_URL");

/** Where it serves native gRPC, as host and port. */
export const grpcAddress = (): string => setting("E2E_GRPC");

/** What the server has printed so far. */
export const serverOutput = (): string => readFileSync(setting("E2E_OUTPUT"), "utf8");

/** The server's data directory. */
export const dataDir = (): string => setting("E2E_DATA_DIR");

/** The keys that the server made at its first start. */
export function serverKeys(): Keys {
  return parseKeys(readFileSync(join(dataDir(), "keys.json"), "utf8"));
}

/** The server's own database. More patient than the server is: the tests share its one session with it. */
export function openServerDatabase(): Database {
  const patience = { connectionTimeoutMillis: 20_000, query_timeout: 20_000 };
  return openDatabase({ ...embeddedConnection(dataDir()), ...patience, max: 2 });
}
