import { readSession } from "@/lib/core/sessions";
import type { Caller, ContextOf } from "../dialect";

const TOKEN = /^Token +([\w-]+) *$/i;

/**
 * Omnitron's key is a session's token in the Authorization header. Its answers have no room for another key, so it stays as
 * it is; and its callers keep nothing else.
 */
export async function findCaller(request: Request, contextOf: ContextOf): Promise<Caller> {
  const [, key = null] = TOKEN.exec(request.headers.get("authorization") ?? "") ?? [];
  const ctx = contextOf(request.headers, { via: "omnitron", keepsCookies: false, keptToken: key });
  const signedIn = key === null ? null : await readSession(ctx, key);
  return { ctx, sessionToken: signedIn && key, challengeToken: null, signedIn, isRemembered: true };
}
