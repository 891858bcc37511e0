import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { z } from "zod";
import { type Acting, callerOf, requireAccess } from "@/lib/core/access/guard";
import { notingRefusals } from "@/lib/core/access/note-refusal";
import type { Operation as CoreOperation } from "@/lib/core/access/operations";
import type { TokenHolder } from "@/lib/core/api-tokens";
import type { Context } from "@/lib/core/context";
import { type Refusal, Refused, refuse } from "@/lib/core/refusals";
import type { SignedIn } from "@/lib/core/sessions";
import { type AnswerCookie, setCookieLine } from "@/lib/http/answer-cookie";
import { isUnavailable } from "@/lib/http/availability";
import { type Brought, requestContext } from "@/lib/http/context";
import { retryAfterSeconds } from "@/lib/http/retry-after";
import { log } from "@/lib/log";
import { type AddressParts, findAddress, readAddresses } from "./addresses";
import { anything, type BodyProblem, readBody, UnusableBody } from "./body";
import type { Json } from "./cases";

// The kit of the dialects. A dialect is a folder of its own: index (its operations), requests (what bodies it takes), responses
// (what it answers), refusals (how it says no), caller (how its caller proves who it is), cases (whole answers, which the tests
// run). Nothing of it is known elsewhere.

/** Makes the core's Context of a request. Handed in, so that tests bring their own clock and database. */
export type ContextOf = (headers: Headers, brought: Partial<Brought>) => Context;

/** Who sends a request, as far as its dialect's headers and cookies say and the database confirms. */
export type Caller = {
  ctx: Context;
  sessionToken: string | null;
  /** Every session token that came along, live or not. */
  heldTokens: readonly string[];
  /** Not looked up yet. */
  challengeToken: string | null;
  /** Every challenge that came along. */
  heldChallenges: readonly string[];
  signedIn: SignedIn | null;
  /** By an API token, where the dialect takes them. */
  holder?: TokenHolder | null;
  /** By cookies, which an answer can change; else by a token that its holder may not look for another of. */
  isByCookie: boolean;
  /** Whether what it is given may outlive the browser's own session. */
  isRemembered: boolean;
};

/** What is answered. No body: an empty one. */
export type Answer = {
  status: number;
  body?: unknown;
  cookies?: AnswerCookie[];
  headers?: Record<string, string>;
};

/** What is wrong with a request whatever it is about. */
export type Problem =
  | { kind: "not_found" }
  | { kind: "method_not_allowed"; method: string }
  | { kind: "foreign_origin"; isMissing: boolean }
  | { kind: "crashed" }
  | BodyProblem;

/** An answer of the dialect's own, before the core is asked: thrown by what finds its caller. */
export class AnswerInstead extends Error {
  override readonly name = "AnswerInstead";
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(String(answer.status));
    this.answer = answer;
  }
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What operations answer that count tries. */
export const WAIT = { 429: { means: "Too many tries: Retry-After says for how many seconds to wait" } };

/** What an operation says of itself: the API's description is made of it. */
type Described = {
  method: Method;
  /** Without a slash at its end. A part that varies is named in braces: "/users/{id}". */
  path: string;
  summary: string;
  /** What can be asked for behind the question mark: each parameter, and what it does. */
  query?: Readonly<Record<string, string>>;
  /** Asked of the guard before the body is read, where whoever may not is told so first. */
  access?: CoreOperation;
  /** Asked of the guard within instead, where it depends on what there is: of one's own account, and of others'. */
  accessWithin?: { own: CoreOperation; others?: CoreOperation };
  /** Run before the body is read, where what the address names must be there before anything is said of the body. */
  find?: (call: Call & { acting: Acting }) => Promise<unknown>;
  /** Of each status that is answered, what it means; of success, with the body. */
  answers: Record<number, { means: string; body?: z.ZodType }>;
};

/** Who asks, and for what: the parts of the address that vary, by name, and what stands behind its question mark. */
export type Call = Caller & { params: AddressParts; query: URLSearchParams };

/** One thing that can be asked for. `needs` says who may ask; everybody else is refused before `run`. */
export type Operation = Described & { body: z.ZodType | null } & (
    | { needs: "nothing"; run: (call: Call & { body: never }) => Promise<Answer> }
    /** About whoever asks, if it is somebody: signing out, or who is signed in. */
    | { needs: "optional"; run: (call: Call & { body: never }) => Promise<Answer> }
    | { needs: "session"; run: (call: Call & { body: never; signedIn: SignedIn }) => Promise<Answer> }
    | { needs: "challenge"; run: (call: Call & { body: never; challengeToken: string }) => Promise<Answer> }
    /** A session or a challenge; the session counts where there are both. */
    | { needs: "either"; run: (call: Call & { body: never }) => Promise<Answer> }
    /** A session or an API token. */
    | { needs: "acting"; run: (call: Call & { body: never; acting: Acting }) => Promise<Answer> }
  );

/** An operation whose body has a type, as `Operation` cannot remember each one's. */
export function operation<T, N extends Operation["needs"]>(
  spec: Described & {
    needs: N;
    body: z.ZodType<T> | null;
    run: (
      call: Extract<Operation, { needs: N }>["run"] extends (call: infer C) => unknown
        ? Omit<C, "body"> & { body: T }
        : never,
    ) => Promise<Answer>;
  },
): Operation {
  // `answer` below parses the body by this very schema before it calls `run`.
  return spec as unknown as Operation;
}

/** How a client sends what proves who calls, as a Security Scheme Object of OpenAPI 3.1 (section 4.8.27). */
export type SecurityScheme = { description?: string } & (
  | { type: "apiKey"; in: "cookie" | "header"; name: string }
  | { type: "http"; scheme: "bearer" }
);

/** A dialect, as its folder's index describes it. */
export type DialectSpec = {
  /** As the audit trail names the way in. */
  name: string;
  title: string;
  /** What is followed, in which version. */
  original: string;
  operations: readonly Operation[];
  /** Addresses that begin so are this dialect's, whether there is anything or not. */
  prefixes: readonly string[];
  /** Whether the addresses that its clients ask for end with a slash. Both forms are answered. */
  slash?: boolean;
  /** How a caller proves who they are; any one is enough for an operation that needs what it `gives`. */
  proof: readonly { name: string; scheme: SecurityScheme; gives: readonly ("session" | "challenge")[] }[];
  /** How curl proves who calls an operation, and keeps what it is given: options, as a shell reads them. */
  curl(operation: Pick<Operation, "needs">): readonly string[];
  /** What those options stand for: where what is to be put in comes from. */
  curlNote: string;
  /**
   * The service that is there over gRPC-Web and gRPC, too: the folder of its messages' descriptions, one call to show, and what
   * else is to be known.
   */
  grpc?: {
    service: DescService;
    proto: string;
    example: { method: DescMethod; sends: Json };
    note: string;
  };
  /** The body of every answer that is a no. */
  failure: z.ZodType;
  findCaller(request: Request, contextOf: ContextOf, operation: Operation): Promise<Caller>;
  refusal(refusal: Refusal, operation: Operation): Answer;
  problem(problem: Problem): Answer;
  /** What is wrong with a body is said even to those who may not ask. */
  readsBodyFirst?: boolean;
  /** What bodies may say they are, all of them JSON; else application/json alone. */
  bodyTypes?: RegExp;
  /** Answers in another form than JSON what asks for it, before the operations are looked at; null: it does not. */
  intercept?(request: Request, contextOf: ContextOf): Promise<Response> | null;
  /** Refuses requests that other sites make a browser send; null where no cookie is a proof. */
  checkOrigin: ((request: Request) => Problem | null) | null;
};

/** Answers a request to one address. */
export type Api = (request: Request) => Promise<Response>;

type Route = Record<Method | "OPTIONS", Api>;

export type Dialect = DialectSpec & {
  /** What Next is given for an address. Throws Error for one that the dialect does not have. */
  at(path: string): Route;
  /** For each prefix that is the dialect's alone: what is not there. */
  elsewhere: Route;
  /** What answers at an address, or null: it is none of the dialect's. A slash at the end makes no difference. */
  find(path: string): Api | null;
  /** Answers as `find`, with a Context of the caller's making. */
  answer(request: Request, contextOf: ContextOf): Promise<Response>;
};

/** Makes of a description what answers requests. */
export function defineDialect(spec: DialectSpec): Dialect {
  const addresses = readAddresses(spec.operations.map(({ path }) => path));
  const api: (contextOf?: ContextOf) => Api =
    (contextOf = requestContext) =>
    async (request) => {
      const found = findAddress(addresses, new URL(request.url).pathname);
      return (
        spec.intercept?.(request, contextOf) ?? responseOf(await answerAt(spec, found, request, contextOf))
      );
    };
  const route = (one: Api): Route => ({
    GET: one,
    POST: one,
    PUT: one,
    PATCH: one,
    DELETE: one,
    OPTIONS: one,
  });
  // Next calls with a context of its own, which must not be taken for ours.
  const here = route((request) => api()(request));
  return {
    ...spec,
    at: (path) => {
      if (!addresses.some((address) => address.path === path))
        throw new Error(`${spec.title} has no ${path}`);
      return here;
    },
    elsewhere: here,
    find: (path) => {
      const isOwn = spec.prefixes.some((prefix) => `${path}/`.startsWith(prefix));
      return isOwn || findAddress(addresses, path) !== null ? api() : null;
    },
    answer: (request, contextOf) => api(contextOf)(request),
  };
}

/** "POST /api/auth/login": an operation's method and address, with a slash at the end where the dialect's clients send one. */
export function endpointOf({ slash }: Pick<DialectSpec, "slash">, { method, path }: Operation): string {
  return `${method} ${path}${slash ? "/" : ""}`;
}

async function answerAt(
  spec: DialectSpec,
  address: ReturnType<typeof findAddress>,
  request: Request,
  contextOf: ContextOf,
): Promise<Answer> {
  const here = spec.operations.filter((each) => each.path === address?.path);
  if (address === null || here.length === 0) return spec.problem({ kind: "not_found" });
  const method = request.method === "HEAD" ? "GET" : request.method;
  const found = here.find((each) => each.method === method);
  if (!found) {
    const answer = spec.problem({ kind: "method_not_allowed", method: request.method });
    // RFC 9110, section 15.5.6.
    return { ...answer, headers: { ...answer.headers, Allow: here.map((each) => each.method).join(", ") } };
  }
  const foreign = method === "GET" ? null : (spec.checkOrigin?.(request) ?? null);
  if (foreign) return spec.problem(foreign);
  try {
    return await run(spec, found, address.parts, request, contextOf);
  } catch (error) {
    if (error instanceof AnswerInstead) return error.answer;
    if (error instanceof Refused) return refusalAnswer(spec, error.refusal, found);
    if (error instanceof UnusableBody) return spec.problem(error.problem);
    if (isUnavailable(error)) return refusalAnswer(spec, { code: "unavailable" }, found);
    log.event("request failed", { error });
    return spec.problem({ kind: "crashed" });
  }
}

async function run(
  spec: DialectSpec,
  found: Operation,
  params: AddressParts,
  request: Request,
  contextOf: ContextOf,
): Promise<Answer> {
  // Where nothing is asked for, what was sent all the same must still be what clients send.
  const schema = found.body ?? (found.method === "GET" ? null : anything);
  const read = async () => (schema === null ? undefined : await readBody(request, schema, spec.bodyTypes));
  const early = spec.readsBodyFirst ? await read() : undefined;
  const caller = await spec.findCaller(request, contextOf, found);
  const { ctx, signedIn, challengeToken } = caller;
  const acting = signedIn ?? caller.holder ?? null;
  if (found.needs === "acting" && acting === null) refuse({ code: "unauthenticated" });
  if (found.needs === "session" && signedIn === null)
    refuse({ code: challengeToken === null ? "unauthenticated" : "second_factor_required" });
  if (found.needs === "challenge" && challengeToken === null) refuse({ code: "challenge_expired" });
  if (found.needs === "either" && signedIn === null && challengeToken === null)
    refuse({ code: "challenge_expired" });
  const work = async () => {
    if (acting !== null && found.access) requireAccess(found.access, callerOf(acting));
    const query = new URL(request.url).searchParams;
    if (acting !== null) await found.find?.({ ...caller, acting, params, query });
    const body = spec.readsBodyFirst ? early : await read();
    // What `needs` says was checked above, and `body` by the operation's own schema.
    const answer = found.run as (call: Call & { body: unknown; acting: Acting | null }) => Promise<Answer>;
    return answer({ ...caller, acting, params, query, body });
  };
  return acting === null ? work() : notingRefusals(ctx, acting, work());
}

function responseOf({ status, body, cookies = [], headers: extra = {} }: Answer): Response {
  const headers = new Headers({ "Cache-Control": "no-store", ...extra });
  for (const cookie of cookies) headers.append("Set-Cookie", setCookieLine(cookie));
  if (body === undefined) return new Response(null, { status, headers });
  return Response.json(body, { status, headers });
}

/** When the account's year is used up no wait helps; a client that waits should not ask more often than this. */
const LOCKED_RETRY_SECONDS = 86_400;

/** For how many seconds to wait after a refusal, or null where waiting does not help (RFC 9110, section 10.2.3). */
export function waitSeconds(refusal: Refusal): number | null {
  return retryAfterSeconds(refusal) ?? (refusal.code === "locked" ? LOCKED_RETRY_SECONDS : null);
}

function refusalAnswer(spec: DialectSpec, refusal: Refusal, found: Operation): Answer {
  const answer = spec.refusal(refusal, found);
  const seconds = waitSeconds(refusal);
  return seconds === null
    ? answer
    : { ...answer, headers: { ...answer.headers, "Retry-After": `${seconds}` } };
}
