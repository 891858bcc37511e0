import { BackupError } from "@/lib/core/backup/file";
import { Refused } from "@/lib/core/refusals";
import { KeysError } from "@/lib/crypto/keys";
import { DirectoryInUse } from "@/lib/db/embedded/lock";
import { EmbeddedDatabaseError } from "@/lib/db/embedded/start";
import { isDatabaseUnavailable } from "@/lib/db/unavailable";
import { EnvError } from "@/lib/env";

/** Something is wrong that the message, one line, says to whoever typed the command. */
export class Problem extends Error {
  override readonly name = "Problem";
}

/** Says on standard error, in one line, why a command did not do what it was asked. */
export function tellProblem(error: unknown): void {
  console.error(`countersign: ${describeProblem(error)}`);
}

/** One line about an error, without anything secret. */
export function describeProblem(error: unknown): string {
  if (error instanceof EnvError) return `Wrong setting: ${error.message}`;
  if (error instanceof KeysError) return `Wrong keys: ${error.message}`;
  if (error instanceof Refused) return describeRefusal(error);
  if (
    error instanceof Problem ||
    error instanceof BackupError ||
    error instanceof EmbeddedDatabaseError ||
    error instanceof DirectoryInUse
  )
    return error.message;
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE")
    return "The port is in use by another program: stop it, or set PORT to another one";
  if (code === "EACCES" && "syscall" in error && error.syscall === "listen") {
    return "This user may not listen on that port: set PORT to one above 1023";
  }
  if (isDatabaseUnavailable(error) || isAccessDenied(code)) {
    return `The database that DATABASE_URL names cannot be used: ${firstLine(error)}`;
  }
  return firstLine(error);
}

// Wrong password or user, no such database, no permission.
function isAccessDenied(code: unknown): boolean {
  return typeof code === "string" && /^(?:28\w{3}|3D000|42501)$/.test(code);
}

function firstLine(error: Error): string {
  // A failed connection to several addresses of one host has an empty message of its own.
  const inner = error instanceof AggregateError ? error.errors[0] : undefined;
  const message = inner instanceof Error ? inner.message : error.message;
  return message.split("\n").find((line) => line.trim() !== "") ?? error.name;
}

function describeRefusal({ refusal }: Refused): string {
  switch (refusal.code) {
    case "invalid_input":
      return `The ${refusal.field === "newPassword" ? "new password" : refusal.field} is ${refusal.problem.replace("_", " ")}`;
    case "conflict":
      return refusal.reason === "email_taken"
        ? "There is an account with that e-mail address already"
        : refusal.reason.replaceAll("_", " ");
    case "not_found":
      return "There is no account with that e-mail address";
    case "unavailable":
      return "The database cannot be reached";
    default:
      return `Refused: ${refusal.code.replaceAll("_", " ")}`;
  }
}
