import type { AuditParty } from "@/lib/core/audit-log";
import { a } from "./admin-messages";

/** Somebody in the audit log, by the address of their account, or what is left of them: its id. */
export function partyInWords(party: AuditParty | null): string {
  return party === null ? a.audit.nobody : (party.email ?? party.id);
}

/** A way in that this version does not know is shown as it is. */
export function wayInWords(via: string): string {
  const words: Readonly<Record<string, string>> = a.audit.ways;
  return Object.hasOwn(words, via) ? (words[via] ?? via) : via;
}
