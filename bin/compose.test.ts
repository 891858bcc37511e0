import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { generateKeys } from "@/lib/crypto/keys";
import { createDatabase } from "@/lib/db/testing/databases";
import { startCaddy } from "./testing/caddy";
import { composeEnvironment } from "./testing/compose";
import { FormBrowser } from "./testing/form-browser";
import { findFreePort, killServer, type Settings, startServer, type TestServer } from "./testing/process";

// The two instances of compose.yaml behind the Caddy of deploy/Caddyfile, on this machine: real processes, and PostgreSQL. They
// need what script/build makes.
const folder = mkdtempSync(join(tmpdir(), "countersign-compose-"));
const person = { email: "ada@example.org", password: "a long enough password" };

let database: Awaited<ReturnType<typeof createDatabase>>;
let instances: { settings: Settings; server: TestServer }[] = [];
let caddy: Awaited<ReturnType<typeof startCaddy>>;
let url: string;

beforeAll(async () => {
  database = await createDatabase(inject("connections").postgresql.connectionString ?? "");
  const port = await findFreePort();
  url = `http://localhost:${port}`;
  const given = {
    PUBLIC_HOST: `localhost:${port}`,
    POSTGRES_PASSWORD: "none",
    COUNTERSIGN_KEYS: generateKeys(),
    SIGN_UP: "open",
  };
  const here = { DATABASE_URL: database.url, TRUSTED_PROXIES: "127.0.0.1,::1" };
  // At the same time, as compose starts them: one migrates.
  instances = await Promise.all(
    ["countersign-1", "countersign-2"].map(async (name) => {
      const own = { DATA_DIR: join(folder, name), PORT: String(await findFreePort()) };
      const settings = { ...composeEnvironment(name, given), ...here, ...own };
      return { settings, server: await startServer(settings) };
    }),
  );
  caddy = await startCaddy(
    port,
    instances.map(({ settings }) => settings.PORT ?? ""),
  );
});
afterAll(async () => {
  await caddy?.stop();
  await Promise.all(instances.map(({ server }) => killServer(server)));
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** How many requests an instance has answered to this path. */
function answered({ server }: { server: TestServer }, path: string): number {
  return server.output().split(`"path":"${path}"`).length - 1;
}

test("the instances behind Caddy are one service, and one that dies or restarts is not noticed", async () => {
  const browser = new FormBrowser(url);
  expect(await browser.submit("/sign-up", person, "email")).toMatchObject({ status: 303 });
  expect([...browser.cookies.keys()]).toContain("__Host-next-auth.session-token");
  const isSignedIn = async () => (await browser.get("/api/auth/session")).html.includes(person.email);
  const allSignedIn = async (times: number) => {
    const seen: boolean[] = [];
    for (let n = 0; n < times; n += 1) seen.push(await isSignedIn());
    return seen.every(Boolean);
  };
  expect(await allSignedIn(40)).toBe(true);
  for (const instance of instances) expect(answered(instance, "/api/auth/session")).toBeGreaterThan(0);

  for (const instance of instances) {
    await killServer(instance.server);
    expect(await allSignedIn(20)).toBe(true);
    const restarted = startServer(instance.settings);
    expect(await allSignedIn(20)).toBe(true);
    instance.server = await restarted;
    // Back when Caddy has seen it ready.
    while (answered(instance, "/api/auth/session") === 0) expect(await isSignedIn()).toBe(true);
  }

  const [first] = instances;
  first?.server.child.kill("SIGTERM");
  while (!first?.server.output().includes('"stopped"')) expect(await isSignedIn()).toBe(true);
  expect(await first.server.ended).toBe(0);
  expect(await allSignedIn(20)).toBe(true);
});

test("callers cannot choose their address: Caddy writes it, and the instances believe nobody else", async () => {
  const body = JSON.stringify({ email: person.email, password: "a wrong password" });
  const headers = { "Content-Type": "application/json", "X-Forwarded-For": "198.51.100.7" };
  const answer = await fetch(`${url}/api/auth/login`, { method: "POST", body, headers });
  expect(answer.status).toBe(401);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<{ address: string }>("SELECT DISTINCT address FROM event");
  await client.end();
  expect(rows.map(({ address }) => address)).toEqual([expect.stringMatching(/^(?:127\.0\.0\.1|::1)$/)]);
});
