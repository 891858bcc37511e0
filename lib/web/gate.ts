import { safeCallbackUrl, withCallbackUrl } from "./callback-url";

/** What the cookies say about who comes. They are not looked into. */
export type Claims = { hasSession: boolean; hasChallenge: boolean };

/** For people who are signed in. Each of these pages asks again. */
const OWN = /^\/(?:settings|step-up|admin)(?:\/|$)/;
/**
 * What a sign-in with its code still owed may open: the code entry, the way out of a challenge that is over, and what links
 * in mails lead to, which is no more than anybody may open.
 */
const CODE_ENTRY = /^\/(?:sign-in\/(?:verify|restart)|forgotten-password|new-password|confirm-email)\/?$/;

/**
 * Where the gate sends a visitor instead of the page asked for, or null to let them through. It only spares people a
 * detour: every page, action and route decides for itself.
 * @param path with its query
 */
export function gateRedirect(path: string, { hasSession, hasChallenge }: Claims): string | null {
  const [pathname = "/"] = path.split("?");
  if (hasSession) return null;
  if (hasChallenge) {
    if (CODE_ENTRY.test(pathname)) return null;
    return withCallbackUrl("/sign-in/verify", wantedFrom(path, pathname));
  }
  return OWN.test(pathname) ? withCallbackUrl("/sign-in", safeCallbackUrl(path)) : null;
}

/** Sign-in and its like are no places to come back to; the place that they would have led to is. */
function wantedFrom(path: string, pathname: string): string {
  if (OWN.test(pathname)) return safeCallbackUrl(path);
  return safeCallbackUrl(new URLSearchParams(path.split("?")[1] ?? "").get("callbackUrl"));
}
