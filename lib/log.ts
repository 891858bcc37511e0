import { pino } from "pino";

/**
 * The log, one JSON object a line on standard output. Nothing but these fields is written: no query string, no
 * cookie, no body, and of an error only its kind, as messages may quote what a person typed.
 */
export type Log = {
  request(fields: { method: string; path: string; status: number; ms: number }): void;
  event(event: string, fields?: { error?: unknown; seconds?: number; count?: number; kind?: string }): void;
};

const logger = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime });

export const log: Log = {
  request({ method, path, status, ms }) {
    logger[status >= 500 ? "error" : "info"]({ method, path: path.slice(0, 200), status, ms }, "request");
  },
  event(event, { error, seconds, count, kind } = {}) {
    const level = error === undefined ? "info" : "error";
    logger[level]({ ...(error === undefined ? {} : { error: kindOf(error) }), seconds, count, kind }, event);
  },
};

/** An error's class and code, such as "Error ECONNREFUSED". */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return `${error.name} ${code}`.trim();
}
