import { randomBytes } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { createDatabase } from "@/lib/db/testing/databases";
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

  test("the doctor finds nothing wrong, and says so in JSON, too", async () => {
    const { code, stdout } = await runCommand(["doctor", "--json"], settings);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
    expect(code).toBe(0);
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
