/**
 * Bundles what runs outside Next: Node 20 runs no TypeScript. Packages stay in
 * node_modules. Usage: node script/bundle.mjs [name …]; without names, all. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const sources = {
  cli: "bin/cli.ts",
  "database-process": "lib/db/embedded/database-process.ts",
  "schema-diff": "lib/db/schema-diff.ts",
  bench: "script/bench.d/bench.ts",
  limits: "script/limits.d/limits.ts",
  inventory: "script/inventory.d/main.ts",
  "bench-client": "script/bench.d/client.ts",
  "bench-load-client": "script/bench.d/load-client.ts",
  "bench-flood-client": "script/bench.d/flood-client.ts",
};

const wanted = process.argv.slice(2);
await build({
  absWorkingDir: root,
  entryPoints: Object.fromEntries(
    Object.entries(sources).filter(([name]) => wanted.length === 0 || wanted.includes(name)),
  ),
  outdir: "dist",
  bundle: true,
  // So that a command loads only what it needs.
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  packages: "external",
  platform: "node",
  target: "node20",
  format: "esm",
  sourcemap: true,
  logLevel: "warning",
});
