import { Refused } from "@/lib/core/refusals";
import { isDatabaseUnavailable } from "@/lib/db/unavailable";

/** Whether an error says that the service cannot work now, rather than that a request was wrong. */
export function isUnavailable(error: unknown): boolean {
  return (
    (error instanceof Refused && error.refusal.code === "unavailable") ||
    // By its name, as Next's bundles have copies of the class.
    (error instanceof Error && error.name === "TooManyHashes") ||
    isDatabaseUnavailable(error)
  );
}
