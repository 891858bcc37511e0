import { Refused } from "@/lib/core/refusals";
import { isDatabaseUnavailable } from "@/lib/db/unavailable";
import { setAnswerStatus } from "./answer";

/** Whether an error says that the service cannot work now, rather than that a request was wrong. */
export function isUnavailable(error: unknown): boolean {
  return (error instanceof Refused && error.refusal.code === "unavailable") || isDatabaseUnavailable(error);
}

/** Lets `work` through; if the database cannot be reached the page's answer will be a 503. */
export async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isUnavailable(error)) setAnswerStatus(503, { "Retry-After": "5" });
    throw error;
  }
}
