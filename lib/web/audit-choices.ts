import { familyOf } from "@/lib/core/audit-filters";
import { WAYS_IN } from "@/lib/core/context";
import { EVENT_KINDS } from "@/lib/core/events";
import { a } from "./admin-messages";
import { eventInWords } from "./messages";

// What the audit log can be searched by, to choose from.

const families = [...new Set(EVENT_KINDS.map(familyOf))].sort();

/** Every kind of event, by family, in words and exactly; a family of several can be chosen as a whole. */
export const kindChoices = families.map((family) => {
  const kinds = EVENT_KINDS.filter((kind) => familyOf(kind) === family);
  const all = kinds.length > 1 ? [{ value: `${family}.*`, words: a.audit.family(family) }] : [];
  const single = kinds.map((kind) => ({ value: kind, words: `${kind}: ${eventInWords(kind, {})}` }));
  return { label: family, choices: [...all, ...single] };
});

export const wayChoices = WAYS_IN.map((value) => ({ value, words: a.audit.ways[value] }));
