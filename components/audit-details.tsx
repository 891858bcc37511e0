import type { AuditEvent } from "@/lib/core/audit-log";
import { a } from "@/lib/web/admin-messages";
import { partyInWords, wayInWords } from "@/lib/web/audit-words";
import { exactTime } from "@/lib/web/date-words";

/** All that is known of an event, folded away. */
export function AuditDetails({ event, words }: { event: AuditEvent; words: string }) {
  return (
    <details className="mt-1">
      <summary className="link link-alone w-fit text-sm" aria-label={a.audit.detailsOf(words)}>
        {a.audit.details}
      </summary>
      <dl className="mb-2 mt-1 grid gap-x-4 text-sm sm:grid-cols-[auto_minmax(0,1fr)]" translate="no">
        {factsOf(event).map(([name, text]) => (
          <div key={name} className="contents">
            <dt className="text-quiet">{name}</dt>
            <dd className="max-sm:mb-1">{text}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function factsOf({ id, createdAt, person, actor, via, address, userAgent, details }: AuditEvent) {
  const own = typeof details === "object" && details !== null ? Object.entries(details) : [];
  const facts: [string, string][] = [
    [a.audit.when, exactTime(createdAt)],
    [a.audit.person, partyInWords(person)],
    [a.audit.actor, partyInWords(actor)],
    [a.audit.via, wayInWords(via)],
    [a.audit.address, address],
    [a.audit.userAgent, userAgent],
    [a.audit.id, id],
    ...own.map(([name, value]): [string, string] => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  ];
  return facts.filter(([, text]) => text !== "");
}
