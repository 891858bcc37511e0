import type { Acting } from "@/lib/core/access/guard";
import { readApiToken, TOKEN_PREFIX } from "@/lib/core/api-tokens";
import type { Context } from "@/lib/core/context";
import { readSession } from "@/lib/core/sessions";
import { AnswerInstead, type Caller, type ContextOf, type Operation } from "../dialect";
import { answerOf, NO_HEADER } from "./refusals";

/** A challenge as a session's token, so that it is told from one, and of which session it is, before the database is asked. */
export function challengeTokenOf({ id, token }: { id: string; token: string }): string {
  return `challenge.${id}.${token}`;
}

/** Of a session's token that is a challenge: the session's id and the challenge's own token. Null: it is none. */
export function challengeIn(sessionToken: string): { id: string; token: string } | null {
  const [, id = "", token = ""] = /^challenge\.([^.]*)\.(.*)$/.exec(sessionToken) ?? [];
  return token === "" ? null : { id, token };
}

const BEARER = /^bearer +(\S+) *$/i;

/** Whoever sends a bearer token, over any transport. `acting` is null for one that is none, or no more. */
export type Asker = { ctx: Context; token: string; acting: Acting | null };

/** The bearer token of a request, or null: it has none. One of another scheme is "". */
export function bearerOf(headers: Headers): string | null {
  const header = headers.get("authorization");
  return header === null ? null : (BEARER.exec(header)?.[1] ?? "");
}

/** The Context of a request by somebody with a token: no answer but a session's own has room for another one. */
export function contextWith(headers: Headers, contextOf: ContextOf, token: string | null): Context {
  return contextOf(headers, { via: "zitadel", keepsCookies: false, keptToken: token });
}

/** Finds who sends a bearer token: an API token's holder, or whoever is signed in. Null: the request has none. */
export async function findAsker(headers: Headers, contextOf: ContextOf): Promise<Asker | null> {
  const token = bearerOf(headers);
  if (token === null) return null;
  const ctx = contextWith(headers, contextOf, token);
  const read = token.startsWith(TOKEN_PREFIX) ? readApiToken : readSession;
  return { ctx, token, acting: await read(ctx, token) };
}

/** As the kit takes it. Throws AnswerInstead where the header is missing that an operation needs. */
export async function findCaller(
  { headers }: Request,
  contextOf: ContextOf,
  { needs }: Pick<Operation, "needs">,
): Promise<Caller> {
  const nobody = {
    sessionToken: null,
    heldTokens: [],
    challengeToken: null,
    heldChallenges: [],
    signedIn: null,
    holder: null,
    isByCookie: false,
    isRemembered: true,
  };
  // A sign-in gives another token, whatever comes along.
  if (needs === "nothing")
    return { ...nobody, ctx: contextWith(headers, contextOf, null), sessionToken: bearerOf(headers) };
  const asker = await findAsker(headers, contextOf);
  if (asker === null) throw new AnswerInstead(answerOf(NO_HEADER));
  const { ctx, acting, token } = asker;
  if (acting === null) return { ...nobody, ctx };
  if (!("session" in acting)) return { ...nobody, ctx, holder: acting };
  return { ...nobody, ctx, sessionToken: token, heldTokens: [token], signedIn: acting };
}
