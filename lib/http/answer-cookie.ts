import { stringifySetCookie } from "cookie";
import { env } from "@/lib/env";

/** A cookie with the attributes that all of ours have. Without a value it is taken away. */
export type AnswerCookie = { name: string; value: string; expires: Date } | { name: string; value: null };

/** The cookie with all its attributes. */
export function cookieAttributes(cookie: AnswerCookie) {
  return {
    name: cookie.name,
    value: cookie.value ?? "",
    expires: cookie.value === null ? new Date(0) : cookie.expires,
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
