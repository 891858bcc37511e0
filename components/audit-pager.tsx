import type { AuditPage } from "@/lib/core/audit-log";
import { a } from "@/lib/web/admin-messages";
import { type AuditTexts, auditAddress } from "@/lib/web/audit-query";

type Props = { page: string; texts: AuditTexts; found: AuditPage };

/** The ways on from a page of the audit log, and to files of all that was searched for. */
export function AuditPager({ page, texts, found }: Props) {
  const { before, after, ...filters } = texts;
  const { newerThan, olderThan } = found;
  return (
    <div className="mt-4 flex flex-wrap justify-between gap-x-8 gap-y-2">
      <nav aria-label={a.audit.pages} className="flex gap-x-5">
        {(before || after) && (
          <a href={auditAddress(page, filters)} className="link link-alone">
            {a.audit.newest}
          </a>
        )}
        {newerThan && (
          <a href={auditAddress(page, { ...filters, after: newerThan })} className="link link-alone">
            {a.audit.newer}
          </a>
        )}
        {olderThan && (
          <a href={auditAddress(page, { ...filters, before: olderThan })} className="link link-alone">
            {a.audit.older}
          </a>
        )}
      </nav>
      <p className="flex flex-wrap items-center gap-x-4 text-quiet">
        {a.audit.exportAs}
        <a href={auditAddress("/api/audit.csv", filters)} className="link link-alone">
          {a.audit.csv}
        </a>
        <a href={auditAddress("/api/audit.jsonl", filters)} className="link link-alone">
          {a.audit.jsonl}
        </a>
      </p>
    </div>
  );
}
