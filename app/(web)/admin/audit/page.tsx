import type { Metadata } from "next";
import { AdminFrame } from "@/components/admin-frame";
import { AdministratorsOnly } from "@/components/administrators-only";
import { AuditPager } from "@/components/audit-pager";
import { AuditSearchForm } from "@/components/audit-search-form";
import { AuditTable } from "@/components/audit-table";
import { searchEvents } from "@/lib/core/audit-log";
import { a } from "@/lib/web/admin-messages";
import { orUnavailable, setAnswerStatus } from "@/lib/web/answer";
import { kindChoices, wayChoices } from "@/lib/web/audit-choices";
import { auditAddress, orRefusal, readAuditQuery, readAuditTexts } from "@/lib/web/audit-query";
import type { Query } from "@/lib/web/params";
import { requireAdministrator } from "@/lib/web/session";
import { signOut } from "../../sign-out-action";

export const metadata: Metadata = { title: a.audit.title };

const PAGE = "/admin/audit";
const EVENTS_PER_PAGE = 50;

/** The audit log, searched by what the page's address says. */
export default async function AuditLogPage({ searchParams }: { searchParams: Query }) {
  const texts = await readAuditTexts(searchParams);
  const caller = await requireAdministrator(auditAddress(PAGE, texts));
  if (caller === null) return <AdministratorsOnly />;
  const { ctx, signedIn } = caller;
  const search = async () =>
    searchEvents(ctx, signedIn, { ...readAuditQuery(texts), limit: EVENTS_PER_PAGE });
  const { found, refusal } = await orUnavailable(orRefusal(search()));
  if (refusal) setAnswerStatus(400);
  return (
    <AdminFrame email={signedIn.user.email} current={PAGE} signOut={signOut}>
      <h1 className="text-2xl font-semibold tracking-tight">{a.audit.title}</h1>
      <p className="mt-2 text-quiet">{a.audit.intro}</p>
      <AuditSearchForm page={PAGE} values={texts} refusal={refusal} kinds={kindChoices} ways={wayChoices} />
      {found && (
        <section aria-label={a.audit.title} className="mt-8">
          {found.events.length === 0 ? <p>{a.audit.none}</p> : <AuditTable events={found.events} />}
          <AuditPager page={PAGE} texts={texts} found={found} />
        </section>
      )}
    </AdminFrame>
  );
}
