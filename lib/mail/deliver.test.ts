import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import { afterAll, afterEach, beforeEach, expect, inject, test, vi } from "vitest";
import { mailedCode, mailLinkToken } from "@/lib/core/mail-secrets";
import { generateKeys, parseKeys } from "@/lib/crypto/keys";
import { type Database, openDatabase } from "@/lib/db/client";
import { readEnv } from "@/lib/env";
import { listenAtFreePort } from "@/lib/testing/free-port";
import { deliverNext, startMailDelivery } from "./deliver";
import { openTransport, type Transport } from "./transport";

const { embedded, postgresql } = inject("connections");
const log = { request: vi.fn(), event: vi.fn() };
const databases = [openDatabase(embedded), openDatabase(postgresql)];
const forms = [
  ["embedded", databases[0]],
  ["postgresql", databases[1]],
] as [string, Database][]; // Each name with its database; TypeScript sees a list that might be short.

const keys = parseKeys(generateKeys());
const sender = {
  issuer: "Countersign",
  publicUrl: new URL("https://id.example.org"),
  linkToken: (id: string) => mailLinkToken(keys, id),
  code: (id: string) => mailedCode(keys, id),
};

let dataDir: string;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "countersign-mail-"));
  await Promise.all(databases.map((db) => db.mail.deleteMany()));
  vi.clearAllMocks();
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));
afterAll(() => Promise.all(databases.map((db) => db.$disconnect())));

function settings(more: Record<string, string> = {}) {
  return readEnv({ DATA_DIR: dataDir, PUBLIC_URL: "https://id.example.org", ...more });
}

async function queue(db: Database, createdAt = new Date()): Promise<string> {
  const id = randomUUID();
  const details = { address: "192.0.2.1", userAgent: "" };
  const row = {
    id,
    createdAt,
    nextTryAt: createdAt,
    recipient: "owner@example.org",
    kind: "two_factor_on",
    details,
    expiresAt: new Date(createdAt.getTime() + 24 * 3_600_000),
  };
  await db.mail.create({ data: row });
  return id;
}

/** A real SMTP server on this machine. Refuses the first `refusals` mails. */
async function startSmtp(refusals = 0) {
  const received: string[] = [];
  let left = refusals;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, _session, done) {
      void text(stream).then((mail) => {
        left -= 1;
        if (left >= 0) return done(new Error("come back later"));
        received.push(mail);
        return done();
      });
    },
  });
  const port = await listenAtFreePort(server.server);
  return {
    received,
    url: `smtp://127.0.0.1:${port}`,
    stop: () => new Promise<void>((done) => server.close(done)),
  };
}

test.each(forms)("a queued mail reaches the mail server once (%s)", async (_form, db) => {
  const smtp = await startSmtp();
  const id = await queue(db);
  const delivery = startMailDelivery(db, settings({ SMTP_URL: smtp.url }), keys, log);
  await vi.waitFor(
    async () => expect((await db.mail.findUnique({ where: { id } }))?.sentAt).not.toBeNull(),
    10_000,
  );
  await delivery.stop();
  await smtp.stop();
  expect(smtp.received).toHaveLength(1);
  expect(smtp.received[0]).toContain("To: owner@example.org");
  expect(smtp.received[0]).toContain(`Message-ID: <${id}@id.example.org>`);
  expect(smtp.received[0]).toContain("Subject: Countersign: Two-factor sign-in is on");
});

test.each(forms)("several processes send each mail once (%s)", async (_form, db) => {
  const sent: string[] = [];
  const transport: Transport = {
    send: async ({ id }) => void sent.push(id),
    verify: async () => {},
    close: () => {},
  };
  const ids = await Promise.all(Array.from({ length: 10 }, () => queue(db)));
  const others = [openDatabase(_form === "embedded" ? embedded : postgresql), db];
  const drainQueue = async (one: Database) => {
    while (await deliverNext(one, sender, transport, log));
  };
  await Promise.all([...others, ...others].map(drainQueue));
  await others[0]?.$disconnect();
  expect(sent.sort()).toEqual(ids.sort());
});

test.each(forms)("a refused mail waits and is tried again (%s)", async (_form, db) => {
  const smtp = await startSmtp(1);
  const env = settings({ SMTP_URL: smtp.url });
  const transport = openTransport(env);
  const id = await queue(db);
  expect(await deliverNext(db, sender, transport, log)).toBe(true);
  const waiting = await db.mail.findUniqueOrThrow({ where: { id } });
  expect(waiting).toMatchObject({ attempts: 1, sentAt: null });
  expect(waiting.nextTryAt.getTime()).toBeGreaterThan(Date.now());
  expect(await deliverNext(db, sender, transport, log)).toBe(false);
  await db.mail.update({ where: { id }, data: { nextTryAt: new Date() } });
  await deliverNext(db, sender, transport, log);
  transport.close();
  await smtp.stop();
  expect(smtp.received).toHaveLength(1);
  expect(JSON.stringify(log.event.mock.calls)).not.toContain("owner@example.org");
});

test.each(forms)(
  "a mail that is refused again waits longer each time, an hour at most (%s)",
  async (_form, db) => {
    const smtp = await startSmtp(Number.POSITIVE_INFINITY);
    const transport = openTransport(settings({ SMTP_URL: smtp.url }));
    const id = await queue(db);
    const waits: number[] = [];
    for (const attempts of [0, 1, 3, 6, 20]) {
      await db.mail.update({ where: { id }, data: { attempts, nextTryAt: new Date() } });
      await deliverNext(db, sender, transport, log);
      const { nextTryAt } = await db.mail.findUniqueOrThrow({ where: { id } });
      waits.push(Math.round((nextTryAt.getTime() - Date.now()) / 10_000) * 10);
    }
    transport.close();
    await smtp.stop();
    expect(waits).toEqual([10, 30, 120, 1800, 3600]);
  },
);

test.each(forms)(
  "a mail server that hangs holds one mail, which is tried again; others go on (%s)",
  async (_form, db) => {
    const hanging = createServer(() => {});
    const port = await listenAtFreePort(hanging);
    const patience = { connectionTimeout: 5000, greetingTimeout: 300, socketTimeout: 5000 };
    const env = settings({ SMTP_URL: `smtp://127.0.0.1:${port}` });
    const stuck = await queue(db, new Date(Date.now() - 1000));
    const connected = once(hanging, "connection");
    const waiting = deliverNext(db, sender, openTransport(env, patience), log);
    const [socket] = await connected;
    const other = await queue(db);
    // Another instance, while the first one waits: it does not touch the mail in hand.
    expect(await deliverNext(db, sender, openTransport(settings()), log)).toBe(true);
    expect(await deliverNext(db, sender, openTransport(settings()), log)).toBe(false);
    expect(readdirSync(join(dataDir, "outbox"))).toEqual([`${other}.eml`]);
    expect(await waiting).toBe(true);
    const row = await db.mail.findUniqueOrThrow({ where: { id: stuck } });
    expect(row).toMatchObject({ attempts: 1, sentAt: null });
    expect(row.nextTryAt.getTime()).toBeGreaterThan(Date.now());
    socket.destroy();
    hanging.close();
  },
);

test.each(forms)("a mail goes out as text and as HTML (%s)", async (_form, db) => {
  const smtp = await startSmtp();
  const env = settings({ SMTP_URL: smtp.url });
  await queue(db);
  const transport = openTransport(env);
  await deliverNext(db, sender, transport, log);
  transport.close();
  await smtp.stop();
  expect(smtp.received[0]).toMatch(/Content-Type: multipart\/alternative/);
  expect(smtp.received[0]?.match(/^Content-Type: text\/\w+/gm)).toEqual([
    "Content-Type: text/plain",
    "Content-Type: text/html",
  ]);
});

test.each(forms)("after 24 hours a mail is given up (%s)", async (_form, db) => {
  const id = await queue(db, new Date(Date.now() - 25 * 3_600_000));
  const transport = openTransport(settings());
  expect(await deliverNext(db, sender, transport, log)).toBe(false);
  expect(await db.mail.findUnique({ where: { id } })).toMatchObject({ sentAt: null, attempts: 0 });
  await db.mail.delete({ where: { id } });
});

test("without a mail server mails become files that only their owner can read", async () => {
  const [db] = databases;
  if (!db) throw new Error("no database");
  const id = await queue(db);
  const delivery = startMailDelivery(db, settings(), keys, log);
  const outbox = join(dataDir, "outbox");
  await vi.waitFor(() => expect(readdirSync(outbox)).toEqual([`${id}.eml`]), 10_000);
  await delivery.stop();
  const mail = readFileSync(join(outbox, `${id}.eml`), "utf8");
  expect(mail).toMatch(/^To: owner@example\.org$/m);
  expect(mail).toContain("https://id.example.org/settings/security");
});
