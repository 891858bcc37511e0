import type { AuditEvent } from "@/lib/core/audit-log";
import { a } from "@/lib/web/admin-messages";
import { detailsInWords, wayInWords } from "@/lib/web/audit-words";

/** What is known of an event besides what its row says, folded away. */
export function AuditDetails({ event, words }: { event: AuditEvent; words: string }) {
  return (
    // Its width follows the columns of the table, and asks for none of its own.
    <details className="w-0 min-w-full">
      <summary className="link link-alone w-fit text-sm" aria-label={a.audit.detailsOf(words)}>
        {a.audit.details}
      </summary>
      <dl className="mb-2 mt-1 grid gap-x-4 text-sm sm:grid-cols-[auto_minmax(0,1fr)]" translate="no">
        {factsOf(event, words).map(({ name, text, where }) => (
          <div key={name} className={`contents ${where ?? ""}`}>
            <dt className="text-quiet">{name}</dt>
            <dd className="[overflow-wrap:anywhere] max-sm:mb-1">{text}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

/** `where`: only on screens whose rows have no column for it. */
type Fact = { name: string; text: string; where?: string };

function factsOf({ id, via, address, userAgent, details }: AuditEvent, words: string): Fact[] {
  const facts: Fact[] = [
    ...detailsInWords(details, words).map(([name, text]) => ({ name, text })),
    { name: a.audit.via, text: wayInWords(via), where: "md:hidden" },
    { name: a.audit.address, text: address, where: "xl:hidden" },
    { name: a.audit.userAgent, text: userAgent },
    { name: a.audit.id, text: id },
  ];
  return facts.filter(({ text }) => text !== "");
}
