import type { Duplex } from "node:stream";
import pg from "pg";

/**
 * A connection that is cut when a query on it has timed out. pg itself only stops waiting: the next queries,
 * a ROLLBACK among them, would queue behind the one that never ends, and the connection could go back to the
 * pool inside an open transaction, where later writes look done and are lost.
 */
export class ImpatientClient extends pg.Client {}

// pg's types leave out the connection beneath a client.
type Inner = { connection: { stream: Duplex } };

const send = pg.Client.prototype.query;
// Assigned, as a method would have to repeat pg's nine overloads.
ImpatientClient.prototype.query = function (this: pg.Client & Inner, ...args: unknown[]): unknown {
  // The arguments are passed on as they came.
  const result: unknown = (send as (...args: unknown[]) => unknown).apply(this, args);
  if (result instanceof Promise) {
    result.catch((error: unknown) => {
      if (error instanceof Error && error.message === "Query read timeout") this.connection.stream.destroy();
    });
  }
  return result;
} as typeof send;
