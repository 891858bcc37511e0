import type { Refusal } from "@/lib/core/refusals";

/** How long to wait, where waiting helps. RFC 9110, section 10.2.3. */
export function retryAfterSeconds(refusal: Refusal): number | null {
  switch (refusal.code) {
    case "locked":
    case "too_many_requests":
      return refusal.retryAfterSeconds;
    case "unavailable":
      return 5;
    default:
      return null;
  }
}
