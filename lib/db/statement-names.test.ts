import { expect, test } from "vitest";
import { statementNames } from "./statement-names";

test("a text has one name, and no two share one", () => {
  const nameOf = statementNames();
  const [one, two] = ["SELECT 1", "SELECT 2"].map((sql) => nameOf({ sql }));
  expect(one).not.toBe(two);
  expect(nameOf({ sql: "SELECT 1" })).toBe(one);
});

test("there are never more than 500 names, and those given stay", () => {
  const nameOf = statementNames();
  const names = Array.from({ length: 600 }, (_, n) => nameOf({ sql: `SELECT ${n}` }));
  expect(new Set(names.filter((name) => name !== "")).size).toBe(500);
  expect(nameOf({ sql: "SELECT 0" })).toBe(names[0]);
  expect(nameOf({ sql: "SELECT 599" })).toBe("");
});
