import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { MigrationList } from "@prisma/schema-engine-wasm";
import { findProjectRoot } from "./project-root";

/** The committed migrations, as Prisma's schema engine takes them: oldest first. */
export async function readMigrations(): Promise<MigrationList> {
  const baseDir = join(findProjectRoot(), "prisma", "migrations");
  const names = await readMigrationNames();
  const migrationDirectories = await Promise.all(
    names.map(async (name) => ({
      path: name,
      migrationFile: {
        path: "migration.sql",
        content: { tag: "ok" as const, value: await readFile(join(baseDir, name, "migration.sql"), "utf8") },
      },
    })),
  );
  return {
    baseDir,
    lockfile: {
      path: "migration_lock.toml",
      content: await readFile(join(baseDir, "migration_lock.toml"), "utf8"),
    },
    shadowDbInitScript: "",
    migrationDirectories,
  };
}

/** The names of the committed migrations, oldest first. */
export async function readMigrationNames(): Promise<string[]> {
  const entries = await readdir(join(findProjectRoot(), "prisma", "migrations"), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
