import { setTimeout as sleep } from "node:timers/promises";
import type { HttpServer } from "./http-server";

/**
 * Stops a server: no new connections, requests in flight are finished.
 * @param withinMs connections that are still busy then are cut
 */
export async function drain(server: HttpServer, withinMs: number): Promise<void> {
  // Tells clients with a connection to keep not to send another request on it.
  server.prependListener("request", (_request, answer) => answer.setHeader("Connection", "close"));
  let isClosed = false;
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      isClosed = true;
      resolve();
    });
  });
  const deadline = performance.now() + withinMs;
  while (!isClosed && performance.now() < deadline) {
    server.closeIdleConnections();
    await Promise.race([closed, sleep(50)]);
  }
  // Not waited for: a connection that became a web socket is no longer the server's to close.
  server.closeAllConnections();
}
