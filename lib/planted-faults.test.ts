import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import faults from "../script/planted.d/faults.json" with { type: "json" };
import { findProjectRoot } from "./db/project-root";

const read = (path: string) => readFileSync(join(findProjectRoot(), path), "utf8");

it.each(faults)("$bar: $fault, can be planted, and its test is there", ({ file, from, to, test, sees }) => {
  expect(read(file).split(from)).toHaveLength(2);
  expect(to).not.toBe(from);
  // The words before a name that is made of several; script/test --planted sees whether one has them.
  expect(read(test)).toMatch(/\b(?:it|test)\b/);
  expect(sees).toBe(sees.trim());
});
