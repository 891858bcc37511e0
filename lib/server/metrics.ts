import { createServer, type Server } from "node:http";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { readOperatingFigures } from "@/lib/core/operating-figures";
import { hashesUnderWay } from "@/lib/crypto/argon2";
import type { Database } from "@/lib/db/client";
import type { Log } from "@/lib/log";
import { isApiPath } from "./request-check";

// Figures for Prometheus, at a port of their own that is off unless it is asked for: what they tell is nothing for everybody, and
// whoever may read them is a question of the network: of this machine's alone, unless it is asked for otherwise. No label has anything of a person in it.

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

export type Metrics = {
  /** The log, which each request is counted on its way to. */
  counting(log: Log): Log;
  /** Answers at /metrics. It is not listening yet. */
  server: Server;
};

/** What is counted from now on. `now` is a clock. */
export function createMetrics(db: Database, now: () => Date = () => new Date()): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: "countersign_http_requests_total",
    help: "Requests that were answered, of pages and APIs; 499: the client left before",
    labelNames: ["kind", "method", "status"],
    registers: [registry],
  });
  const durations = new Histogram({
    name: "countersign_http_request_duration_seconds",
    help: "From a request's headers to the end of its answer",
    labelNames: ["kind"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const gauge = (name: string, help: string) =>
    new Gauge({ name: `countersign_${name}`, help, registers: [registry] });
  const up = gauge("database_up", "1 when the database answered, 0 when it did not");
  const mails = gauge("mails_waiting", "Mails that are still to be sent");
  const oldest = gauge("mail_oldest_waiting_seconds", "For how long the oldest of them has been");
  const hashing = gauge("hashes_running", "Passwords and recovery codes that are being hashed");
  const waiting = gauge("hashes_waiting", "Those that wait for their turn");
  const events = new Gauge({
    name: "countersign_recent_events",
    help: "Events of the audit trail within the last five minutes, of all instances",
    labelNames: ["kind"],
    registers: [registry],
  });

  async function look(): Promise<void> {
    const lane = hashesUnderWay();
    hashing.set(lane.running);
    waiting.set(lane.waiting);
    events.reset();
    try {
      const figures = await readOperatingFigures(db, now());
      up.set(1);
      mails.set(figures.mailsWaiting);
      oldest.set(figures.oldestMailSeconds);
      for (const { kind, count } of figures.recentEvents) events.set({ kind }, count);
    } catch {
      // Which is what is to be seen: what was there before would be taken for what is there now.
      up.set(0);
      mails.set(Number.NaN);
      oldest.set(Number.NaN);
    }
  }

  const server = createServer(async (request, answer) => {
    const [path] = (request.url ?? "").split("?", 1);
    if (path !== "/metrics" || (request.method !== "GET" && request.method !== "HEAD")) {
      answer.writeHead(404).end();
      return;
    }
    await look();
    answer.setHeader("Content-Type", registry.contentType).end(await registry.metrics());
  });

  return {
    server,
    counting: (log) => ({
      ...log,
      request(fields) {
        log.request(fields);
        const kind = kindOf(fields.path);
        const method = METHODS.has(fields.method) ? fields.method : "other";
        requests.inc({ kind, method, status: fields.status });
        durations.observe({ kind }, fields.ms / 1000);
      },
    }),
  };
}

function kindOf(path: string): string {
  if (path === "/healthz" || path === "/readyz") return "health";
  return isApiPath(path) ? "api" : "page";
}
