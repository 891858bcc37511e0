import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlMigrationAwareDriverAdapterFactory,
} from "@prisma/driver-adapter-utils";
import type { SchemaEngine } from "@prisma/schema-engine-wasm";

type EngineModule = typeof import("@prisma/schema-engine-wasm") & {
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
};

/**
 * Node 20 cannot import WebAssembly as a module, so the package's own entry point does not load there: this
 * does by hand what that entry point does.
 */
async function loadEngineModule(): Promise<EngineModule> {
  const entry = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm/schema_engine_bg");
  // The package's types describe its entry point; this file exports the same and the setter besides.
  const engine = (await import("@prisma/schema-engine-wasm/schema_engine_bg")) as unknown as EngineModule;
  const binary = await readFile(join(dirname(entry), "schema_engine_bg.wasm"));
  // The glue module exports exactly the functions that the binary imports.
  const imports = { "./schema_engine_bg.js": engine } as unknown as WebAssembly.Imports;
  const { instance } = await WebAssembly.instantiate(binary, imports);
  engine.__wbg_set_wasm(instance.exports);
  // Of every wasm-bindgen binary: sets up its tables, takes nothing.
  (instance.exports.__wbindgen_start as () => void)();
  return engine;
}

let loaded: Promise<EngineModule> | undefined;

/**
 * Prisma's own schema engine on a database.
 * @param adapter how it reaches the database
 * @param schema the text of schema.prisma, when the work needs it
 */
export async function openSchemaEngine(
  adapter: SqlMigrationAwareDriverAdapterFactory,
  schema?: string,
): Promise<SchemaEngine> {
  loaded ??= loadEngineModule();
  const engine = await loaded;
  return engine.SchemaEngine.new(
    { datamodels: schema === undefined ? undefined : [["schema.prisma", schema]] },
    () => {},
    bindMigrationAwareSqlAdapterFactory(adapter),
  );
}
