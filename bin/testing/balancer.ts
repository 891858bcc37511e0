import { Agent, createServer, request } from "node:http";
import { listenAtFreePort } from "@/lib/testing/free-port";

/** A proxy in front of several servers. `targets`: their addresses, which take turns. */
export type Balancer = { url: string; targets: URL[]; stop(): void };

/** At once to each server: as many as it has database connections. Those that it has no time for it would send away. */
const SOCKETS = 10;

/** Starts a proxy that passes each request on, headers and all, to the next of its targets. */
export async function startBalancer(): Promise<Balancer> {
  const agent = new Agent({ maxSockets: SOCKETS });
  const targets: URL[] = [];
  let turn = 0;
  const server = createServer((asked, answer) => {
    turn += 1;
    const { hostname, port } = targets[turn % targets.length] ?? {};
    const { method, url: path, headers } = asked;
    const passed = request({ hostname, port, method, path, headers, agent }, (given) => {
      answer.writeHead(given.statusCode ?? 502, given.rawHeaders);
      given.pipe(answer);
    });
    passed.on("error", (error) => answer.destroy(error));
    asked.pipe(passed);
  });
  // A connection that is closed for being idle may meet a request under way.
  server.keepAliveTimeout = 0;
  const port = await listenAtFreePort(server, null);
  return {
    url: `http://localhost:${port}`,
    targets,
    stop() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}
