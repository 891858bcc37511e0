import { execFile } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { findProjectRoot } from "@/lib/db/project-root";
import { FormBrowser } from "./testing/form-browser";
import { makeImage, readDockerfile, saidBy, stepsOf } from "./testing/image";
import { type Installed, killServer, runCommand, startServer } from "./testing/process";

// What the Dockerfile makes, without Docker: its steps, its files, its user. They need what script/build makes.
const run = promisify(execFile);
const root = findProjectRoot();
const instructions = readDockerfile();
const read = (path: string) => readFileSync(join(root, path), "utf8");

let image: ReturnType<typeof makeImage>;
let installed: Installed;
let dataDir: string;

beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), "countersign-data-"));
  // A user who may write nothing but the data, and whom the system's list does not have, as containers may be given.
  const user = process.getuid?.() === 0 ? { uid: 61_234, gid: 61_234 } : {};
  if (user.uid !== undefined) chownSync(dataDir, user.uid, user.gid);
  image = makeImage();
  installed = { root: image.app, ...user };
}, 300_000);
afterAll(() => {
  image?.remove();
  rmSync(dataDir, { recursive: true, force: true });
});

test("the image is built of what git has, and nothing beside it gets in", () => {
  const ignored = read(".dockerignore").split("\n");
  const untracked = read(".gitignore")
    .trim()
    .split("\n")
    .map((line) => line.replace(/\/$/, "").replace(/^\*/, "**/*"));
  expect(untracked.length).toBeGreaterThan(5);
  expect(ignored.filter((line) => line !== "" && !line.startsWith("#")).sort()).toEqual(
    [".git", ...untracked].sort(),
  );
  // The first two are what script/test begins with, so that they are run there.
  expect(stepsOf(instructions, 0).slice(0, 2)).toEqual(["script/install", "script/build"]);
  // What only Docker can do: the one step that is not run here.
  expect(stepsOf(instructions, 1)).toEqual(["install -d -o node -g node -m 700 /data"]);
});

test("the image has every file that Next needs of the packages and of ours", () => {
  const traces = readdirSync(join(image.app, ".next"), { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".nft.json"),
  );
  expect(traces.length).toBeGreaterThan(50);
  const trace = z.object({ files: z.array(z.string()) });
  const needed = traces.flatMap((path) => {
    const { files } = trace.parse(JSON.parse(readFileSync(join(image.app, ".next", path), "utf8")));
    return files.map((file) => relative(image.app, join(image.app, ".next", dirname(path), file)));
  });
  const missing = [...new Set(needed)].filter((path) => !existsSync(join(image.app, path)));
  expect(missing).toEqual([]);
});

test("the image says what is in it: each package with version, licence and hash", () => {
  const bill = z.object({
    bomFormat: z.literal("CycloneDX"),
    components: z.array(z.object({ purl: z.string(), licenses: z.array(z.unknown()).optional() })),
  });
  const { components } = bill.parse(JSON.parse(readFileSync(join(image.app, "sbom.cdx.json"), "utf8")));
  const complete = components.filter(({ licenses = [] }) => licenses.length > 0);
  const named = new Set(complete.map(({ purl }) => decodeURIComponent(purl).split("?")[0]));
  const lock = z.object({ packages: z.record(z.string(), z.object({ version: z.string().optional() })) });
  const { packages } = lock.parse(
    JSON.parse(readFileSync(join(image.app, "node_modules/.package-lock.json"), "utf8")),
  );
  const held = Object.entries(packages).map(([path, { version }]) => {
    return `pkg:npm/${path.replace(/.*node_modules\//, "")}@${version}`;
  });
  expect(held.length).toBeGreaterThan(100);
  expect(held.filter((purl) => !named.has(purl))).toEqual([]);
  expect(held.filter((purl) => /\/(?:prisma|vitest|esbuild|@biomejs)/.test(purl))).toEqual([]);
});

test("the image serves alone, as a user without a name who can write nothing but the data, and stops when asked", async () => {
  const command = [...saidBy(instructions, "ENTRYPOINT"), ...saidBy(instructions, "CMD")];
  expect(command).toEqual(["bin/countersign", "serve"]);
  const settings = { DATA_DIR: dataDir };
  expect(await runCommand(["migrate"], settings, "", installed)).toMatchObject({ code: 0, stderr: "" });
  const server = await startServer(settings, installed);
  try {
    const browser = new FormBrowser(server.url);
    expect(await browser.get("/sign-up")).toMatchObject({ status: 200 });
    const person = { email: "ada@example.org", password: "a long enough password" };
    const signedUp = await browser.submit("/sign-up", person, "email");
    expect(signedUp).toMatchObject({ status: 303, location: "/settings/security" });
    expect((await browser.get("/settings/security")).html).toContain("ada@example.org");
    for (const path of ["/docs/zitadel", "/api/docs/athena.json", "/conformance", "/icon.svg"])
      expect([path, (await browser.get(path)).status]).toEqual([path, 200]);

    const health = saidBy(instructions, "HEALTHCHECK");
    const isHealthy = (port: string) =>
      run(health[0] ?? "", health.slice(1), { env: { ...process.env, PORT: port } });
    const { port } = new URL(server.url);
    await isHealthy(port);
    const doctor = await runCommand(["doctor", "--json"], { ...settings, PORT: port }, "", installed);
    expect(doctor).toMatchObject({ code: 0, stdout: expect.stringContaining('"ok":true') });
    server.child.kill("SIGTERM");
    expect(await server.ended).toBe(0);
    await expect(isHealthy(port)).rejects.toMatchObject({ code: 1 });
    // The log has the code of whatever failed.
    expect(server.output()).not.toMatch(/EACCES|EPERM|EROFS|MODULE_NOT_FOUND/);
  } finally {
    await killServer(server);
  }
}, 300_000);
