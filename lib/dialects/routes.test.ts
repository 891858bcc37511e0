import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findProjectRoot } from "@/lib/db/project-root";
import { tables } from "./tables";

// Our own server hands a dialect's addresses to it whole; on other hosts it is the routes in app/ that lead there.

describe.each(tables)("the routes of $dialect.title", ({ dialect }) => {
  const addresses = [...new Set(dialect.operations.map(({ path }) => path))];

  it.each(addresses)("%s leads to it", (path) => {
    // As Next names a part that varies, and one that would be private (its documentation, "Project structure").
    const folder = path.replaceAll(/\{(\w+)\}/g, "[$1]").replaceAll("/_", "/%5F");
    const file = join(findProjectRoot(), "app", `(${dialect.name})`, folder, "route.ts");
    expect(existsSync(file), file).toBe(true);
    // Long ones are broken over lines.
    const text = readFileSync(file, "utf8")
      .replaceAll(/\s+/g, " ")
      .replaceAll("( ", "(")
      .replaceAll(", )", ")");
    expect(text.replace(" )", ")")).toContain(`= ${dialect.name}.at("${path}");`);
  });

  it("are nobody else's addresses", () => {
    const others = tables.filter((table) => table.dialect !== dialect);
    for (const path of addresses)
      for (const other of others) expect(other.dialect.find(path), path).toBeNull();
  });
});
