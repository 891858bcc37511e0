import { beforeAll, describe, expect, it } from "vitest";
import { type Entry, type Inventory, takeInventory } from "../script/inventory.d/inventory";
import matrix from "./core/access/access-matrix.json" with { type: "json" };
import { OPERATIONS } from "./core/access/operations";
import { tables } from "./dialects/tables";

// What script/build checks before it builds anything, and that its reading of the code finds what runs.

let inventory: Inventory;
beforeAll(() => {
  inventory = takeInventory();
});

const ofKind = (kind: Entry["kind"]) => inventory.entries.filter((entry) => entry.kind === kind);

/** Rows that no operation is of. */
const NO_OPERATION: Readonly<Record<number, string>> = {
  10: "nothing can show recovery codes again: only their hashes are kept",
  15: "part of a sign-in: completeSignIn trusts the browser, or does not",
  22: "nothing shows somebody else's secret",
  28: "on the host alone: countersign keys",
};

describe("the inventory of the ways in", () => {
  it("names for each an operation of the matrix, or why it has none", () => {
    expect(inventory.faults).toEqual([]);
  });

  it("sees pages, actions, routes, dialects, RPCs and commands", () => {
    for (const kind of ["page", "action", "route", "dialect", "rpc", "command", "server"] as const)
      expect({ kind, isThere: ofKind(kind).length > 2 }).toEqual({ kind, isThere: true });
  });

  it("has exactly the operations that the dialects answer, each with those that it asks the guard about", () => {
    const answered = tables.flatMap(({ dialect }) =>
      dialect.operations.map((each) => ({ name: `${dialect.name} ${each.method} ${each.path}`, ...each })),
    );
    expect(
      ofKind("dialect")
        .map(({ name }) => name)
        .sort(),
    ).toEqual(answered.map(({ name }) => name).sort());
    for (const { name, access, accessWithin } of answered) {
      const asked = [access, accessWithin?.own, accessWithin?.others].filter((each) => each !== undefined);
      const found = inventory.entries.find((entry) => entry.name === name)?.operations;
      expect(found, name).toEqual(expect.arrayContaining(asked));
    }
  });

  it("has an operation for each row of the matrix", () => {
    const covered = new Set<number>(Object.values(OPERATIONS));
    const missing = matrix.rows.filter(({ n }) => !covered.has(n)).map(({ n }) => String(n));
    expect(missing).toEqual(Object.keys(NO_OPERATION));
  });
});
