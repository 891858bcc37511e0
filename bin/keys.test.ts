import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { createDatabase } from "@/lib/db/testing/databases";
import { runCommand, type Settings } from "./testing/process";

const { postgresql } = inject("connections");

describe.each(["embedded", "postgresql"])("keys, on the %s form", (form) => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-cli-"));
  const settings: Settings = { DATA_DIR: folder };
  const file = join(folder, "keys.json");
  const alone: string[] = [];
  let remove = async () => {};

  beforeAll(async () => {
    if (form === "embedded") return;
    const database = await createDatabase(postgresql.connectionString ?? "");
    remove = database.drop;
    settings.DATABASE_URL = database.url;
    alone.push("--only-instance");
  });
  afterAll(async () => {
    await remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function keys(...args: string[]) {
    const { code, stdout, stderr } = await runCommand(["keys", ...args, "--json"], settings);
    return code === 0 ? JSON.parse(stdout) : { code, stderr };
  }

  test("a new key takes over, the one before is dropped, and one that is needed is missed at the start", async () => {
    // The installation's own mark is the one secret that a new database has.
    expect(await keys("list")).toEqual([{ name: "k1", seals: true, secrets: 1 }]);
    expect(await keys("drop", "k1")).toMatchObject({ code: 1, stderr: expect.stringContaining("still") });
    const before = readFileSync(file, "utf8");
    if (form === "postgresql") expect(await keys("rotate")).toMatchObject({ code: 1 });
    expect(await keys("rotate", ...alone)).toEqual({ key: "k2", count: 1 });
    expect(await keys("list")).toEqual([
      { name: "k2", seals: true, secrets: 1 },
      { name: "k1", seals: false, secrets: 0 },
    ]);
    const after = readFileSync(file, "utf8");
    writeFileSync(file, before);
    expect(await keys("list")).toEqual({
      code: 1,
      stderr: expect.stringContaining('the key "k2" is missing, which seals stored secrets (1)'),
    });
    writeFileSync(file, after);
    expect(await keys("drop", "k1")).toEqual({ name: "k1" });
    expect(await keys("drop", "k2")).toMatchObject({ code: 1 });
    expect(await keys("list")).toEqual([{ name: "k2", seals: true, secrets: 1 }]);
  });
});

test("keys that come from the environment are changed there", async () => {
  const folder = mkdtempSync(join(tmpdir(), "countersign-cli-"));
  try {
    await runCommand(["user", "list"], { DATA_DIR: folder });
    const COUNTERSIGN_KEYS = readFileSync(join(folder, "keys.json"), "utf8").replaceAll(/\s/g, "");
    const { code, stderr } = await runCommand(["keys", "rotate"], { DATA_DIR: folder, COUNTERSIGN_KEYS });
    expect([code, stderr]).toEqual([1, expect.stringContaining("Put a new key first in COUNTERSIGN_KEYS")]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
