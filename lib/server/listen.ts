import { once } from "node:events";
import type { Server } from "node:net";

/**
 * Begins to listen.
 * @param address an IP address of this machine; null: every one that it has
 * @throws Error when that port cannot be listened on
 */
export async function listen<S extends Server>(server: S, port: number, address: string | null): Promise<S> {
  server.listen({ port, host: address ?? undefined });
  await once(server, "listening");
  return server;
}
