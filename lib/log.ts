import { AsyncLocalStorage } from "node:async_hooks";
import { pino } from "pino";

/**
 * The log, one JSON object a line on standard output. Nothing but these fields is written: no query string, no
 * cookie, no body, and of an error only its kind, as messages may quote what a person typed.
 */
export type Log = {
  /** `id` is the one that its answer has in X-Request-Id. */
  request(fields: { id: string; method: string; path: string; status: number; ms: number }): void;
  event(event: string, fields?: { error?: unknown; seconds?: number; count?: number; kind?: string }): void;
};

const logger = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime });

export const log: Log = {
  request({ id, method, path, status, ms }) {
    const fields = { id, method, path: path.slice(0, 200), status, ms };
    logger[status >= 500 ? "error" : "info"](fields, "request");
  },
  event(event, { error, seconds, count, kind } = {}) {
    const level = error === undefined ? "info" : "error";
    const id = requests().getStore();
    logger[level](
      { id, ...(error === undefined ? {} : { error: kindOf(error) }), seconds, count, kind },
      event,
    );
  },
};

// Next's bundles carry copies of this module; a request has one id in all of them.
const name = Symbol.for("countersign.request-id");
// The global object has any property one gives it; its type only knows the standard ones.
const places = globalThis as { [name]?: AsyncLocalStorage<string> };

function requests(): AsyncLocalStorage<string> {
  places[name] ??= new AsyncLocalStorage<string>();
  return places[name];
}

/** Does what a request asks for; each line that is written meanwhile has its id. */
export function withRequestId<T>(id: string, work: () => T): T {
  return requests().run(id, work);
}

/** An error's class and code, such as "Error ECONNREFUSED". */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return `${error.name} ${code}`.trim();
}
