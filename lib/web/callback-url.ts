/** Where a sign-in ends when nobody said where it should. */
export const HOME = "/settings/security";

/** Long enough for any page of ours, short enough for a cookie or a log line. */
const MAX_LENGTH = 1024;

/**
 * A place on this origin to go to after sign-in, from what an address or a form said: path, query and fragment. Anything
 * that a browser could read as another origin, and anything odd, becomes `fallback`.
 *
 * Browsers drop tabs and line breaks inside an address and take a backslash for a slash (WHATWG URL, "basic URL parser"), so
 * both are refused before parsing, also percent-encoded once: a proxy in front may decode it.
 */
export function safeCallbackUrl(wanted: unknown, fallback: string = HOME): string {
  if (typeof wanted !== "string" || wanted.length > MAX_LENGTH || !wanted.startsWith("/")) return fallback;
  if (/[\p{Cc}\p{Cs}\\\s]/u.test(wanted)) return fallback;
  const base = "http://origin.invalid";
  if (!URL.canParse(wanted, base)) return fallback;
  const url = new URL(wanted, base);
  if (url.origin !== base || url.username || url.password) return fallback;
  const path = decodeOnce(url.pathname);
  const typedPath = decodeOnce(wanted.replace(/[?#].*$/, ""));
  if (path === null || typedPath === null) return fallback;
  if ([path, typedPath].some((text) => text.startsWith("//") || /[\p{Cc}\\]/u.test(text))) return fallback;
  // An API answer or a file of ours is no page to land on.
  if (/^\/(?:api|_next)(?:\/|$)/i.test(path)) return fallback;
  return `${url.pathname}${url.search}${url.hash}`;
}

function decodeOnce(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

/** `path` with a `callbackUrl` parameter, which is left out when it would say what happens anyway. */
export function withCallbackUrl(path: string, callbackUrl: string): string {
  if (callbackUrl === HOME) return path;
  return `${path}${path.includes("?") ? "&" : "?"}callbackUrl=${encodeURIComponent(callbackUrl)}`;
}
