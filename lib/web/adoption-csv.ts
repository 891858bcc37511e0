import { notingRefusals } from "@/lib/core/access/note-refusal";
import { ADOPTION_FILTERS, type AdoptionFilter, type AdoptionRow, exportAdoption } from "@/lib/core/adoption";
import { Refused } from "@/lib/core/refusals";
import { isForeign } from "@/lib/http/foreign-request";
import { a } from "./admin-messages";
import { orUnavailable } from "./answer";
import { csvLine } from "./csv";
import { refusalStatus } from "./refusal-status";
import { readCaller } from "./session";

/** The filter that an address names; what it names otherwise is everybody. */
export function adoptionFilter(wanted: string): AdoptionFilter {
  return ADOPTION_FILTERS.find((filter) => filter === wanted) ?? "all";
}

/** The adoption of two-factor sign-in as a CSV file, for administrators: 401 to nobody, 403 to others. */
export async function downloadAdoption(request: Request): Promise<Response> {
  if (isForeign(request.headers)) return refused(403);
  const { ctx, signedIn } = await readCaller();
  if (!signedIn) return refused(401);
  const filter = adoptionFilter(new URL(request.url).searchParams.get("show") ?? "");
  const pages = exportAdoption(ctx, signedIn, filter);
  try {
    // The first page is read before anything is answered, so that a no is a status.
    const first = await orUnavailable(notingRefusals(ctx, signedIn, pages.next()));
    return new Response(linesOf(first, pages), {
      headers: {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": `attachment; filename="adoption-${ctx.now.toISOString().slice(0, 10)}.csv"`,
        "Cache-Control": "no-store",
      },
    });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return refused(refusalStatus(error.refusal));
  }
}

function refused(status: number): Response {
  return new Response(null, { status, headers: { "Cache-Control": "no-store" } });
}

type Pages = AsyncGenerator<AdoptionRow[]>;

/** The file, a page of people at a time, as fast as whoever downloads it takes it. */
function linesOf(first: IteratorResult<AdoptionRow[]>, pages: Pages): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let page = first;
  return new ReadableStream({
    start: (stream) => stream.enqueue(encoder.encode(csvLine(a.adoption.columns))),
    async pull(stream) {
      if (page.done) return stream.close();
      stream.enqueue(encoder.encode(page.value.map(lineOf).join("")));
      page = await pages.next();
    },
    cancel: async () => void (await pages.return(undefined)),
  });
}

function lineOf(row: AdoptionRow): string {
  const { yes, no } = a.adoption;
  return csvLine([
    row.email,
    row.name,
    row.isAdmin ? yes : no,
    row.isOn ? yes : no,
    row.since,
    row.authenticators,
    row.recoveryCodesLeft,
    row.trustedBrowsers,
    row.lastSignInAt,
    row.demand.enrolBy,
    row.demand.isDue ? yes : no,
    row.lateSince,
  ]);
}
