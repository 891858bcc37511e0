// Classes 08 (connection), 40 (rolled back: a deadlock, for one), 53 (out of disk, memory, connections), 57 (stopped, cancelled), 58 (system error);
// and 25006: it takes no writes, as a standby does, or one that its operator made read-only.
const sqlStates = /^(?:08|40|53|57|58|25006)/;
const systemErrors =
  /^(?:ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
// Prisma: unreachable, timed out, closed, pool exhausted, transaction lost, too many connections.
const prismaErrors = /^(?:P1001|P1002|P1008|P1017|P2024|P2028|P2037)$/;
const kinds = /^(?:DatabaseNotReachable|ConnectionClosed|SocketTimeout|TooManyConnections)$/;
const messages =
  /Query read timeout|timeout exceeded when trying to connect|Connection terminated|connection timeout|Client has encountered a connection error|Client was closed|server closed the connection/i;

/** Whether an error says that the database cannot be used now, rather than that a query was wrong. */
export function isDatabaseUnavailable(error: unknown): boolean {
  return speaksOfAbsence(error, 6);
}

/** An error's own words, then those of what caused it: Prisma wraps the driver's errors several times. */
function speaksOfAbsence(error: unknown, depth: number): boolean {
  if (typeof error !== "object" || error === null || depth === 0) return false;
  // Only strings are compared, whatever the fields turn out to hold.
  const { code, originalCode, kind, message, cause, meta, driverAdapterError } = error as Record<
    string,
    unknown
  >;
  if (typeof code === "string" && (systemErrors.test(code) || prismaErrors.test(code) || isState(code)))
    return true;
  if (typeof originalCode === "string" && isState(originalCode)) return true;
  if (typeof kind === "string" && kinds.test(kind)) return true;
  if (typeof message === "string" && messages.test(message)) return true;
  return [cause, meta, driverAdapterError].some((inner) => speaksOfAbsence(inner, depth - 1));
}

function isState(code: string): boolean {
  return code.length === 5 && sqlStates.test(code);
}
