import { join } from "node:path";
import type { Operation } from "@/lib/core/access/operations";
import type { Refusal, RefusalCode } from "@/lib/core/refusals";
import { findProjectRoot } from "@/lib/db/project-root";
import type { Case, Json } from "@/lib/dialects/cases";
import type { Dialect } from "@/lib/dialects/dialect";
import { tables } from "@/lib/dialects/tables";
import { ask, type Someone } from "@/lib/dialects/testing/askers";
import { filled } from "@/lib/dialects/testing/fill";
import { cookieNames } from "@/lib/http/cookie-names";
import { sealSessionCookie } from "@/lib/http/session-cookie";
import { answerStorage, newAnswerStore } from "@/lib/server/answer-store";
import { createHttpServer } from "@/lib/server/http-server";
import { listenAtFreePort } from "@/lib/testing/free-port";
import type { FormState } from "@/lib/web/form-state";
import { refusalStatus } from "@/lib/web/refusal-status";
import type { State } from "./callers";
import { edge } from "./edge";

/** What a way in says: yes, a refusal's code, or, of a page, go to another one. */
export type Says = "allowed" | RefusalCode | `sent to ${string}`;

/** A way in, how it is asked for an operation, and what its answers mean. */
export type Way = {
  /** As the inventory names it. */
  entry: string;
  does: Operation;
  /** Whose proof it takes; whoever comes with another is nobody to it. */
  carries: readonly State[];
  /** In which states it is this operation; all. */
  only?: readonly State[];
  /** Where it says something else than the matrix, and why. */
  except?: Partial<Record<State, Except>>;
  /** Changes nothing when it is allowed, as there is nothing to change: always, or in these states. */
  changesNothing?: true | readonly State[];
  ask(someone: Someone): Promise<unknown>;
  isAllowed(answer: unknown): boolean;
  /** What is answered for a refusal, for `toEqual`. */
  refused(refusal: Refusal): unknown;
};

export type Except = { says: Says; because: string };
type Rest = Partial<Pick<Way, "only" | "except" | "changesNothing" | "carries">>;
type Values = Readonly<Record<string, string>>;

export const BY_COOKIE: readonly State[] = [
  "ANON",
  "PART",
  "ENROL",
  "FULL0",
  "FULL2",
  "STALE",
  "ADMIN",
  "ADM_STALE",
  "REVOKED",
];
export const TOKENS: readonly State[] = ["TOK-", "TOK+"];
const BY_TOKEN: readonly State[] = ["ANON", ...TOKENS];
const NO_PART = BY_COOKIE.filter((state) => state !== "PART");

const CONFLICT = { code: "conflict", reason: "two_factor_off" } as const satisfies Refusal;

/** A code's refusal as the matrix means it. */
export function refusalOf(code: RefusalCode): Refusal {
  if (code === "conflict") return CONFLICT;
  // The matrix has no refusal with more to it than its code.
  return { code } as Refusal;
}

const named = (text: string, values: Values) => text.replaceAll(/<[^>]+>/g, (name) => values[name] ?? name);
const namedAll = (texts: Values, values: Values) =>
  Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, named(text, values)]));

// Pages and their actions, with the cookies of whoever asks.

/** The names of everything that is exported by a file of `app`. */
async function load(path: string): Promise<Record<string, unknown>> {
  return import(/* @vite-ignore */ join(findProjectRoot(), path));
}

/** Stands at the edge of the pages as somebody, while `work` runs, with the store of the server around Next. */
async function asBrowser<T>(someone: Someone, headers: Record<string, string>, work: () => Promise<T>) {
  const { ctx, session, challenge, apiToken } = someone;
  const names = cookieNames(new URL("http://localhost:3000"));
  const cookies = new Map<string, string>();
  if (session) cookies.set(names.session, sealSessionCookie(ctx.keys, session, 3600, ctx.now));
  if (challenge) cookies.set(names.challenge, challenge);
  edge.ctx = ctx;
  edge.jar = cookies;
  edge.headers = new Headers({
    cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
    ...(apiToken ? { authorization: `Bearer ${apiToken}` } : {}),
    ...headers,
  });
  const store = newAnswerStore("next-action" in headers);
  try {
    return { value: await answerStorage().run(store, work), status: store.status };
  } finally {
    edge.ctx = null;
  }
}

/** Where somebody is sent who lacks something, by the refusal's code. */
const PLACES: Partial<Record<RefusalCode, RegExp>> = {
  unauthenticated: /^\/sign-in(?:\?callbackUrl=|$)/,
  second_factor_required: /^\/sign-in\/verify(?:\?callbackUrl=|$)/,
  challenge_expired: /^\/sign-in\?expired=1/,
  step_up_required: /^\/step-up\?callbackUrl=/,
  enrolment_required: /^\/settings\/security\/authenticators\/new$/,
};

/** Which refusal's place a path is, or the path itself. */
function placeAs(path: string): string {
  const [code] = Object.entries(PLACES).find(([, place]) => place.test(path)) ?? [];
  return code ?? `sent to ${path}`;
}

/** Next throws what ends a page: its digest says how. */
function digestOf(error: unknown): string {
  return typeof error === "object" && error !== null && "digest" in error ? String(error.digest) : "";
}

export function page(
  entry: string,
  does: Operation,
  { params = {}, query = {}, ...rest }: Rest & { params?: Values; query?: Values } = {},
): Way {
  const path = `app/(web)/${entry}page.tsx`;
  return {
    entry: path,
    does,
    carries: BY_COOKIE,
    changesNothing: true,
    ...rest,
    async ask(someone) {
      // Every page's default export is a component that takes these.
      const { default: Page } = (await load(path)) as {
        default: (props: { params: Promise<Values>; searchParams: Promise<Values> }) => Promise<unknown>;
      };
      const props = {
        params: Promise.resolve(namedAll(params, someone.values)),
        searchParams: Promise.resolve(namedAll(query, someone.values)),
      };
      try {
        const { status } = await asBrowser(someone, {}, async () => Page(props));
        return (
          { 403: "forbidden", 404: "not_found" }[status ?? 0] ??
          (status === null ? "allowed" : String(status))
        );
      } catch (error) {
        const [kind, second, to = ""] = digestOf(error).split(";");
        if (kind === "NEXT_REDIRECT") return placeAs(to);
        if (kind === "NEXT_HTTP_ERROR_FALLBACK" && second === "404") return "not_found";
        throw error;
      }
    },
    isAllowed: (answer) => answer === "allowed",
    refused: ({ code }) => code,
  };
}

export function action(
  entry: string,
  does: Operation,
  form: Values,
  { goesTo = /^/, ...rest }: Rest & { goesTo?: RegExp } = {},
): Way {
  const [path = "", name = ""] = entry.split(" ");
  return {
    entry: `app/(web)/${entry}`,
    does,
    carries: BY_COOKIE,
    ...rest,
    async ask(someone) {
      const actions = await load(`app/(web)/${path}`);
      // The inventory says that it is one: useActionState gives it its state and a form.
      const act = actions[name] as (state: unknown, data: FormData) => Promise<FormState>;
      const data = new FormData();
      for (const [field, text] of Object.entries(namedAll(form, someone.values))) data.set(field, text);
      const { value, status } = await asBrowser(someone, { "next-action": "x" }, () => act(null, data));
      if (value.refusal) return { code: value.refusal.code, status };
      const to = value.goTo ?? "";
      return goesTo.test(to) && !(goesTo.source === "^" && placeAs(to) in PLACES) ? "allowed" : placeAs(to);
    },
    isAllowed: (answer) => answer === "allowed",
    refused: (refusal) =>
      refusal.code in PLACES ? refusal.code : { code: refusal.code, status: refusalStatus(refusal) },
  };
}

/** A route of the pages' that answers with a file. */
export function route(entry: string, does: Operation, rest: Rest = {}): Way {
  const path = `app/(web)/${entry}/route.ts`;
  return {
    entry: path,
    does,
    carries: BY_COOKIE,
    changesNothing: true,
    ...rest,
    async ask(someone) {
      // The inventory says that it is a route.
      const { GET } = (await load(path)) as { GET: (request: Request) => Promise<Response> };
      try {
        const { value } = await asBrowser(someone, {}, async () => {
          const answer = await GET(new Request(`http://localhost:3000/${entry}`, { headers: edge.headers }));
          await answer.text();
          return answer.status;
        });
        return value;
      } catch (error) {
        const [kind, second, to = ""] = digestOf(error).split(";");
        if (kind === "NEXT_REDIRECT") return placeAs(to);
        if (kind === "NEXT_HTTP_ERROR_FALLBACK") return Number(second);
        throw error;
      }
    },
    isAllowed: (answer) => answer === 200,
    // A file that a page offers is asked for by whoever sees the page, and others are sent where the page would send them.
    refused: (refusal) =>
      entry.startsWith("settings/") && refusal.code in PLACES ? refusal.code : refusalStatus(refusal),
  };
}

/** The server around Next at an address of its own, with whatever cookies and tokens come along. */
export function server(path: string, does: Operation): Way {
  return {
    entry: path,
    does,
    carries: [...BY_COOKIE, ...TOKENS],
    changesNothing: true,
    ask: (someone) =>
      asBrowser(someone, {}, async () => {
        const http = createHttpServer({
          env: { publicUrl: new URL("http://localhost:3000"), trustedProxies: [] },
          handle: async () => {},
          findEntrypoint: () => null,
          findApi: () => null,
          isReady: async () => (await someone.ctx.db.$queryRaw<unknown[]>`SELECT 1`).length === 1,
          log: { request: () => {}, event: () => {} },
          isDev: false,
        });
        const port = await listenAtFreePort(http);
        const { status } = await fetch(`http://127.0.0.1:${port}${path}`, { headers: edge.headers });
        http.closeAllConnections();
        http.close();
        return status;
      }).then(({ value }) => value),
    isAllowed: (answer) => answer === 200,
    refused: refusalStatus,
  };
}

// The dialects, each with the proof that its clients have.

const CARRIES: Readonly<Record<string, readonly State[]>> = {
  thogits: BY_COOKIE,
  athena: BY_COOKIE,
  omnitron: NO_PART,
  authentik: BY_TOKEN,
  zitadel: [...NO_PART, ...TOKENS],
};

function dialectOf(name: string): Dialect {
  const found = tables.find(({ dialect }) => dialect.name === name)?.dialect;
  if (!found) throw new Error(`there is no dialect ${name}`);
  return found;
}

export function api(
  entry: string,
  does: Operation,
  { at, query, sends, ...rest }: Rest & Pick<Case, "at" | "query"> & { sends?: Json } = {},
): Way {
  const [name = "", method = "", path = ""] = entry.split(" ");
  const dialect = dialectOf(name);
  const operation = dialect.operations.find((each) => each.method === method && each.path === path);
  if (!operation) throw new Error(`${name} has no ${method} ${path}`);
  const carries = CARRIES[name] ?? [];
  return {
    entry,
    does,
    carries,
    ...(method === "GET" ? { changesNothing: true } : {}),
    ...rest,
    async ask(someone) {
      const { session, challenge, apiToken } = someone;
      // Where the dialect's own way has no place for it.
      const stray = name === "thogits" || name === "athena" ? apiToken : session || challenge || apiToken;
      const isOwn = name === "zitadel" ? session || apiToken : name === "authentik" ? apiToken : session;
      const scheme = name === "omnitron" ? "Token" : "Bearer";
      const headers: Record<string, string> = stray && !isOwn ? { authorization: `${scheme} ${stray}` } : {};
      const body = sends === undefined ? {} : { sends: filled(sends, someone.values) };
      const answer = await ask(dialect, someone, { asks: `${method} ${path}`, at, query, headers, ...body });
      return { status: answer.status, body: answer.body };
    },
    isAllowed: (answer) => Number(Object(answer).status) < 300,
    refused(refusal) {
      const { status, body } = dialect.refusal(refusal, operation);
      // What is missing is told in several ways, and of what is in the way of something there are several reasons.
      const isExact = !["unauthenticated", "not_found", "conflict"].includes(refusal.code);
      return { status, body: isExact ? body : expectAnything };
    },
  };
}

/** Equal to whatever it is compared with, as `expect.anything()` is not to undefined. */
const expectAnything = { asymmetricMatch: () => true, toString: () => "anything" };
