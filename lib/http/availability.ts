import { Refused } from "@/lib/core/refusals";
import { isDatabaseUnavailable } from "@/lib/db/unavailable";

/** Whether an error says that the service cannot work now, rather than that a request was wrong. */
export function isUnavailable(error: unknown): boolean {
  return (error instanceof Refused && error.refusal.code === "unavailable") || isDatabaseUnavailable(error);
}
