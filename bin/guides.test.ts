import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { createApiTokenFor } from "@/lib/core/api-tokens";
import { contextOf, makeProtectedPerson } from "@/lib/core/testing/fixtures";
import { parseKeys } from "@/lib/crypto/keys";
import { openDatabase } from "@/lib/db/client";
import { findProjectRoot } from "@/lib/db/project-root";
import { createDatabase } from "@/lib/db/testing/databases";
import { readEnv } from "@/lib/env";
import { composeEnvironment } from "./testing/compose";
import { FormBrowser } from "./testing/form-browser";
import { findFreePort, type Settings, until } from "./testing/process";

// The commands of the documents that are marked ```sh tested, as they stand there, typed into one shell one after the other; and
// Next alone, without the server of ours around it, as docs/deploy/vercel.md has it. They need what script/build makes.
const root = findProjectRoot();
const EXAMPLES = { database: "postgresql://user:password@host/database", origin: "https://id.example.org" };

let database: Awaited<ReturnType<typeof createDatabase>>;
let folder: string;
let next: ChildProcess;
let shell: Settings;

beforeAll(async () => {
  database = await createDatabase(inject("connections").postgresql.connectionString ?? "");
  folder = mkdtempSync(join(tmpdir(), "countersign-guides-"));
  symlinkSync(join(root, "bin"), join(folder, "bin"));
  mkdirSync(join(folder, "deploy"));
  cpSync(join(root, "deploy"), join(folder, "deploy"), { recursive: true });
  const port = await findFreePort();
  shell = {
    PATH: process.env.PATH ?? "",
    NODE_ENV: "production",
    DATA_DIR: join(folder, "data"),
    PORT: String(port),
    PUBLIC_URL: `http://localhost:${port}`,
    CRON_SECRET: "0123456789abcdef0123456789abcdef",
    SIGN_UP: "open",
  };
});
afterAll(async () => {
  next?.kill("SIGKILL");
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** Types a document's commands, with the examples' addresses put right. Throws when one fails. Returns what they print. */
function type(document: string, nth: number): string {
  const blocks = [...readFileSync(join(root, document), "utf8").matchAll(/^```sh tested\n(.*?)^```/gms)];
  const block = (blocks[nth]?.[1] ?? "")
    .replaceAll(EXAMPLES.database, database.url)
    .replaceAll(EXAMPLES.origin, shell.PUBLIC_URL ?? "");
  typed.push(`${document} ${nth}`);
  const typedIn = `set -eu\n${block}\nenv -0 >"$DATA_DIR.env"`;
  const { status, stdout, stderr } = spawnSync("sh", ["-c", typedIn], {
    cwd: folder,
    // Nothing of the machine's own settings reaches it; NODE_ENV is among the rest.
    env: shell as NodeJS.ProcessEnv,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${document}: ${block}: ${stderr}${stdout}`);
  const left = readFileSync(`${shell.DATA_DIR}.env`, "utf8").split("\0").filter(Boolean);
  shell = Object.fromEntries(left.map((line) => line.split(/=(.*)/s) as [string, string])); // Each has a "=".
  return stdout;
}
const typed: string[] = [];

test("docs/deploy/docker.md: the file of secrets is private, and what compose.yaml asks for", () => {
  type("docs/deploy/docker.md", 0);
  const path = join(folder, "deploy/compose.env");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  // Node reads quotes as compose does.
  const given = parseEnv(readFileSync(path, "utf8"));
  const environment = composeEnvironment("countersign-1", given as Settings);
  expect(readEnv(environment).publicUrl.href).toBe("https://id.example.org/");
  expect(parseKeys(environment.COUNTERSIGN_KEYS ?? "").ring.keys.size).toBe(1);
});

describe("docs/deploy/vercel.md", () => {
  test("the commands make keys, tables and the first administrator", () => {
    const printed = type("docs/deploy/vercel.md", 0);
    expect(printed).toMatch(/^Applied \d+_/m);
    expect(printed).toContain("ada@example.org");
    expect(parseKeys(shell.COUNTERSIGN_KEYS ?? "").ring.sealingKey).toBe("k1");
    type("docs/deploy/vercel.md", 1);
    expect(readFileSync(join(folder, "vercel.json"), "utf8")).toContain('"/api/cron"');
  });

  test("Next alone signs people up and in, and refuses, with the protections of pages", async () => {
    const { PORT = "", PUBLIC_URL: url = "" } = shell;
    // As on Vercel: what next build made, and no server of ours.
    next = spawn(process.execPath, [join(root, "node_modules/next/dist/bin/next"), "start", "-p", PORT], {
      cwd: root,
      env: shell as NodeJS.ProcessEnv,
      stdio: "ignore",
    });
    await until(async () => (await fetch(`${url}/sign-in`).catch(() => null))?.ok ?? false, 60_000);
    const person = { email: "kim@example.org", password: "a long enough password" };
    const browser = new FormBrowser(url);
    expect(await browser.submit("/sign-up", person, "email")).toMatchObject({ status: 303 });
    expect((await browser.get("/settings/security")).html).toContain(person.email);
    expect((await browser.get("/api/auth/session")).html).toContain(person.email);
    const other = new FormBrowser(url);
    const refused = await other.submit("/sign-in", { ...person, password: "a wrong password" });
    expect(refused).toMatchObject({ status: 200, html: expect.stringContaining("do not belong together") });
    expect(other.cookies.has("next-auth.session-token")).toBe(false);
    expect(await other.submit("/sign-in", person)).toMatchObject({
      status: 303,
      location: "/settings/security",
    });
    expect(await new FormBrowser(url).get("/settings/security")).toMatchObject({ status: 307 });

    const page = await fetch(`${url}/sign-in`);
    expect(page.headers.get("content-security-policy")).toMatch(/script-src 'nonce-[^']+' 'strict-dynamic'/);
    expect(page.headers.get("x-frame-options")).toBe("DENY");
    const long = JSON.stringify({ email: "a".repeat(100_000) });
    const headers = { "Content-Type": "application/json" };
    const api = await fetch(`${url}/api/auth/login`, { method: "POST", body: long, headers });
    expect(api.status).toBe(413);
  });

  test("what a host takes along of the build has all that hashing needs", () => {
    const traces = readdirSync(join(root, ".next/server/app"), { recursive: true, encoding: "utf8" });
    const pages = traces.filter((name) => /\/(?:page|route)\.js\.nft\.json$/.test(name));
    expect(pages.length).toBeGreaterThan(50);
    for (const name of pages) {
      const { files } = JSON.parse(readFileSync(join(root, ".next/server/app", name), "utf8"));
      expect(files, name).toContainEqual(expect.stringMatching(/\/@node-rs\/argon2-[^/]+\/[^/]+\.node$/));
    }
  });

  test("the timer's address sends the mails, for whoever has the secret", async () => {
    const { PUBLIC_URL: url = "", DATA_DIR = "" } = shell;
    for (const Authorization of ["", "Bearer ", "Bearer 0123456789abcdef0123456789abcdee"])
      expect((await fetch(`${url}/api/cron`, { headers: { Authorization } })).status).toBe(401);
    // The sign-up asked for the address to be confirmed.
    expect(type("docs/deploy/vercel.md", 2)).toBe('{"mails":1}');
    expect(readdirSync(join(DATA_DIR, "outbox"))).toHaveLength(1);
    expect(type("docs/deploy/vercel.md", 2)).toBe('{"mails":0}');
  });
});

test("docs/upgrade.md: after an upgrade the database is looked at, and the backup leads back into an empty one", async () => {
  expect(type("docs/upgrade.md", 0)).toContain("Wrote before-upgrade.backup: accounts: 2");
  expect(type("docs/upgrade.md", 1)).toMatch(/Nothing to apply\.[\s\S]*Nothing is wrong\./);
  const empty = await createDatabase(inject("connections").postgresql.connectionString ?? "");
  try {
    shell.DATABASE_URL = empty.url;
    expect(type("docs/upgrade.md", 2)).toMatch(/Restored what was there[\s\S]*Nothing is wrong\./);
  } finally {
    shell.DATABASE_URL = database.url;
    await empty.drop();
  }
});

test("README.md: a token is made on the server, and the audit log is exported with one", async () => {
  const db = openDatabase({ connectionString: database.url });
  const keys = parseKeys(shell.COUNTERSIGN_KEYS ?? "");
  const ctx = contextOf(db, { keys, now: new Date() });
  const { email } = (await makeProtectedPerson(ctx, { isAdmin: true })).signedIn.user;
  const asked = { email, name: "Export", scopes: ["audit:read"], days: 1, actor: "test" };
  shell.TOKEN = (await createApiTokenFor(ctx, asked)).token;
  await db.$disconnect();
  const events = type("README.md", 0).trim().split("\n");
  expect(events.map((line) => JSON.parse(line).event)).toContain("two_factor.on");
  expect(readdirSync(folder).filter((name) => name.endsWith(".csv"))).toHaveLength(1);
  expect(JSON.parse(type("README.md", 1).split("\n")[0] ?? "")).toMatchObject({
    token: expect.stringMatching(/^countersign_/),
  });
});

test("every command that is marked as tested was run", () => {
  const documents = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`);
  const marked = ["README.md", ...documents].flatMap((document) =>
    [...readFileSync(join(root, document), "utf8").matchAll(/^```sh tested$/gm)].map(
      (_, nth) => `${document} ${nth}`,
    ),
  );
  expect([...new Set(typed)].sort()).toEqual(marked.sort());
});
