import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { findProjectRoot } from "@/lib/db/project-root";

/** A line of the Dockerfile, with those that go on joined to it. `stage` counts from 0. */
export type Instruction = { stage: number; name: string; rest: string };

/** What the Dockerfile says, comments left out. */
export function readDockerfile(): Instruction[] {
  const text = readFileSync(join(findProjectRoot(), "Dockerfile"), "utf8");
  let stage = -1;
  return text
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [name = "", rest = ""] = line.split(/ (.*)/s);
      if (name === "FROM") stage += 1;
      return { stage, name, rest };
    });
}

/** What the RUN lines of a stage run. */
export function stepsOf(instructions: Instruction[], stage: number): string[] {
  return instructions.filter((each) => each.stage === stage && each.name === "RUN").map(({ rest }) => rest);
}

/** What an instruction of the last stage says, such as ENTRYPOINT; its form is JSON. */
export function saidBy(instructions: Instruction[], name: string): string[] {
  const { rest = "" } = instructions.findLast((each) => each.name === name) ?? {};
  return JSON.parse(rest.slice(rest.indexOf("[")));
}

/**
 * Makes what the Dockerfile's last stage holds, as far as it is ours: the tests' own checkout, which is installed and built
 * already, stands for the first steps of the first stage. The rest of its steps are run, offline, and the last stage gets the files
 * that it copies and no other.
 * @returns its /app, and what removes it
 */
export function makeImage(): { app: string; remove(): void } {
  const root = findProjectRoot();
  const instructions = readDockerfile();
  const steps = stepsOf(instructions, 0);
  // On the file system of the packages, which are linked and not copied.
  const build = mkdtempSync(join(root, "dist", "image-"));
  const app = mkdtempSync(join(tmpdir(), "countersign-image-"));
  const remove = () => {
    for (const folder of [build, app]) rmSync(folder, { recursive: true, force: true });
  };
  try {
    const tracked = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" });
    for (const path of tracked.split("\0").filter(Boolean)) cpSync(join(root, path), join(build, path));
    for (const path of ["node_modules", ".next"]) copyTree(join(root, path), join(build, path));
    // npm writes this one anew, which must not be felt in the checkout.
    const own = join("node_modules", ".package-lock.json");
    rmSync(join(build, own));
    cpSync(join(root, own), join(build, own));
    mkdirSync(join(build, "dist"));
    for (const name of readdirSync(join(root, "dist")))
      if (!name.startsWith("image-")) copyTree(join(root, "dist", name), join(build, "dist", name));
    const env = { ...process.env, npm_config_offline: "true", npm_config_audit: "false" };
    for (const step of steps.slice(steps.indexOf("script/build") + 1))
      execFileSync("sh", ["-c", step], { cwd: build, env, stdio: ["ignore", "ignore", "pipe"] });
    for (const { rest } of instructions.filter(
      ({ name, rest }) => name === "COPY" && rest.startsWith("--from="),
    )) {
      const sources = rest.split(" ").slice(1);
      const target = sources.pop() ?? "";
      for (const source of sources) {
        const from = join(build, source.replace(/^\/app\//, ""));
        const to = target.endsWith("/") ? join(app, target, basename(from)) : resolve(app, target);
        mkdirSync(dirname(to), { recursive: true });
        copyTree(from, to);
      }
    }
    execFileSync("chmod", ["755", app]);
    return { app, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** As links where that can be: it is tens of thousands of files. */
function copyTree(from: string, to: string): void {
  try {
    execFileSync("cp", ["-al", from, to], { stdio: "ignore" });
  } catch {
    rmSync(to, { recursive: true, force: true });
    execFileSync("cp", ["-a", from, to], { stdio: "ignore" });
  }
}
