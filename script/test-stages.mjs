/**
 * Runs the stages of script/test one after the other, whatever becomes of each, and counts. A skipped test counts as
 * failed, and so does a stage that ran none. Ends every process that it started.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";

const longestStageMs = 55 * 60_000;
const folder = mkdtempSync(join(tmpdir(), "countersign-test-"));
const vitestJson = join(folder, "vitest.json");
const playwrightJson = join(folder, "playwright.json");

/** `names`: of the tests that failed, each with why. */
/** @typedef {{ passed: number, failed: number, names?: string[] }} Count */

/** @type {{ name: string, command: string[], env?: Record<string, string>, count: (code: number) => Count }[]} */
const stages = [
  { name: "Build", command: ["script/build"], count: (code) => ({ passed: 0, failed: code === 0 ? 0 : 1 }) },
  { name: "Format and lint (biome)", command: ["node_modules/.bin/biome", "check", "."], count: one },
  { name: "Types (tsc)", command: ["node_modules/.bin/tsc", "--noEmit"], count: one },
  {
    name: "Unit and core tests, both databases (vitest)",
    command: [
      "node_modules/.bin/vitest",
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${vitestJson}`,
    ],
    count: (code) => atLeastOne("vitest", code, countVitest(read(vitestJson))),
  },
  {
    name: "Journeys in Chromium (playwright)",
    command: ["node_modules/.bin/playwright", "test", "--reporter=list,json"],
    env: { PLAYWRIGHT_JSON_OUTPUT_NAME: playwrightJson, FORCE_COLOR: "0" },
    count: (code) => atLeastOne("playwright", code, countPlaywright(read(playwrightJson))),
  },
];

/** @param {number} code @returns {Count} */
function one(code) {
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** A stage that broke down, or ran nothing, is a failure even where no single test says so. */
function atLeastOne(
  /** @type {string} */ name,
  /** @type {number} */ code,
  /** @type {Count} */ { passed, failed, names = [] },
) {
  if (passed + failed === 0) console.log(`${name} ran no test.`);
  else if (code !== 0 && failed === 0)
    console.log(`${name} failed (exit code ${code}) outside of its tests.`);
  const brokeDown = failed === 0 && (code !== 0 || passed === 0);
  return { passed, failed: failed + (brokeDown ? 1 : 0), names };
}

function read(/** @type {string} */ path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return null; // Ended before it could write its report.
  }
}

/** Vitest's report has Jest's form. A file that could not be loaded has no tests in it and counts as one. */
function countVitest(/** @type {any} */ report) {
  if (report === null) return { passed: 0, failed: 0 };
  const broken = report.testResults.filter(
    (/** @type {any} */ file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  const failures = report.testResults.flatMap((/** @type {any} */ file) =>
    file.assertionResults
      .filter((/** @type {any} */ result) => result.status === "failed")
      .map((/** @type {any} */ result) => named(file.name, result.fullName, result.failureMessages[0])),
  );
  for (const file of broken) failures.push(named(file.name, "could not be loaded", file.message));
  const { numPassedTests: passed, numFailedTests, numPendingTests, numTodoTests } = report;
  const skipped = numPendingTests + numTodoTests;
  if (skipped > 0) console.log(`${skipped} tests were skipped; they count as failed.`);
  return { passed, failed: numFailedTests + skipped + broken.length, names: failures };
}

function countPlaywright(/** @type {any} */ report) {
  if (report === null) return { passed: 0, failed: 0 };
  const { expected, unexpected, flaky, skipped } = report.stats;
  if (skipped > 0) console.log(`${skipped} tests were skipped; they count as failed.`);
  return { passed: expected, failed: unexpected + flaky + skipped, names: report.suites.flatMap(failuresOf) };
}

/** @returns {string[]} */
function failuresOf(/** @type {any} */ { suites = [], specs }) {
  const failures = specs
    .filter((/** @type {any} */ spec) => !spec.ok)
    .map((/** @type {any} */ spec) => {
      const results = spec.tests.flatMap((/** @type {any} */ test) => test.results);
      return named(
        spec.file,
        spec.title,
        results.find((/** @type {any} */ result) => result.error)?.error.message,
      );
    });
  return [...failures, ...suites.flatMap(failuresOf)];
}

/** One line, so that the end of a long run tells what is wrong with it. */
function named(/** @type {string} */ file, /** @type {string} */ test, /** @type {string} */ why = "") {
  const line = stripVTControlCharacters(why).trim().split("\n", 1)[0];
  return `  ${relative(process.cwd(), file)}: ${test}: ${line}`;
}

/** @type {import("node:child_process").ChildProcess | null} */
let running = null;

/** Ends a stage and everything that it started: they form a process group. */
function endGroup(
  /** @type {import("node:child_process").ChildProcess} */ child,
  /** @type {NodeJS.Signals} */ signal,
) {
  try {
    if (child.pid) process.kill(-child.pid, signal);
  } catch {
    // Nobody is left.
  }
}

/** @returns {Promise<number>} the exit code */
function run(/** @type {string[]} */ [command = "", ...args], /** @type {Record<string, string>} */ env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, ...env },
      detached: true,
    });
    running = child;
    const limit = setTimeout(() => {
      console.log(`Stopped: it took longer than ${longestStageMs / 60_000} minutes.`);
      endGroup(child, "SIGKILL");
    }, longestStageMs);
    const end = (/** @type {number} */ code) => {
      clearTimeout(limit);
      running = null;
      endGroup(child, "SIGKILL");
      resolve(code);
    };
    child.once("error", (error) => {
      console.log(error.message);
      end(1);
    });
    child.once("exit", (code) => end(code ?? 1));
  });
}

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.once(signal, () => {
    if (running) endGroup(running, "SIGTERM");
    setTimeout(() => {
      if (running) endGroup(running, "SIGKILL");
      rmSync(folder, { recursive: true, force: true });
      console.log(`${total.passed} passed, ${total.failed + 1} failed`);
      process.exit(1);
    }, 3000);
  });
}

const total = { passed: 0, failed: 0 };
const summary = [];
for (const { name, command, env = {}, count } of stages) {
  console.log(`== ${name}`);
  const began = performance.now();
  const { passed, failed, names = [] } = count(await run(command, env));
  total.passed += passed;
  total.failed += failed;
  const seconds = Math.round((performance.now() - began) / 1000);
  summary.push(
    `${failed === 0 ? "ok    " : "FAILED"} ${name}: ${passed} passed, ${failed} failed, ${seconds} s`,
    ...names,
  );
}
rmSync(folder, { recursive: true, force: true });
console.log(`== Summary\n${summary.join("\n")}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
