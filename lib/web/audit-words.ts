import type { AuditParty } from "@/lib/core/audit-log";
import { a } from "./admin-messages";
import { fullDate } from "./date-words";

/** Somebody in the audit log, by the address of their account, or what is left of them: its id. */
export function partyInWords(party: AuditParty | null): string {
  return party === null ? a.audit.nobody : (party.email ?? party.id);
}

/** A way in that this version does not know is shown as it is. */
export function wayInWords(via: string): string {
  const words: Readonly<Record<string, string>> = a.audit.ways;
  return Object.hasOwn(words, via) ? (words[via] ?? via) : via;
}

/**
 * What an event tells besides what it is, by name: what was before what became of it.
 * @param words the event in words; a name that they have already is left out
 */
export function detailsInWords(details: unknown, words: string): [name: string, text: string][] {
  const { before, after, ...others } = recordOf(details);
  const told = Object.entries({ before, after, ...others }).filter(([, value]) => value !== undefined);
  return told
    .map(([name, value]): [string, string] => [name, valueInWords(value)])
    .filter(([, text]) => !words.includes(`“${text}”`));
}

function valueInWords(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(valueInWords).join(", ");
  const { requiredFrom, graceDays } = recordOf(value);
  if (typeof graceDays === "number")
    return typeof requiredFrom === "string"
      ? a.policy.everyone(fullDate(new Date(requiredFrom)), graceDays)
      : a.policy.never;
  return JSON.stringify(value);
}

function recordOf(value: unknown): Record<string, unknown> {
  // An object may be asked for any key; what comes of it is looked at.
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
