import type { Command } from "commander";
import { databaseConnection } from "@/lib/db/connection";
import { applyMigrations } from "@/lib/db/migrate";
import { env } from "@/lib/env";
import { withDatabase } from "../database";
import { print } from "../print";

/** countersign migrate */
export function addMigrate(program: Command): void {
  program
    .command("migrate")
    .description("apply the migrations that the database does not have yet")
    .option("--json", "print JSON")
    .action(async (options: { json?: boolean }) => {
      const settings = env();
      const applied = await withDatabase(settings, () => applyMigrations(databaseConnection(settings)));
      const lines = applied.length > 0 ? applied.map((name) => `Applied ${name}`) : ["Nothing to apply."];
      print(options.json, { applied }, lines);
    });
}
