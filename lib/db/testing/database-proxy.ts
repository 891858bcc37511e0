import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a database server that can be blocked: `freeze` holds all traffic, `cut` breaks and refuses it. */
export type DatabaseProxy = {
  /** The database's address by way of the proxy. */
  url: string;
  freeze(): void;
  cut(): Promise<void>;
  /** Undoes either. */
  heal(): Promise<void>;
  stop(): Promise<void>;
};

/** Opens a proxy on this machine to a PostgreSQL server. @param url with a host= socket directory, or a host */
export async function openDatabaseProxy(url: string): Promise<DatabaseProxy> {
  const target = new URL(url);
  const folder = target.searchParams.get("host");
  const port = Number(target.port || 5432);
  const sockets = new Set<Socket>();
  let isFrozen = false;
  const server = createServer((near) => {
    const far = folder ? connect(`${folder}/.s.PGSQL.${port}`) : connect(port, target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      if (isFrozen) from.pause();
    }
  });
  const listen = async (at: number) => {
    server.listen(at, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port; // A TCP server's.
  };
  const cut = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  const own = await listen(0);
  const proxied = new URL(url);
  proxied.search = "";
  proxied.host = `127.0.0.1:${own}`;
  return {
    url: proxied.href,
    freeze() {
      isFrozen = true;
      for (const socket of sockets) socket.pause();
    },
    cut,
    async heal() {
      isFrozen = false;
      for (const socket of sockets) socket.resume();
      if (!server.listening) await listen(own);
    },
    stop: cut,
  };
}
