import type { PoolConfig } from "pg";
import type { Context } from "@/lib/core/context";
import { parseKeys } from "@/lib/crypto/keys";
import { openDatabase } from "@/lib/db/client";
import { applyMigrations } from "@/lib/db/migrate";
import { isDatabaseUnavailable } from "@/lib/db/unavailable";
import { type Flow, flows, type Input } from "./flows";

/** What a victim is to do: one flow, or what a start does to the database. */
export type Job = {
  flow: Flow | "migrations";
  connection: PoolConfig;
  keys: string;
  input: Input;
  context: Omit<Context, "db" | "keys" | "now"> & { now: string };
};

/** What it tells: it is loaded; then how the job ended, if it lives to tell. */
export type Told = "loaded" | "done" | "unavailable" | { error: string };

const tell = (told: Told) => process.send?.(told);

/** A process of its own that runs one flow, to be killed in the middle of it. */
process.once("message", async (job: Job) => {
  try {
    if (job.flow === "migrations") await applyMigrations(job.connection);
    else {
      const db = openDatabase(job.connection);
      const now = new Date(job.context.now);
      await flows[job.flow]({ ...job.context, db, keys: parseKeys(job.keys), now }, job.input);
    }
    tell("done");
  } catch (error) {
    tell(isDatabaseUnavailable(error) ? "unavailable" : { error: String(error) });
  }
});
tell("loaded");
