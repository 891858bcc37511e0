import type { AdoptionTotals } from "@/lib/core/adoption";
import type { PolicySettings } from "@/lib/core/policy-settings";
import { a } from "./admin-messages";
import { dateInWords } from "./date-words";

/** What a policy comes to for the people there are, at a moment: a sentence for each kind of them that there is. */
export function policyInWords(policy: PolicySettings, totals: AdoptionTotals, now: Date): string[] {
  const { requiredFrom, graceDays } = policy;
  const isInForce = requiredFrom !== null && requiredFrom <= now;
  const { grace, late } = totals;
  // Who is neither: nothing is asked of them, or not yet.
  const others = totals.without - grace - late;
  const means = a.policy.means;
  const day = requiredFrom === null ? "" : dateInWords(requiredFrom, now);
  const ofOthers =
    requiredFrom === null
      ? means.free(others)
      : isInForce
        ? means.absent(others, graceDays)
        : means.soon(others, graceDays);
  return [
    a.adoption.share(totals.with, totals.all),
    ...(requiredFrom === null ? [] : [isInForce ? means.since(day) : means.from(day)]),
    // Without a policy for all, only administrators can be late.
    ...(late > 0 ? [isInForce ? means.late(late) : means.lateAdministrators(late)] : []),
    ...(grace > 0 ? [means.inGrace(grace)] : []),
    ...(others > 0 ? [ofOthers] : []),
  ];
}
