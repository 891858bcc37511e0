import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The folder that holds prisma/ and package.json, found upwards from this file, which runs both as a source
 * and inside a bundle in dist/.
 * @throws Error when it is nowhere above
 */
export function findProjectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "prisma", "migrations"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("prisma/migrations is missing");
    folder = parent;
  }
  return folder;
}
