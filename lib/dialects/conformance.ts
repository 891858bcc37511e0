import {
  type Answered,
  ASKERS,
  type Case,
  type Difference,
  type Json,
  TROUBLE_NAMES,
  TROUBLES,
} from "./cases";
import { endpointOf } from "./dialect";
import { tables } from "./tables";

// What is tested of each dialect, as data: made of the tables that the tests run, so that it cannot claim anything else.

/** A case in the words of the documents. */
export type ShownCase = {
  who: string;
  /** Where the operator has set something, or tries are used up. */
  given?: string;
  /** The address that is asked for, where that which the case is listed under has parts that vary or a query. */
  asks?: string;
  sends?: Json;
  status: number;
  answers?: Json;
  next?: Answered & { asks: string; sends?: Json };
};
export type Conformance = {
  name: string;
  title: string;
  original: string;
  openapi: string;
  endpoints: readonly { endpoint: string; summary: string | null; cases: readonly ShownCase[] }[];
  /** What any request may be told. */
  everywhere: readonly (Answered & { when: string })[];
  differences: readonly (Difference & { endpoint: string; case: ShownCase })[];
};

/** What is tested of every dialect, and where each differs from its original on purpose. */
export function conformance(): Conformance[] {
  return tables.map(({ dialect, cases, troubles }) => {
    const summaries = new Map(
      dialect.operations.map((operation) => [endpointOf(dialect, operation), operation.summary]),
    );
    const all = Object.entries(cases);
    return {
      name: dialect.name,
      title: dialect.title,
      original: dialect.original,
      openapi: `/api/docs/${dialect.name}.json`,
      endpoints: all.map(([endpoint, each]) => ({
        endpoint,
        summary: summaries.get(endpoint) ?? null,
        cases: each.map((one) => shown(endpoint, one)),
      })),
      everywhere: TROUBLE_NAMES.flatMap((trouble) => {
        const answered = troubles[trouble];
        return answered === null ? [] : [{ when: TROUBLES[trouble], ...answered }];
      }),
      differences: all.flatMap(([endpoint, each]) =>
        each.flatMap((one) =>
          one.differs ? [{ endpoint, ...one.differs, case: shown(endpoint, one) }] : [],
        ),
      ),
    };
  });
}

/** An address with what stands for its parts, as cases name it. */
function shownAddress(endpoint: string, at: Case["at"] = {}, query = ""): string {
  const path = endpoint.replaceAll(/\{(\w+)\}/g, (part, name: string) => at[name] ?? part);
  return `${path.split(" ")[1]}${query && `?${query}`}`;
}

function shown(
  endpoint: string,
  { who, at, query, sends, settings, outOfTries, status, answers, next }: Case,
): ShownCase {
  const given = [
    ...(settings?.signUp === undefined ? [] : [`SIGN_UP=${settings.signUp}`]),
    ...(settings?.emailCodes === undefined ? [] : [`EMAIL_CODES=${settings.emailCodes ? "on" : "off"}`]),
    ...(outOfTries === undefined
      ? []
      : [`no tries left for the ${outOfTries === "address" ? "network address" : "account"}`]),
  ].join(", ");
  return {
    who: ASKERS[who],
    ...(given === "" ? {} : { given }),
    ...(at === undefined && query === undefined ? {} : { asks: shownAddress(endpoint, at, query) }),
    ...(sends === undefined ? {} : { sends }),
    status,
    ...(answers === undefined ? {} : { answers }),
    ...(next === undefined ? {} : { next }),
  };
}

/** Answers a request for it as JSON. */
export function answerConformance(): Response {
  return Response.json({ dialects: conformance() });
}
