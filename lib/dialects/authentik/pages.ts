import { AnswerInstead } from "../dialect";
import { ofRequest } from "../django-rest";

// Pages of lists, as authentik numbers them: Django REST framework's PageNumberPagination.

const LONGEST_PAGE = 100;

/** The page that is asked for, and where in the whole it begins. */
export type AskedPage = { current: number; offset: number; limit: number };

function invalidPage(): never {
  throw new AnswerInstead(ofRequest(404, "Invalid page."));
}

/** Reads which page is asked for. A size that is none counts as none given, as in the original; a page that is none is 404. */
export function askedPage(query: URLSearchParams): AskedPage {
  const size = Number(query.get("page_size"));
  const limit = Number.isInteger(size) && size > 0 ? Math.min(size, LONGEST_PAGE) : LONGEST_PAGE;
  // An empty one counts as none, too.
  const page = query.get("page") || "1";
  const current = /^\d{1,9}$/.test(page) ? Number(page) : 0;
  if (current < 1) return invalidPage();
  return { current, offset: (current - 1) * limit, limit };
}

/** The body of a page. A page past the end is 404. */
export function pageBody<T>({ current, offset, limit }: AskedPage, count: number, results: T[]) {
  const totalPages = Math.max(1, Math.ceil(count / limit));
  if (current > totalPages) return invalidPage();
  const pagination = {
    next: current < totalPages ? current + 1 : 0,
    previous: current - 1,
    count,
    current,
    total_pages: totalPages,
    start_index: results.length === 0 ? 0 : offset + 1,
    end_index: offset + results.length,
  };
  return { pagination, results, autocomplete: {} };
}
