import { stringifySetCookie } from "cookie";
import { env } from "@/lib/env";

/**
 * A cookie with the attributes that all of ours have. Without a value it is taken away. `expires` null: it goes when the
 * browser is closed.
 */
export type AnswerCookie =
  | { name: string; value: string; expires: Date | null; maxAgeSeconds?: number }
  | { name: string; value: null };

/** The cookie with all its attributes. */
export function cookieAttributes(cookie: AnswerCookie) {
  const gone = { value: "", expires: new Date(0), maxAge: 0 };
  const kept = (given: Extract<AnswerCookie, { value: string }>) => ({
    value: given.value,
    ...(given.expires ? { expires: given.expires } : {}),
    ...(given.maxAgeSeconds === undefined ? {} : { maxAge: given.maxAgeSeconds }),
  });
  return {
    name: cookie.name,
    ...(cookie.value === null ? gone : kept(cookie)),
    secure: env().publicUrl.protocol === "https:",
    httpOnly: true,
    sameSite: "lax",
    path: "/",
  } as const;
}

/** The cookie as the value of a Set-Cookie header (RFC 6265, section 4.1). */
export function setCookieLine(cookie: AnswerCookie): string {
  return stringifySetCookie(cookieAttributes(cookie));
}
