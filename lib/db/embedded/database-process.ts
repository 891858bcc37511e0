/** The entry point of the database process: PostgreSQL (PGlite) behind a Unix socket, for one data directory. */
import { existsSync, renameSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { embeddedConnection } from "../connection";
import { DirectoryInUse, type Lock, takeLock } from "./lock";
import type { FromDatabase, ToDatabase } from "./messages";
import { embeddedPaths, makePrivateDirectory } from "./paths";
import { watchForStall } from "./stall";
import { startUpkeep } from "./upkeep";
import { keepExchangesWhole } from "./whole-exchanges";

// PostgreSQL's default of 128 MB would all be touched in time; the accounts of one service are far smaller.
const startParams = [...PGlite.defaultStartParams, "-c", "shared_buffers=16MB"];
const closeWithinMs = 1000;
// Each waits for the machine to make its password hash, and for the others' migrations.
const othersFinishWithinMs = 30_000;

function tell(message: FromDatabase): void {
  if (process.connected) process.send?.(message);
}

async function open(dataDir: string, purpose: "serve" | "command"): Promise<void> {
  const paths = embeddedPaths(dataDir);
  makePrivateDirectory(paths.dataDir);
  makePrivateDirectory(paths.socketDir);
  const lock = await takeLock(paths.lock, purpose);
  // Ours alone from here on, so a socket that is still there belongs to a process that was killed.
  if (existsSync(paths.socket)) rmSync(paths.socket);
  if (!existsSync(paths.database)) {
    await initialise(paths.database);
    tell({ kind: "initialised" });
    lock.release();
    return process.disconnect?.();
  }
  const db = await PGlite.create({ dataDir: paths.database, startParams });
  keepExchangesWhole(db);
  const server = new PGLiteSocketServer({ db, path: paths.socket, maxConnections: 100 });
  await server.start();
  watchForStall(db, server, () => process.exit(1));
  startUpkeep(embeddedConnection(dataDir));
  closeOnRequest(lock, db, server, purpose);
  lock.announce("open");
  tell({ kind: "ready" });
}

/**
 * Makes an empty database, whole or not at all. Making one takes 400 MB that the process would keep, so another
 * one opens it.
 */
async function initialise(folder: string): Promise<void> {
  const draft = `${folder}.new`;
  rmSync(draft, { recursive: true, force: true });
  const db = await PGlite.create({ dataDir: draft, startParams });
  await db.close();
  renameSync(draft, folder);
}

function closeOnRequest(lock: Lock, db: PGlite, server: PGLiteSocketServer, purpose: string): void {
  let closing = false;
  const close = async () => {
    if (closing) return;
    closing = true;
    lock.announce("closing");
    if (purpose === "command") await untilUnused(server);
    // Nothing acknowledged is lost when it is killed, so a close that hangs is cut off.
    const work = server.stop().then(() => db.close());
    await Promise.race([work, sleep(closeWithinMs)]).catch(() => {});
    process.exit(0);
  };
  process.on("message", (message: ToDatabase) => {
    if (message.kind === "stop") void close();
  });
  process.on("disconnect", () => void close());
  if (!process.connected) void close();
}

/** Other commands may have joined this command's database: they finish first. */
async function untilUnused(server: PGLiteSocketServer): Promise<void> {
  const deadline = performance.now() + othersFinishWithinMs;
  while (server.getStats().activeConnections > 0 && performance.now() < deadline) await sleep(20);
}

// Ctrl+C and service managers signal the whole group. The server must finish what is in flight first, for
// which it needs its database: only the server ends it.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});

const [dataDir = "", purpose] = process.argv.slice(2);
// Whoever started this may go before it is open; then nobody is left to open it for.
const abandon = () => process.exit(0);
process.on("disconnect", abandon);
try {
  await open(dataDir, purpose === "command" ? "command" : "serve");
  process.off("disconnect", abandon);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  tell({ kind: error instanceof DirectoryInUse ? "in_use" : "failed", message });
  process.exitCode = 1;
  process.disconnect?.();
}
