import { randomBytes } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { SCOPES } from "@/lib/core/access/scopes";
import { openDatabase } from "@/lib/db/client";
import { databaseConnection } from "@/lib/db/connection";
import { createDatabase } from "@/lib/db/testing/databases";
import { withDatabase } from "./database";
import { findFreePort, runCommand, type Settings } from "./testing/process";

const password = "a long enough password";
const { postgresql } = inject("connections");
const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "countersign-cli-"));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe.each(["embedded", "postgresql"])("on the %s form", (form) => {
  let settings: Settings;
  let drop = async () => {};

  beforeAll(async () => {
    settings = { DATA_DIR: newFolder() };
    if (form === "embedded") return;
    const database = await createDatabase(postgresql.connectionString ?? "");
    drop = database.drop;
    settings.DATABASE_URL = database.url;
  });
  afterAll(() => drop());

  test("several migrate at once: each migration is applied by one", async () => {
    const outcomes = await Promise.all([1, 2, 3].map(() => runCommand(["migrate", "--json"], settings)));
    expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual(Array(3).fill([0, ""]));
    const applied = outcomes.flatMap(({ stdout }) => JSON.parse(stdout).applied);
    expect(applied.length).toBeGreaterThan(0);
    expect(new Set(applied).size).toBe(applied.length);
  });

  test("nothing that libraries say when they are asked to by DEBUG or NODE_DEBUG is printed", async () => {
    const talkative = { ...settings, DEBUG: "*", NODE_DEBUG: "net,http" };
    expect(await runCommand(["migrate", "--json"], talkative)).toMatchObject({ code: 0, stderr: "" });
  });

  test("accounts are made, listed, shown, and their two-factor sign-in is reset", async () => {
    const made = await runCommand(
      ["user", "create", "--email", " Kim@Example.org ", "--password", password, "--admin", "--json"],
      settings,
    );
    expect(made).toMatchObject({ code: 0, stderr: "" });
    const user = JSON.parse(made.stdout);
    expect(user).toEqual({
      id: expect.stringMatching(/^[0-9A-Z]{26}$/),
      number: 1,
      email: expect.any(String),
    });
    const listed = await runCommand(["user", "list", "--json"], settings);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ ...user, isAdmin: true }]);
    const again = await runCommand(
      ["user", "create", "--email", user.email, "--password-stdin"],
      settings,
      `${password}\n`,
    );
    expect(again).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("already") });
    const reset = await runCommand(["user", "reset-2fa", "--email", user.email, "--json"], settings);
    expect(JSON.parse(reset.stdout)).toMatchObject({ email: user.email, twoFactor: { isOn: false } });
    const unknown = await runCommand(["user", "show", "--email", "nobody@example.org"], settings);
    expect(unknown).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/no account/) });
  });

  describe("API tokens", () => {
    const user = "kim@example.org";
    const token = (...args: string[]) => runCommand(["token", ...args], settings);

    test("are made, each shown once, listed and revoked", async () => {
      const scopes = ["--scope", "2fa:read", "--scope", "admin:devices.write"];
      const asked = ["create", "--user", user, ...scopes, "--days", "90", "--name", "Inventory", "--json"];
      const made = await token(...asked);
      expect(made).toMatchObject({ code: 0, stderr: "" });
      const value = JSON.parse(made.stdout);
      expect(value).toEqual({
        token: expect.stringMatching(/^countersign_[\w-]{43}$/),
        id: expect.stringMatching(/^[0-9A-Z]{26}$/),
        expiresAt: expect.any(String),
      });
      const daysLeft = (Date.parse(value.expiresAt) - Date.now()) / 86_400_000;
      expect(daysLeft).toBeGreaterThan(89.9);
      expect(daysLeft).toBeLessThanOrEqual(90);
      expect(value.expiresAt).toBe(new Date(value.expiresAt).toISOString());

      const plain = await token("create", "--user", user, "--scope", "2fa:read");
      expect(plain.stdout).toMatch(/^countersign_[\w-]{43}\n.*only time.*\nIt ends \d{4}-/);
      const listed = await token("list", "--user", user, "--json");
      expect(JSON.parse(listed.stdout)).toMatchObject([
        { name: "Made on the command line", scopes: ["2fa:read"], lastUsedAt: null },
        { id: value.id, name: "Inventory", scopes: ["2fa:read", "admin:devices.write"] },
      ]);
      const revoked = await token("revoke", "--user", user, "--id", value.id, "--json");
      expect(revoked).toMatchObject({ code: 0, stderr: "", stdout: `{"id":"${value.id}"}\n` });
      const left = await token("list", "--user", user);
      expect(left.stdout).toMatch(/^[0-9A-Z]{26}\tMade on the command line\t2fa:read\tends .*never used\n$/);
      expect(listed.stdout + left.stdout).not.toContain("countersign_");
    });

    test("that cannot be made or are not there are refused in one line, and nothing is made", async () => {
      const before = await token("list", "--user", user, "--json");
      const other = ["--user", "lee@example.org"];
      await runCommand(
        ["user", "create", "--email", "lee@example.org", "--password", password, "--json"],
        settings,
      );
      const scope = ["--scope", "2fa:read"];
      const refused: [string[], RegExp][] = [
        [["create", "--user", "nobody@example.org", ...scope], /no account with that e-mail/],
        [
          ["create", "--user", user, "--scope", "everything"],
          /no scope "everything".*2fa:read, .*audit:read/,
        ],
        [["create", "--user", user, ...scope, "--days", "91"], /--days takes a whole number from 1 to 90/],
        [["create", "--user", user, ...scope, "--days", "soon"], /--days/],
        [["create", "--user", user, ...scope, "--name", " "], /The name is missing/],
        [["create", ...other, "--scope", "audit:read"], /Only an administrator's token can have audit:read/],
        [["create", "--user", user], /--scope/],
        [["revoke", "--user", user, "--id", "none"], /no token with that id/],
        [["revoke", ...other, "--id", JSON.parse(before.stdout)[0].id], /no token with that id/],
      ];
      for (const [args, words] of refused) {
        const { code, stdout, stderr } = await token(...args);
        expect([args, code, stdout]).toEqual([args, 1, ""]);
        expect(stderr).toMatch(words);
        expect(stderr.trim().split("\n").length).toBeLessThanOrEqual(2);
      }
      expect((await token("list", "--user", user, "--json")).stdout).toBe(before.stdout);
      expect((await token("list", ...other, "--json")).stdout).toBe("[]\n");
    });

    test("can have these scopes, as the help says", async () => {
      const { code, stdout } = await token("create", "--help");
      expect(code).toBe(0);
      for (const scope of SCOPES) expect(stdout).toContain(`  ${scope}`);
    });
  });

  test("the doctor finds nothing wrong, and says so in JSON, too", async () => {
    const { code, stdout } = await runCommand(["doctor", "--json"], settings);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
    expect(code).toBe(0);
  });

  test("an account that is half done is found by the doctor, who names it", async () => {
    const place = { databaseUrl: settings.DATABASE_URL ?? null, dataDir: settings.DATA_DIR ?? "" };
    const change = (statement: string) =>
      withDatabase(place, async () => {
        const db = openDatabase(databaseConnection(place));
        await db.$executeRawUnsafe(statement);
        await db.$disconnect();
      });
    await change('UPDATE "user" SET two_factor_since = created_at');
    const { code, stdout } = await runCommand(["doctor"], settings);
    await change('UPDATE "user" SET two_factor_since = NULL');
    expect(code).toBe(1);
    expect(stdout).toMatch(/WRONG accounts: not so: two-factor sign-in is on with .*\(account \w{26}: /);
  });

  test("keys that others can read are found by the doctor, who says how to mend it", async () => {
    const path = join(settings.DATA_DIR ?? "", "keys.json");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    chmodSync(path, 0o644);
    const { code, stdout } = await runCommand(["doctor"], settings);
    expect(code).toBe(1);
    expect(stdout).toContain(`to mend: chmod 600 ${path}`);
    chmodSync(path, 0o600);
  });

  describe("with keys that are not right", () => {
    const path = () => join(settings.DATA_DIR ?? "", "keys.json");
    const kept = join(newFolder(), "keys.json");
    beforeEach(() => copyFileSync(path(), kept));
    afterEach(() => copyFileSync(kept, path()));

    const other = () => randomBytes(32).toString("base64url");
    test.each([
      ["missing", null, /missing/],
      ["no JSON", "keys", /JSON/],
      ["short", JSON.stringify({ seal: "k1:c2hvcnQ", pepper: other(), cookies: other() }), /32 random bytes/],
      [
        "a placeholder",
        JSON.stringify({ seal: `k1:${"A".repeat(43)}`, pepper: other(), cookies: other() }),
        /placeholder/,
      ],
      [
        "another's",
        JSON.stringify({ seal: `k1:${other()}`, pepper: other(), cookies: other() }),
        /do not open/,
      ],
    ])("%s: it refuses in one line and shows no key", async (_what, content, words) => {
      if (content === null) rmSync(path());
      else writeFileSync(path(), content);
      for (const command of [["user", "list"], ["serve"]]) {
        const { code, stdout, stderr } = await runCommand(command, settings);
        expect(code).toBe(1);
        expect(stdout).not.toContain("running");
        expect(stderr).toMatch(/^countersign: [^\n]*\n$/);
        expect(stderr).toMatch(words);
        expect(stderr).not.toMatch(/[\w-]{43}/);
      }
      if (content === null) expect(existsSync(path())).toBe(false);
      expect((await runCommand(["doctor"], settings)).code).toBe(1);
    });
  });
});

describe("what cannot work is refused in one line", () => {
  test.each([
    [{ PORT: "many" }, /PORT/],
    [{ PUBLIC_URL: "https://id.example.org/path" }, /PUBLIC_URL/],
    [{ DATABASE_URL: "mysql://localhost/x" }, /DATABASE_URL/],
    [{ SIGN_UP: "maybe" }, /SIGN_UP/],
    [{ TRUSTED_PROXIES: "everyone" }, /TRUSTED_PROXIES/],
    [{ DATABASE_URL: "postgresql://nobody@127.0.0.1:1/none" }, /DATABASE_URL/],
  ])("%j", async (wrong, words) => {
    const { code, stdout, stderr } = await runCommand(["serve"], { DATA_DIR: newFolder(), ...wrong });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^countersign: [^\n]*\n$/);
    expect(stderr).toMatch(words);
  });

  test("a port in use", async () => {
    const port = await findFreePort();
    const other = createServer().listen(port);
    const { code, stderr } = await runCommand(["serve"], { DATA_DIR: newFolder(), PORT: String(port) });
    other.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^countersign: .*PORT[^\n]*\n$/);
  });

  test("neither or both ways to give a password", async () => {
    const { code, stderr } = await runCommand(["user", "create", "--email", "a@b.de"], {
      DATA_DIR: newFolder(),
    });
    expect(code).toBe(1);
    expect(stderr).toContain("--password-stdin");
  });
});

test("the doctor names what is wrong with settings, address and mail", async () => {
  const settings = {
    DATA_DIR: newFolder(),
    PUBLIC_URL: "http://id.example.org",
    SMTP_URL: "smtp://127.0.0.1:1",
  };
  const { code, stdout } = await runCommand(["doctor", "--json"], settings);
  const wrong = JSON.parse(stdout).findings.filter((finding: { ok: boolean }) => !finding.ok);
  expect(wrong.map((finding: { check: string }) => finding.check)).toEqual(["cookies", "mail"]);
  expect(wrong.every((finding: { mend?: string }) => finding.mend)).toBe(true);
  expect(code).toBe(1);
});
