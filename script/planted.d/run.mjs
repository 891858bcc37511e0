/**
 * Plants one fault after the other in a copy of the project, and runs the tests that must see it. A fault that they do not see, or
 * that keeps them from running at all, counts as failed. The last line is "N passed, N failed".
 * Usage: script/test --planted [words that a fault's description must have]
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/**
 * A fault that somebody could make, of what SECURITY.md promises or a bar is set for (`bar`), and the test that must see it. `from` stands exactly once in `file` (lib/planted-faults.test.ts
 * holds that) and becomes `to`; then a test of the file `test` whose name has `sees` in it must fail.
 * @typedef {{ bar: string, fault: string, file: string, from: string, to: string, test: string, sees: string }} PlantedFault
 */

/** @type {PlantedFault[]} */
const PLANTED_FAULTS = JSON.parse(readFileSync(new URL("faults.json", import.meta.url), "utf8"));

const root = process.cwd();
const copy = mkdtempSync(join(tmpdir(), "countersign-planted-"));
process.once("exit", () => rmSync(copy, { recursive: true, force: true }));
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]))
  process.once(signal, () => process.exit(1));

const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
  encoding: "utf8",
});
// What script/generate and script/build made, too; a file that is deleted and not yet committed is not there.
const made = ["lib/db/generated", "next-env.d.ts", "dist", ".next"];
for (const path of [...files.split("\0").filter(Boolean), ...made]) {
  if (!existsSync(join(root, path))) continue;
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  cpSync(join(root, path), join(copy, path), { recursive: true });
}
symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));

/** The part of vitest.config.ts that a test belongs to. */
const projectOf = (/** @type {string} */ test) =>
  test.startsWith("lib/core/")
    ? "postgresql"
    : /^(?:lib\/(?:crypto|server)|bin)\//.test(test)
      ? "full-cost"
      : "unit";

const escaped = (/** @type {string} */ text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Tests of whole processes run what is bundled. (Pages are not built anew: that takes minutes, and journeys are not asked here.) */
function bundleFor(/** @type {string} */ test) {
  if (test.startsWith("bin/"))
    spawnSync(process.execPath, ["script/bundle.mjs"], { cwd: copy, stdio: "inherit" });
}

/** @returns {{ passed: number, failed: number }} of the tests of one file whose name has the words in it */
function runTests(/** @type {PlantedFault} */ { test, sees }) {
  const report = join(copy, "report.json");
  rmSync(report, { force: true });
  const { stderr, stdout } = spawnSync(
    "node_modules/.bin/vitest",
    [
      "run",
      test,
      "--project",
      projectOf(test),
      "-t",
      escaped(sees),
      "--reporter=json",
      `--outputFile=${report}`,
    ],
    { cwd: copy, encoding: "utf8" },
  );
  if (!existsSync(report)) {
    console.log(stdout, stderr);
    return { passed: 0, failed: 0 };
  }
  const { testResults } = JSON.parse(readFileSync(report, "utf8"));
  const states = testResults.flatMap((/** @type {any} */ file) =>
    file.assertionResults.map((/** @type {any} */ { status }) => status),
  );
  const count = (/** @type {string} */ wanted) =>
    states.filter((/** @type {string} */ status) => status === wanted).length;
  return { passed: count("passed"), failed: count("failed") };
}

const words = process.argv.slice(2).join(" ");
const faults = PLANTED_FAULTS.filter(({ bar, fault }) => `${bar}: ${fault}`.includes(words));
const total = { passed: 0, failed: 0 };
/** The tests that were seen green without a fault: red means nothing of one that is always red. */
const green = new Set();

for (const planted of faults) {
  const { bar, fault, file, from, to, test, sees } = planted;
  const place = join(copy, file);
  const text = readFileSync(place, "utf8");
  const key = `${test}: ${sees}`;
  if (!green.has(key)) {
    const { passed, failed } = runTests(planted);
    if (passed > 0 && failed === 0) green.add(key);
  }
  let verdict = "its tests do not pass without it";
  if (green.has(key)) {
    const parts = text.split(from);
    writeFileSync(place, parts.join(to));
    bundleFor(test);
    const { passed, failed } = runTests(planted);
    writeFileSync(place, text);
    bundleFor(test);
    if (parts.length !== 2) verdict = "it cannot be planted: the code has changed";
    else if (failed > 0) verdict = "";
    else verdict = passed > 0 ? "nobody saw it" : "its tests did not run";
  }
  total[verdict === "" ? "passed" : "failed"] += 1;
  console.log(
    `${verdict === "" ? "seen  " : "FAILED"} ${bar}: ${fault}${verdict === "" ? "" : `: ${verdict}`}\n       by ${key}`,
  );
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
