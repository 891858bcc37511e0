import { cookiesOf, findBrowserCaller, OWN_COOKIES, ownName } from "../browser-session";
import type { Caller, ContextOf } from "../dialect";

/** Thogits has cookies alone. The challenge is what it calls a partial session. */
export const COOKIES = OWN_COOKIES.thogits;

/**
 * Whoever was signed in by another way may have asked to be forgotten when the browser is closed: only a cookie of Thogits' own
 * is made to last.
 */
export async function findCaller(request: Request, contextOf: ContextOf): Promise<Caller> {
  const caller = await findBrowserCaller(request, contextOf, COOKIES);
  const isRemembered = cookiesOf(request)[ownName(COOKIES, COOKIES.session)] === caller.sessionToken;
  return { ...caller, isRemembered };
}
