import { findBrowserCaller, type OwnCookies } from "../browser-session";
import type { Caller, ContextOf } from "../dialect";

/** Thogits has cookies alone. The challenge is what it calls a partial session. */
export const COOKIES: OwnCookies = {
  via: "thogits",
  prefix: "__Host-",
  session: "thogits.session",
  challenge: "thogits.challenge",
};

export function findCaller(request: Request, contextOf: ContextOf): Promise<Caller> {
  return findBrowserCaller(request, contextOf, COOKIES);
}
