/** Prints a hash of the files and folders named on the command line: names and contents. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const hash = createHash("sha256");

/** @param {string} path */
function add(path) {
  if (!existsSync(path)) return;
  if (statSync(path).isDirectory()) {
    for (const name of readdirSync(path).sort()) add(join(path, name));
    return;
  }
  // Tests are no part of what is built.
  if (!/\.test\.tsx?$/.test(path)) hash.update(`${path}\0`).update(readFileSync(path));
}

for (const path of process.argv.slice(2)) add(path);
hash.update(process.version);
console.log(hash.digest("hex"));
