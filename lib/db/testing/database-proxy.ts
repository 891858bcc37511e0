import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PoolConfig } from "pg";
import { portOf } from "@/lib/testing/free-port";

/** One exchange with the database that it has answered: a statement, whole. */
export type Statement = {
  sql: string;
  /** A transaction is open behind it. Where it is not, what the statement did is done for good. */
  isInTransaction: boolean;
};

/**
 * A way to a database that can be blocked: `freeze` holds all traffic, `cut` breaks and refuses it, `slow` holds each answer
 * back, `refuse` lets nobody in, `fail` lets no statement of a kind through. It speaks PostgreSQL's protocol (its manual,
 * chapter 54) as far as it must to tell one statement from the next.
 */
export type DatabaseProxy = {
  /** How to reach the database by way of the proxy: as given, but for the place. */
  connection: PoolConfig;
  /** The same as an address; empty for the embedded form, which has none. */
  url: string;
  freeze(): void;
  cut(): Promise<void>;
  slow(ms: number): void;
  /** @param code an SQLSTATE */
  refuse(code: string): void;
  fail(which: RegExp, code: string): void;
  /** Undoes all of these. */
  heal(): Promise<void>;
  /**
   * Tells of each statement when the database has answered it and whoever sent it does not know.
   * @param see returns whether the answer goes on; null: all do
   */
  watch(see: ((statement: Statement) => boolean) | null): void;
  stop(): Promise<void>;
};

const SOCKET = ".s.PGSQL.5432";
const [READY, QUERY, SYNC, PARSE, BIND] = [..."ZQSPB"].map((type) => type.charCodeAt(0));

/** Opens a proxy on this machine to a PostgreSQL server, or to the embedded form. @param to an address, or the form's socket */
export async function openDatabaseProxy(to: string | PoolConfig): Promise<DatabaseProxy> {
  const target = typeof to === "string" ? { connectionString: to } : to;
  const folder = mkdtempSync(join(tmpdir(), "countersign-proxy-"));
  const sockets = new Set<Socket>();
  let isFrozen = false;
  let delayMs = 0;
  let refusal: string | null = null;
  let failing: { which: RegExp; code: string } | null = null;
  let see: ((statement: Statement) => boolean) | null = null;

  const server = createServer((near) => {
    sockets.add(near);
    near.on("error", () => {}).on("close", () => sockets.delete(near));
    if (refusal !== null) {
      near.once("data", () => near.end(errorResponse("FATAL", refusal ?? "")));
      return;
    }
    const far = connectTo(target);
    sockets.add(far);
    const end = () => {
      near.destroy();
      far.destroy();
      sockets.delete(far);
    };
    near.on("close", end);
    far.on("error", end).on("close", end);
    const names = new Map<string, string>();
    const asked: string[] = [];
    let exchange: Buffer[] = [];
    let sql = "";
    let isInTransaction = false;
    const send = cutMessages(true, (type, message) => {
      exchange.push(message);
      if (type === PARSE || type === BIND) {
        const [first = "", second = ""] = message.toString("utf8", 5).split("\0", 2);
        if (type === PARSE) names.set(first, second);
        sql = type === PARSE ? second : (names.get(second) ?? "");
      } else if (type === QUERY) sql = message.toString("utf8", 5, message.length - 1);
      const isWhole = type === undefined || type === SYNC || type === QUERY;
      if (!isWhole) return;
      const bytes = Buffer.concat(exchange);
      exchange = [];
      if (failing?.which.test(sql) && type !== undefined) {
        near.write(errorResponse("ERROR", failing.code));
        near.write(Buffer.from([READY ?? 0, 0, 0, 0, 5, (isInTransaction ? "E" : "I").charCodeAt(0)]));
        return;
      }
      if (type !== undefined) asked.push(sql);
      far.write(bytes);
    });
    let isHeld = false;
    const answer = cutMessages(false, (type, message) => {
      if (type === READY) {
        isInTransaction = message[5] !== "I".charCodeAt(0);
        const answered = asked.shift();
        if (answered !== undefined && see) isHeld = !see({ sql: answered, isInTransaction }) || isHeld;
      }
      if (isHeld) return;
      if (delayMs > 0 && type === READY) setTimeout(() => near.write(message), delayMs);
      else near.write(message);
    });
    near.on("data", send);
    far.on("data", answer);
    if (isFrozen) for (const socket of [near, far]) socket.pause();
  });

  const listen = () => new Promise<void>((resolve) => server.listen(place, resolve));
  const cut = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  let place: { host: string; port: number } | { path: string };
  let connection: PoolConfig;
  if (target.connectionString === undefined) {
    place = { path: join(folder, SOCKET) };
    await listen();
    connection = { ...target, host: folder };
  } else {
    place = { host: "127.0.0.1", port: 0 };
    await listen();
    place = { host: "127.0.0.1", port: portOf(server) };
    const proxied = new URL(target.connectionString);
    proxied.search = "";
    proxied.host = `127.0.0.1:${place.port}`;
    connection = { ...target, connectionString: proxied.href };
  }
  return {
    connection,
    url: connection.connectionString ?? "",
    freeze() {
      isFrozen = true;
      for (const socket of sockets) socket.pause();
    },
    cut,
    slow(ms) {
      delayMs = ms;
    },
    refuse(code) {
      refusal = code;
      for (const socket of sockets) socket.destroy();
    },
    fail(which, code) {
      failing = { which, code };
    },
    async heal() {
      isFrozen = false;
      delayMs = 0;
      refusal = null;
      failing = null;
      for (const socket of sockets) socket.resume();
      if (!server.listening) await listen();
    },
    watch(seen) {
      see = seen;
    },
    async stop() {
      if (server.listening) await cut();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function connectTo(target: PoolConfig): Socket {
  if (target.connectionString === undefined) return connect(join(target.host ?? "", SOCKET));
  const url = new URL(target.connectionString);
  const folder = url.searchParams.get("host");
  const port = Number(url.port || 5432);
  return folder ? connect(`${folder}/.s.PGSQL.${port}`) : connect(port, url.hostname);
}

/**
 * Cuts a stream into messages: a type and a length, which counts itself and not the type. The first one that a client sends has
 * no type.
 */
function cutMessages(isClients: boolean, take: (type: number | undefined, message: Buffer) => void) {
  let rest: Buffer = Buffer.alloc(0);
  let hasType = !isClients;
  return (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const head = hasType ? 1 : 0;
      if (rest.length < head + 4) return;
      const length = head + rest.readUInt32BE(head);
      if (rest.length < length) return;
      const message = rest.subarray(0, length);
      rest = rest.subarray(length);
      const type = hasType ? message[0] : undefined;
      hasType = true;
      take(type, message);
    }
  };
}

function errorResponse(severity: "ERROR" | "FATAL", code: string): Buffer {
  const fields = Buffer.from(`S${severity}\0V${severity}\0C${code}\0Mrefused by a test\0\0`);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(fields.length + 4);
  return Buffer.concat([Buffer.from("E"), length, fields]);
}
