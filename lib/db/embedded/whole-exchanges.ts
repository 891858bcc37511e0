import type { PGlite } from "@electric-sql/pglite";

/** Message types of the extended query protocol that leave an exchange open until Sync. */
const OPENING = new Set([..."PBDECH"].map((type) => type.charCodeAt(0)));
/** Sync, and a simple query, end one. PostgreSQL documentation, "Message Formats". */
const ENDING = new Set([..."SQ"].map((type) => type.charCodeAt(0)));

/**
 * Keeps one connection's exchange (Parse, Bind, Execute … Sync) whole. All connections share one PostgreSQL session, with
 * one unnamed statement and one unnamed portal. pglite-socket runs the connections' messages in turn and stays with a
 * connection only while `isInTransaction` says so, which is not yet the case between Parse and Sync of a statement by
 * itself: another connection's Parse would take its place, and its caller would get the wrong rows.
 */
export function keepExchangesWhole(db: PGlite): void {
  let isOpen = false;
  const run = db.execProtocolRawStream.bind(db);
  const isInTransaction = db.isInTransaction.bind(db);
  const exec = db.exec.bind(db);
  db.execProtocolRawStream = (message, options) => {
    const type = message[0] ?? 0;
    if (OPENING.has(type)) isOpen = true;
    if (ENDING.has(type)) isOpen = false;
    return run(message, options);
  };
  db.isInTransaction = () => isOpen || isInTransaction();
  // The ROLLBACK with which pglite-socket clears up after a connection that went away in the middle.
  db.exec = (...args) => {
    isOpen = false;
    return exec(...args);
  };
}
