import { userInfo } from "node:os";
import type { Context } from "@/lib/core/context";
import { env } from "@/lib/env";
import { prepareDatabase } from "@/lib/server/prepare";
import { withDatabase } from "./database";

/** Runs a use case of the core for whoever types the command. */
export function withContext<T>(work: (ctx: Context) => Promise<T>): Promise<T> {
  const settings = env();
  return withDatabase(settings, async () => {
    const { db, keys } = await prepareDatabase(settings);
    try {
      const caller = {
        address: "",
        userAgent: "",
        via: "cli",
        browserToken: null,
        trustToken: null,
        keepsCookies: false,
        keptToken: null,
      };
      return await work({ db, keys, settings, now: new Date(), ...caller });
    } finally {
      await db.$disconnect();
    }
  });
}

/** Who acts, for the audit trail: "cli", and the system's user where it has a name. */
export function actorName(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    return "cli"; // A user id without an entry in the system's list, as in some containers.
  }
}
