import matrix from "./access-matrix.json" with { type: "json" };
import { OPERATIONS, type Operation } from "./operations";

const SCOPE_OF_ROW = new Map<number, string>(matrix.rows.map(({ n, scope }) => [n, scope]));

/** What an API token can be for: every scope that the matrix names. */
export const SCOPES: readonly string[] = [
  ...new Set(matrix.rows.map(({ scope }) => scope).filter((scope) => scope !== "-")),
].sort();

/** The scope that an API token needs for an operation; "-": none is enough. */
export function scopeOf(operation: Operation): string {
  return SCOPE_OF_ROW.get(OPERATIONS[operation]) ?? "-";
}

/** Whether a scope is for administrators alone. */
export function isAdministrators(scope: string): boolean {
  return scope.startsWith("admin:") || scope === "audit:read";
}
