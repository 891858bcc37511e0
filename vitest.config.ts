import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import type { Connections } from "./lib/db/testing/test-database";

const root = fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "");
const core = ["lib/core/**/*.test.ts"];
/** Two transactions at once, which the embedded form does not let happen. */
const concurrent = ["lib/core/locks.test.ts"];
/** With a database of their own, which is on the PostgreSQL server in any case. */
const ownDatabase = [
  "lib/core/policy*.test.ts",
  "lib/core/adoption.test.ts",
  "lib/core/admin/last-administrator.test.ts",
  "lib/core/key-rotation.test.ts",
  "lib/core/invariants.test.ts",
];

/** Where what is stored must be as in production: it is looked at, or a real server reads it. */
const fullCost = ["lib/crypto/**/*.test.ts", "lib/server/**/*.test.ts", "bin/**/*.test.ts"];
const lowCost = [
  {
    find: /^(?:\.|@\/lib\/crypto)\/argon2-cost$/,
    replacement: `${root}/lib/crypto/testing/low-argon2-cost.ts`,
  },
];

function project(
  name: string,
  include: string[],
  exclude: string[],
  form: keyof Connections,
  cost = lowCost,
) {
  return {
    resolve: { alias: [...cost, { find: "@", replacement: root }] },
    test: { name, include, exclude, provide: { form }, testTimeout: 120_000, hookTimeout: 120_000 },
  };
}

export default defineConfig({
  test: {
    // Once for the whole run: the projects do not extend this, or each would start databases of its own.
    globalSetup: "lib/db/testing/global-setup.ts",
    projects: [
      project("embedded", core, [...concurrent, ...ownDatabase], "embedded"),
      project("postgresql", core, [], "postgresql"),
      project("unit", ["lib/**/*.test.ts"], [...core, ...fullCost], "embedded"),
      project("full-cost", fullCost, [], "embedded", []),
    ],
  },
});
