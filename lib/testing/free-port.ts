import type { Server } from "node:net";
import { listen } from "@/lib/server/listen";

/**
 * Begins to listen at a port that is free.
 * @param address an IP address of this machine, else where nobody but itself comes to; null: every one that it has
 * @returns the port
 */
export async function listenAtFreePort(
  server: Server,
  address: string | null = "127.0.0.1",
): Promise<number> {
  await listen(server, 0, address);
  return portOf(server);
}

/** Where a server listens. @throws Error for one that does not listen at a port */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("This server listens at no port");
  return address.port;
}
