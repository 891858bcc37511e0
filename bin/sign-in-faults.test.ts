import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Phone } from "@/lib/core/testing/phone";
import { expectWhole } from "@/lib/core/testing/whole";
import { parseKeys } from "@/lib/crypto/keys";
import { openDatabase } from "@/lib/db/client";
import { embeddedConnection } from "@/lib/db/connection";
import { embeddedPaths } from "@/lib/db/embedded/paths";
import { m } from "@/lib/web/messages";
import { FormBrowser } from "./testing/form-browser";
import { killServer, type Settings, startServer, type TestServer, until } from "./testing/process";

// Set-up and sign-in over HTTP while either process is killed in between and in the middle of a request. They need what
// script/build makes.
const PASSWORD = "correct horse battery";
const WIZARD = "/settings/security/authenticators/new";
let dataDir: string;
let settings: Settings;
let server: TestServer;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "countersign-kills-"));
  settings = { DATA_DIR: dataDir, RATE_LIMIT_ADDRESS: "off" };
  server = await startServer(settings);
  // The same address after each new start.
  settings = { ...settings, PORT: new URL(server.url).port };
});
afterAll(async () => {
  await killServer(server);
  await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

const isReady = async () => (await fetch(`${server.url}/readyz`).catch(() => null))?.ok ?? false;

const KILLS = {
  "the web process": async () => {
    await killServer(server);
    server = await startServer(settings);
    await until(isReady, 60_000);
  },
  "the database process": async () => {
    process.kill(JSON.parse(readFileSync(embeddedPaths(dataDir).lock, "utf8")).pid, "SIGKILL");
    await until(isReady, 60_000);
  },
};

/** What must hold in the database at any moment: nothing is half done. */
async function expectNothingHalfDone(): Promise<void> {
  const connection = embeddedConnection(dataDir);
  const db = openDatabase(connection);
  const keys = parseKeys(readFileSync(join(dataDir, "keys.json"), "utf8"));
  await expectWhole(connection, { db, keys, now: new Date() }, "after the kill");
  await db.$disconnect();
}

function keyUri(html: string): string {
  const uri = /href="(otpauth:[^"]+)"/.exec(html)?.[1];
  if (!uri) throw new Error(`no key on the page`);
  return uri.replaceAll("&amp;", "&");
}

describe.each(Object.keys(KILLS) as (keyof typeof KILLS)[])("kill -9 of %s", (victim) => {
  test("between any two steps loses nothing that was acknowledged", async () => {
    const kill = KILLS[victim];
    const email = `${victim.replaceAll(" ", "")}@example.org`;
    const browser = new FormBrowser(server.url);
    expect((await browser.submit("/sign-up", { email, password: PASSWORD })).status).toBe(303);
    await kill();
    expect((await browser.submit(WIZARD, {}, m.wizard.start)).status).toBe(303);
    const before = keyUri((await browser.get(WIZARD)).html);
    await kill();
    expect(keyUri((await browser.get(WIZARD)).html)).toBe(before);
    const phone = new Phone(before);
    const wrong = await browser.submit(WIZARD, { code: phone.wrongCode(new Date()) });
    expect(wrong.status).toBe(400);
    await kill();
    const spent = phone.code(new Date());
    const confirmed = await browser.submit(WIZARD, { code: spent });
    expect(confirmed.location).toContain("/settings/security/recovery-codes");
    await kill();
    const codes = (await browser.get("/settings/security/recovery-codes")).html.match(
      /(?:[2-9A-Z]{5}-){3}[2-9A-Z]{5}/g,
    );
    expect(new Set(codes).size).toBe(10);

    const other = new FormBrowser(server.url);
    expect((await other.submit("/sign-in", { email, password: PASSWORD })).location).toContain(
      "/sign-in/verify",
    );
    await kill();
    expect((await other.get("/settings/security")).location).toContain("/sign-in/verify");
    const replayed = await other.submit("/sign-in/verify", { code: spent });
    expect(replayed.status).toBe(400);
    const done = await other.submit("/sign-in/verify", { code: phone.code(new Date()) });
    expect(done.status).toBe(303);
    await kill();
    expect((await other.get("/settings/security")).status).toBe(200);
    await expectNothingHalfDone();
  }, 120_000);

  test("in the middle of requests leaves nothing half done", async () => {
    const kill = KILLS[victim];
    const people = await Promise.all(
      Array.from({ length: 6 }, async (_, n) => {
        const browser = new FormBrowser(server.url);
        const email = `${victim.slice(4, 7)}${n}@example.org`;
        expect((await browser.submit("/sign-up", { email, password: PASSWORD })).status).toBe(303);
        expect((await browser.submit(WIZARD, {}, m.wizard.start)).status).toBe(303);
        const phone = new Phone(keyUri((await browser.get(WIZARD)).html));
        return { browser, phone };
      }),
    );
    const answers = people.map(({ browser, phone }) =>
      browser.submit(WIZARD, { code: phone.code(new Date()) }).catch(() => null),
    );
    // As soon as one is acknowledged the others are still under way.
    await Promise.any(answers);
    await kill();
    await expectNothingHalfDone();
    for (const [n, answer] of (await Promise.all(answers)).entries()) {
      if (answer?.status !== 303) continue;
      const page = await people[n]?.browser.get("/settings/security/recovery-codes");
      expect(page?.html).toMatch(/(?:[2-9A-Z]{5}-){3}[2-9A-Z]{5}/);
    }
  }, 120_000);
});
