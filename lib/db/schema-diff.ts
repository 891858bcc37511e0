import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import type { DiffTarget } from "@prisma/schema-engine-wasm";
import { PrismaPGlite } from "pglite-prisma-adapter";
import { readMigrations } from "./migration-files";
import { findProjectRoot } from "./project-root";
import { withSchemaEngine } from "./schema-engine";

/** The engine's shadow database: an empty PGlite in this process for every one it asks for. */
class ShadowDatabases extends PrismaPGlite {
  override async connectToShadowDb() {
    return new PrismaPGlite(await PGlite.create()).connect();
  }
}

/**
 * The SQL that leads from one state of the schema to what schema.prisma says; "" when nothing is missing.
 * For development and tests: it needs packages that a production install leaves out.
 * @param from the committed migrations, or an empty database
 */
export async function diffSchema(from: "migrations" | "empty"): Promise<string> {
  const path = join(findProjectRoot(), "prisma", "schema.prisma");
  const schema = await readFile(path, "utf8");
  const source: DiffTarget =
    from === "empty" ? { tag: "empty" } : { tag: "migrations", ...(await readMigrations()) };
  const shadows = new ShadowDatabases(await PGlite.create());
  const { stdout } = await withSchemaEngine(shadows, schema, (engine) =>
    engine.diff({
      from: source,
      to: { tag: "schemaDatamodel", files: [{ path, content: schema }] },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    }),
  );
  const script = stdout ?? "";
  return script.trim() === "-- This is an empty migration." ? "" : script;
}
