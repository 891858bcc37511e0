import { m } from "./messages";

/** What the file and the clipboard hold: all codes, whose they are, and that each works once. */
export function recoveryText(codes: string[], issuer: string, email: string, now: Date): string {
  const lines = [
    m.codes.fileTitle(issuer),
    m.codes.fileAccount(email),
    m.codes.fileMade(now.toISOString().slice(0, 10)),
    m.codes.once,
    "",
    ...codes,
  ];
  return `${lines.join("\n")}\n`;
}

/** "countersign-recovery-codes-ada-example.org-2025-11-03.txt": what, whose and when, in characters any system takes. */
export function recoveryFileName(issuer: string, email: string, now: Date): string {
  const plain = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9.]+/g, "-")
      .replace(/^-|-$/g, "")
      .slice(0, 60);
  return `${plain(issuer) || "recovery"}-recovery-codes-${plain(email)}-${now.toISOString().slice(0, 10)}.txt`;
}
