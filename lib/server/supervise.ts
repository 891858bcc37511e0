import { setTimeout as sleep } from "node:timers/promises";
import { type EmbeddedDatabase, startEmbeddedDatabase } from "@/lib/db/embedded/start";
import type { Log } from "@/lib/log";

const longestPauseMs = 5000;

/** The embedded database of a server, started again whenever it dies. */
export class SupervisedDatabase {
  private current: EmbeddedDatabase;
  private stopping = false;
  private readonly dataDir: string;
  private readonly log: Log;

  private constructor(dataDir: string, log: Log, first: EmbeddedDatabase) {
    this.dataDir = dataDir;
    this.log = log;
    this.current = first;
    void this.watch();
  }

  /** @throws EmbeddedDatabaseError when the first start fails: a later one is tried again for ever */
  static async start(dataDir: string, log: Log): Promise<SupervisedDatabase> {
    return new SupervisedDatabase(dataDir, log, await startEmbeddedDatabase(dataDir, "serve"));
  }

  private async watch(): Promise<void> {
    while (!this.stopping) {
      await this.current.ended;
      if (this.stopping) return;
      this.log.event("database process ended", { error: new Error("database process ended") });
      await this.restart();
    }
  }

  private async restart(): Promise<void> {
    for (let pauseMs = 50; !this.stopping; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        this.current = await startEmbeddedDatabase(this.dataDir, "serve");
        this.log.event("database process started again");
        return;
      } catch (error) {
        this.log.event("database process did not start", { error });
        await sleep(pauseMs);
      }
    }
  }

  /** Closes the database. Takes at most about five seconds. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.current.stop();
  }
}
