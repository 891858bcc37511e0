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

/** What the engine says last before it panics: without this its panics name a missing variable instead. */
const panics = {
  message: "",
  set_message(text: string) {
    this.message = text;
  },
};

let loaded: Promise<EngineModule> | undefined;
let last: Promise<unknown> = Promise.resolve();

/**
 * Lets Prisma's own schema engine work on a database. One piece of work at a time: the engine is one instance,
 * and panics when two use it at once.
 * @param adapter how it reaches the database
 * @param schema the text of schema.prisma, or null when the work does not need it
 */
export function withSchemaEngine<T>(
  adapter: SqlMigrationAwareDriverAdapterFactory,
  schema: string | null,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  const result = last.then(() => run(adapter, schema, work));
  last = result.catch(() => {});
  return result;
}

async function run<T>(
  adapter: SqlMigrationAwareDriverAdapterFactory,
  schema: string | null,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: panics });
  loaded ??= loadEngineModule();
  const { SchemaEngine } = await loaded;
  const engine = await SchemaEngine.new(
    { datamodels: schema === null ? undefined : [["schema.prisma", schema]] },
    () => {},
    bindMigrationAwareSqlAdapterFactory(adapter),
  );
  try {
    return await work(engine);
  } catch (error) {
    if (!panics.message) throw error;
    throw new Error(`The schema engine failed: ${panics.message}`, { cause: error });
  } finally {
    engine.free();
  }
}
