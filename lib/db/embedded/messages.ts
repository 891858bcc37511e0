/** What the database process tells the process that started it. */
export type FromDatabase =
  | { kind: "ready" }
  /** It made a database where there was none, and ends: another process is to open it. */
  | { kind: "initialised" }
  | { kind: "in_use"; message: string }
  | { kind: "failed"; message: string };

/** What it is told. It also ends when the channel closes: then whoever started it is gone. */
export type ToDatabase = { kind: "stop" };
