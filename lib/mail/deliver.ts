import type { Context } from "@/lib/core/context";
import { mailedCode, mailLinkToken } from "@/lib/core/mail-secrets";
import type { Keys } from "@/lib/crypto/keys";
import type { Database } from "@/lib/db/client";
import type { Env } from "@/lib/env";
import type { Log } from "@/lib/log";
import { type MailSource, mailText, type Sender } from "./texts";
import { openTransport, type Transport } from "./transport";

type Row = { id: string; recipient: string; attempts: number } & MailSource;

/** Stops after the mail in hand. */
export type Delivery = { stop(): Promise<void> };

const pollMs = 1000;
// Longer than a try can take, so that two processes never have one mail in hand.
const leaseSeconds = 300;
const pausesSeconds = [10, 30, 60, 120, 300, 600, 1800];

/**
 * Sends queued mails in the background until stopped. Several processes may do so on one database: a row is
 * leased, in one statement, by the one that tries it. No transaction stays open while a mail server thinks.
 */
export function startMailDelivery(db: Database, env: Env, keys: Keys, log: Log): Delivery {
  const transport = openTransport(env);
  const stopped = new AbortController();
  const work = run(db, senderOf(env, keys), transport, log, stopped.signal);
  return {
    async stop() {
      stopped.abort();
      await work;
      transport.close();
    },
  };
}

/**
 * Tries the mails that are due, one after the other, where nothing runs in the background.
 * @param mayGoOn asked before each
 * @returns how many were tried
 */
export async function deliverDue(
  { db, keys }: Pick<Context, "db" | "keys">,
  env: Env,
  log: Log,
  mayGoOn: () => boolean,
): Promise<number> {
  const transport = openTransport(env);
  const sender = senderOf(env, keys);
  try {
    let tried = 0;
    while (mayGoOn() && (await deliverNext(db, sender, transport, log))) tried += 1;
    return tried;
  } finally {
    transport.close();
  }
}

function senderOf({ issuer, publicUrl }: Env, keys: Keys): Sender {
  return {
    issuer,
    publicUrl,
    linkToken: (id) => mailLinkToken(keys, id),
    code: (id) => mailedCode(keys, id),
  };
}

async function run(
  db: Database,
  sender: Sender,
  transport: Transport,
  log: Log,
  stopped: AbortSignal,
): Promise<void> {
  while (!stopped.aborted) {
    try {
      if (await deliverNext(db, sender, transport, log)) continue;
    } catch (error) {
      // The database is away; the mails wait in it.
      log.event("mail queue unreachable", { error });
    }
    await pause(pollMs, stopped);
  }
}

/** Tries the mail that is due longest. Returns false when none is due. */
export async function deliverNext(
  db: Database,
  sender: Sender,
  transport: Transport,
  log: Log,
): Promise<boolean> {
  const row = await lease(db, new Date());
  if (!row) return false;
  try {
    const words = mailText(row, sender);
    await transport.send({ id: row.id, to: row.recipient, ...words, date: row.createdAt });
  } catch (error) {
    log.event("mail not delivered", { error, kind: row.kind, count: row.attempts });
    await postpone(db, row);
    return true;
  }
  await markSent(db, row.id);
  return true;
}

async function lease(db: Database, now: Date): Promise<Row | undefined> {
  const until = new Date(now.getTime() + leaseSeconds * 1000);
  const rows = await db.$queryRaw<Row[]>`
    UPDATE mail SET attempts = attempts + 1, next_try_at = ${until}::timestamptz
    WHERE id = (
      SELECT id FROM mail
      WHERE sent_at IS NULL AND next_try_at <= ${now}::timestamptz AND expires_at > ${now}::timestamptz
      ORDER BY next_try_at LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING id, recipient, kind, details, attempts, created_at AS "createdAt"`;
  return rows[0];
}

async function postpone(db: Database, row: Row): Promise<void> {
  const seconds = pausesSeconds[row.attempts - 1] ?? 3600;
  const nextTryAt = new Date(Date.now() + seconds * 1000);
  await db.mail.updateMany({ where: { id: row.id, sentAt: null }, data: { nextTryAt } });
}

/** The mail is out: that must be noted before the lease ends, though the database may be away for a while. */
async function markSent(db: Database, id: string): Promise<void> {
  const deadline = Date.now() + (leaseSeconds - 60) * 1000;
  for (;;) {
    try {
      await db.mail.updateMany({ where: { id, sentAt: null }, data: { sentAt: new Date() } });
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await pause(500, new AbortController().signal);
    }
  }
}

function pause(ms: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stopped.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      stopped.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    stopped.addEventListener("abort", end);
  });
}
