import type { AuditQuery } from "@/lib/core/audit-filters";
import { type AuditField, Refused, refuse } from "@/lib/core/refusals";
import { type Query, queryText } from "./params";

/** What the audit log is searched by, as addresses name it. */
export const AUDIT_FIELDS = ["person", "actor", "kind", "via", "from", "to", "before", "after"] as const;

/** The same as it was typed, or stands in an address. */
export type AuditTexts = Partial<Record<AuditField, string>>;

/** A day, minute, second or millisecond; in UTC where nothing else is said. */
const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?:(:\d\d)(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** What is asked for. "from" and "to" are both included, be they days or minutes. Refuses `invalid_input`. */
export function readAuditQuery({ from, to, ...texts }: AuditTexts): AuditQuery {
  return { ...texts, from: spanOf("from", from)?.begin, until: spanOf("to", to)?.end };
}

/** What a text names of time: from `begin` until just before `end`. */
function spanOf(field: AuditField, typed = ""): { begin: Date; end: Date } | null {
  const text = typed.trim();
  if (text === "") return null;
  const [, day = "", minute = "00:00", second, fraction, zone = "Z"] = TIME.exec(text) ?? [];
  const begin = new Date(`${day}T${minute}${second ?? ""}${fraction ?? ""}${zone}`);
  // A day that no calendar has, such as 30 February, is another one to Date.
  if (Number.isNaN(begin.getTime()) || !isDay(day))
    return refuse({ code: "invalid_input", field, problem: "malformed" });
  const length = fraction ? 1 : second ? 1000 : text.length > 10 ? 60_000 : 86_400_000;
  return { begin, end: new Date(begin.getTime() + length) };
}

const isDay = (day: string) => new Date(`${day}T00:00Z`).toISOString().startsWith(day);

/** An address with what is asked for; blank fields are left out. */
export function auditAddress(path: string, texts: AuditTexts): string {
  const query = new URLSearchParams(
    AUDIT_FIELDS.flatMap((field): [string, string][] => {
      const text = texts[field]?.trim();
      return text ? [[field, text]] : [];
    }),
  );
  return query.size === 0 ? path : `${path}?${query}`;
}

/** A page's query, as far as it is about the audit log. */
export async function readAuditTexts(query: Query): Promise<AuditTexts> {
  const texts: AuditTexts = {};
  for (const field of AUDIT_FIELDS) texts[field] = await queryText(query, field);
  return texts;
}

/** What was found, or why nothing was looked for: what was typed cannot be. */
export async function orRefusal<T>(search: Promise<T>) {
  try {
    return { found: await search, refusal: null };
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === "invalid_input")
      return { found: null, refusal: error.refusal };
    throw error;
  }
}
