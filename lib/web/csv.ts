/**
 * What a spreadsheet would take for a formula: at the beginning of a cell, or behind what some of them take for the end of one
 * (a semicolon where the comma is for decimals).
 */
const FORMULA = /(^|[;|\t\r\n]"?)(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])/g;

/**
 * One line of a CSV file (RFC 4180), with its end. Moments are in ISO 8601, null is an empty cell. Text that a spreadsheet would
 * run is made text by an apostrophe before it.
 */
export function csvLine(cells: readonly (string | number | Date | null)[]): string {
  return `${cells.map(cellOf).join(",")}\r\n`;
}

function cellOf(cell: string | number | Date | null): string {
  if (cell === null) return "";
  if (cell instanceof Date) return cell.toISOString();
  if (typeof cell === "number") return String(cell);
  const text = cell.replaceAll(FORMULA, "$1'");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
