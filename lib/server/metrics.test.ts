import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ulid } from "ulid";
import { afterEach, describe, expect, it } from "vitest";
import { eventRow } from "@/lib/core/events";
import { mailRow } from "@/lib/core/mail-queue";
import { contextOf, makePerson, testDatabase } from "@/lib/core/testing/fixtures";
import { type Database, openDatabase } from "@/lib/db/client";
import { readEnv } from "@/lib/env";
import type { Log } from "@/lib/log";
import { listen } from "./listen";
import { createMetrics } from "./metrics";

const db = testDatabase();
const silent: Log = { request: () => {}, event: () => {} };
let server: Server | null = null;
afterEach(() => server?.close());

async function start(database: Database, now: () => Date) {
  const metrics = createMetrics(database, now);
  // Where the settings have it unless they are told otherwise, at any port.
  server = await listen(metrics.server, 0, readEnv({}).metricsAddress);
  const { port, address } = server.address() as AddressInfo; // A TCP server's.
  const ask = (path: string, method = "GET") => fetch(`http://127.0.0.1:${port}${path}`, { method });
  return { ask, address, log: metrics.counting(silent), read: async () => (await ask("/metrics")).text() };
}

const figureIn = (text: string, name: string) =>
  Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${name} `))
      ?.split(" ")
      .at(-1),
  );

describe("the figures for Prometheus", () => {
  it("count requests by kind, method and status, and nothing of what was asked for", async () => {
    const { read, log } = await start(db, () => new Date());
    for (const path of ["/sign-in", "/settings/security?made=secret"])
      log.request({ id: "a", method: "GET", path, status: 200, ms: 20 });
    log.request({ id: "b", method: "POST", path: "/api/auth/login", status: 401, ms: 70 });
    log.request({ id: "c", method: "BREW", path: "/ada@example.org", status: 405, ms: 1 });
    const text = await read();
    const counted = (labels: string) => figureIn(text, `countersign_http_requests_total{${labels}}`);
    expect(counted('kind="page",method="GET",status="200"')).toBe(2);
    expect(counted('kind="api",method="POST",status="401"')).toBe(1);
    expect(counted('kind="page",method="other",status="405"')).toBe(1);
    expect(figureIn(text, 'countersign_http_request_duration_seconds_count{kind="page"}')).toBe(3);
    expect(text).not.toMatch(/secret|ada@|BREW|settings/);
  });

  it("tell of mails that wait and of what happened within the last five minutes", async () => {
    // An hour that no other test has its events in.
    const ctx = contextOf(db, { now: new Date("2031-03-01T12:00:00Z") });
    const { user, email } = await makePerson(ctx);
    await db.mail.create({ data: mailRow(ctx, email, "password_changed") });
    const long = new Date("2031-03-01T11:50:00Z");
    const event = eventRow({ ...ctx, now: long }, { kind: "sign_out", userId: user.id });
    // An id of its own time: ours never go back.
    await db.event.create({ data: { ...event, id: ulid(long.getTime()) } });
    const { read } = await start(db, () => new Date("2031-03-01T12:02:00Z"));
    const text = await read();
    expect(figureIn(text, "countersign_database_up")).toBe(1);
    expect(figureIn(text, 'countersign_recent_events{kind="sign_in.succeeded"}')).toBeGreaterThanOrEqual(1);
    expect(text).not.toContain('kind="sign_out"');
    expect(figureIn(text, "countersign_mails_waiting")).toBeGreaterThanOrEqual(1);
    expect(figureIn(text, "countersign_mail_oldest_waiting_seconds")).toBeGreaterThanOrEqual(120);
    expect(figureIn(text, "countersign_hashes_waiting")).toBe(0);
  });

  it("are there without a database, and say that it is not", async () => {
    const gone = openDatabase({ host: "127.0.0.1", port: 1 });
    const { read } = await start(gone, () => new Date());
    const text = await read();
    expect(figureIn(text, "countersign_database_up")).toBe(0);
    expect(text).toMatch(/^countersign_mails_waiting (?:NaN|Nan)$/m);
    expect(figureIn(text, "process_resident_memory_bytes")).toBeGreaterThan(0);
    await gone.$disconnect();
  });

  it("are for this machine alone unless it is asked for otherwise", async () => {
    const { address } = await start(db, () => new Date());
    expect(address).toBe("127.0.0.1");
  });

  it("are at one address, to be read", async () => {
    const { ask } = await start(db, () => new Date());
    expect((await ask("/")).status).toBe(404);
    expect((await ask("/metrics", "POST")).status).toBe(404);
    expect((await ask("/metrics?x=1")).headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  });
});
