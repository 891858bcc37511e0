import matrix from "./access-matrix.json" with { type: "json" };

/** What an API token can be for: every scope that the matrix names. */
export const SCOPES: readonly string[] = [
  ...new Set(matrix.rows.map(({ scope }) => scope).filter((scope) => scope !== "-")),
].sort();

/** Whether a scope is for administrators alone. */
export function isAdministrators(scope: string): boolean {
  return scope.startsWith("admin:") || scope === "audit:read";
}
