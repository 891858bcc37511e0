import { readSession } from "@/lib/core/sessions";
import type { Caller, ContextOf, Operation } from "../dialect";

const TOKEN = /^Token +([\w-]+) *$/i;

/**
 * Omnitron's key is a session's token in the Authorization header. Its answers have no room for another key, so it stays as
 * it is; and its callers keep nothing else.
 */
export async function findCaller(
  request: Request,
  contextOf: ContextOf,
  { needs }: Pick<Operation, "needs">,
): Promise<Caller> {
  const [, key = null] = TOKEN.exec(request.headers.get("authorization") ?? "") ?? [];
  const ctx = contextOf(request.headers, { via: "omnitron", keepsCookies: false, keptToken: key });
  // Clients send it everywhere, as the published document has it; it is looked up where it says something.
  const signedIn = key === null || needs === "nothing" ? null : await readSession(ctx, key);
  return {
    ctx,
    heldTokens: key === null ? [] : [key],
    sessionToken: key,
    challengeToken: null,
    heldChallenges: [],
    isByCookie: false,
    signedIn,
    isRemembered: true,
  };
}
