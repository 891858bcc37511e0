import type { Metadata } from "next";
import { AdminFrame } from "@/components/admin-frame";
import { AdministratorsOnly } from "@/components/administrators-only";
import { AdoptionBar } from "@/components/adoption-bar";
import { AdoptionTable } from "@/components/adoption-table";
import { ADOPTION_FILTERS, listAdoption, readAdoption } from "@/lib/core/adoption";
import { a } from "@/lib/web/admin-messages";
import { adoptionFilter } from "@/lib/web/adoption-csv";
import { orUnavailable } from "@/lib/web/answer";
import { type Query, queryText } from "@/lib/web/params";
import { requireAdministrator } from "@/lib/web/session";
import { signOut } from "../../sign-out-action";

export const metadata: Metadata = { title: a.adoption.title };

const PAGE = "/admin/adoption";
const PEOPLE_PER_PAGE = 50;

/** Who has two-factor sign-in, and who does not. A page begins behind an address, so that it is found as fast as the first. */
export default async function AdoptionPage({ searchParams }: { searchParams: Query }) {
  const filter = adoptionFilter(await queryText(searchParams, "show"));
  const after = (await queryText(searchParams, "after")).replaceAll("\0", "");
  const caller = await requireAdministrator(`${PAGE}?show=${filter}`);
  if (caller === null) return <AdministratorsOnly />;
  const { ctx, signedIn } = caller;
  const [totals, { people, nextAfter }] = await orUnavailable(
    Promise.all([
      readAdoption(ctx, signedIn),
      listAdoption(ctx, signedIn, { filter, limit: PEOPLE_PER_PAGE, after }),
    ]),
  );
  return (
    <AdminFrame email={signedIn.user.email} current={PAGE} signOut={signOut}>
      <h1 className="text-2xl font-semibold tracking-tight">{a.adoption.title}</h1>
      <p className="mb-5 mt-2 text-quiet">{a.adoption.intro}</p>
      <AdoptionBar totals={totals} />
      <nav aria-label={a.adoption.filtersLabel} className="mb-4 mt-10 flex flex-wrap gap-x-5">
        {ADOPTION_FILTERS.map((one) => (
          <a
            key={one}
            href={`${PAGE}?show=${one}`}
            aria-current={one === filter ? "page" : undefined}
            className="link link-alone aria-[current]:font-semibold aria-[current]:text-ink aria-[current]:no-underline"
          >
            {a.adoption.filters[one]} ({totals[one]})
          </a>
        ))}
        <a href={`/admin/adoption.csv?show=${filter}`} className="link link-alone sm:ms-auto">
          {a.adoption.download}
        </a>
      </nav>
      {people.length === 0 ? <p>{a.adoption.none}</p> : <AdoptionTable people={people} now={ctx.now} />}
      <nav aria-label={a.adoption.pages} className="mt-4 flex gap-x-5">
        {after && (
          <a href={`${PAGE}?show=${filter}`} className="link link-alone">
            {a.adoption.first}
          </a>
        )}
        {nextAfter && (
          <a
            href={`${PAGE}?show=${filter}&after=${encodeURIComponent(nextAfter)}`}
            className="link link-alone"
          >
            {a.adoption.next}
          </a>
        )}
      </nav>
    </AdminFrame>
  );
}
