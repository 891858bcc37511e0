import type { PGlite } from "@electric-sql/pglite";
import type { PGLiteSocketServer } from "@electric-sql/pglite-socket";

const tickMs = 500;
const ticksAllowed = 8;

/**
 * Calls `onStall` when queries wait and none has finished for four seconds, or when the engine itself threw.
 * pglite-socket serves nobody any more after either: a client that vanished while its BEGIN ran leaves its
 * transaction open for ever, and an error of the engine leaves the queue marked as busy. A new process is the cure.
 * Ticks are counted, not the clock, so that a process that was frozen is not taken for a stalled one.
 * @returns a function that ends the watch
 */
export function watchForStall(db: PGlite, server: PGLiteSocketServer, onStall: () => void): () => void {
  let finished = 0;
  const run = db.execProtocolRawStream.bind(db);
  db.execProtocolRawStream = async (...args) => {
    try {
      return await run(...args);
    } catch (error) {
      onStall();
      throw error;
    } finally {
      finished += 1;
    }
  };
  let seen = 0;
  let idleTicks = 0;
  const timer = setInterval(() => {
    const waits = server.getStats().queuedQueries > 0;
    idleTicks = waits && finished === seen ? idleTicks + 1 : 0;
    seen = finished;
    if (idleTicks >= ticksAllowed) onStall();
  }, tickMs);
  return () => clearInterval(timer);
}
