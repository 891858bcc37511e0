import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { refuseKept } from "@/lib/db/embedded/lock";
import { embeddedPaths } from "@/lib/db/embedded/paths";
import { findProjectRoot } from "@/lib/db/project-root";
import { env } from "@/lib/env";
import { ownOrigin } from "@/lib/server/address";
import { Problem } from "../problem";

/** countersign serve */
export function addServe(program: Command): void {
  program
    .command("serve")
    .description("run the server until it is stopped")
    .option("--dev", "with Next's development server, for work on the code")
    .action(async (options: { dev?: boolean }) => {
      const settings = env();
      if (!options.dev && !existsSync(join(findProjectRoot(), ".next", "BUILD_ID"))) {
        throw new Problem("The pages are not built yet: run script/build first");
      }
      if (settings.databaseUrl === null) refuseKept(embeddedPaths(settings.dataDir).lock);
      // next-auth takes its own address from here; PUBLIC_URL is the one setting for it.
      process.env.NEXTAUTH_URL = settings.publicUrl.origin;
      // Where Next finds itself when an action redirects: not by way of the public address and its proxy.
      process.env.__NEXT_PRIVATE_ORIGIN = ownOrigin(settings);
      // Loaded now, as the other commands do without Next and are quicker for it.
      const { serve } = await import("@/lib/server/serve");
      const { direct } = await import("@/lib/direct");
      await serve(settings, options.dev ?? false, direct);
    });
}
