/** What the database process tells the process that started it. */
export type FromDatabase =
  | { kind: "ready" }
  | { kind: "in_use"; message: string }
  | { kind: "failed"; message: string };

/** What it is told. It also ends when the channel closes: then whoever started it is gone. */
export type ToDatabase = { kind: "stop" };
