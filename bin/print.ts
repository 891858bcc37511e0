/** Prints a command's result: JSON on one line, or lines for people. */
export function print(asJson: boolean | undefined, value: unknown, lines: string[]): void {
  console.log(asJson ? JSON.stringify(value) : lines.join("\n"));
}
