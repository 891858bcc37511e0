/** The client of `script/bench load`: sends codes at a steady pace, whether the ones before are answered or not. */
import { setTimeout as sleep } from "node:timers/promises";
import { newId } from "@/lib/core/ids";
import { LIMITS } from "@/lib/core/limits";
import { hashToken, newToken } from "@/lib/crypto/tokens";
import { DEFAULT_TOTP, fromBase32, totpCode, totpStep } from "@/lib/crypto/totp";
import { type Database, openDatabase } from "@/lib/db/client";
import { Browser, cookieOf, type Form } from "./browser";
import type { BenchPerson, LoadJob, LoadMeasured } from "./job";
import { percentile } from "./measure";

/** Connections to each server: more wait for one than this only when answers take seconds. */
const CONNECTIONS = 200;

/**
 * A challenge for each person, as a right password opens one. They are made as rows: 200 passwords in a second are the work of six
 * processors, and it is not passwords that are measured here.
 */
async function openChallenges(db: Database, people: BenchPerson[]): Promise<string[]> {
  const now = new Date();
  const tokens = people.map(() => newToken());
  await db.challenge.createMany({
    data: people.map(({ id }, index) => ({
      id: newId(now),
      // A token of our own has a hash.
      tokenHash: hashToken(tokens[index] ?? "") ?? new Uint8Array(),
      userId: id,
      createdAt: now,
      expiresAt: new Date(now.getTime() + LIMITS.challenge.ttlSeconds * 1000),
    })),
  });
  return tokens.map((token) => `countersign.challenge=${token}`);
}

function presentCode({ secret }: BenchPerson): string {
  return totpCode(fromBase32(secret), DEFAULT_TOTP, totpStep(new Date(), DEFAULT_TOTP.periodSeconds));
}

async function load({ urls, databaseUrl, people, perSecond, seconds }: LoadJob): Promise<LoadMeasured> {
  const db = openDatabase({ connectionString: databaseUrl });
  const browsers = urls.map((url) => new Browser(url, CONNECTIONS));
  const [first] = await openChallenges(db, people.slice(0, 1));
  const form = await (browsers[0] as Browser).readForm("/sign-in/verify", "code", first ?? ""); // There is a server.
  const times: number[] = [];
  const failures: string[] = [];
  const under: Promise<void>[] = [];

  async function verify(browser: Browser, form: Form, cookie: string, person: BenchPerson, due: number) {
    try {
      const answer = await browser.post(form, { code: presentCode(person) }, cookie);
      if (cookieOf(answer, "next-auth.session-token") === null) throw new Error(`status ${answer.status}`);
      times.push(performance.now() - due);
    } catch (error) {
      failures.push(String(error));
    }
  }

  const groupAt = (second: number) => {
    const from = (1 + second * perSecond) % people.length;
    const group = people.slice(from, from + perSecond);
    return group.concat(people.slice(0, perSecond - group.length));
  };
  let cookies = Promise.resolve(await openChallenges(db, groupAt(0)));
  const began = performance.now();
  for (let second = 0; second < seconds; second += 1) {
    const [group, opened] = [groupAt(second), await cookies];
    cookies = openChallenges(db, groupAt(second + 1));
    for (const [index, person] of group.entries()) {
      const due = began + (second + index / perSecond) * 1000;
      const early = due - performance.now();
      if (early > 1) await sleep(early);
      const browser = browsers[index % browsers.length];
      if (browser) under.push(verify(browser, form, opened[index] ?? "", person, due));
    }
    if (second % 60 === 59)
      console.error(`${second + 1} s: ${times.length} verified, ${failures.length} failed`);
  }
  await Promise.all(under);
  await cookies;
  await db.$disconnect();
  for (const browser of browsers) browser.close();
  times.sort((a, b) => a - b);
  return {
    due: perSecond * seconds,
    verified: times.length,
    failed: failures.length,
    failure: failures[0] ?? null,
    p50Ms: percentile(times, 0.5),
    p95Ms: percentile(times, 0.95),
    p99Ms: percentile(times, 0.99),
    worstMs: percentile(times, 1),
  };
}

// Sent by load.ts alone.
process.on("message", async (job: LoadJob) => process.send?.(await load(job)));
