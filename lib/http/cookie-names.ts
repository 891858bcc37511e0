/** The cookies that the pages use. All are HttpOnly, SameSite=Lax and for the whole origin. */
export type CookieNames = {
  /** next-auth's: an encrypted envelope around the session's token. */
  session: string;
  /** A sign-in whose code is still owed. */
  challenge: string;
  /** A browser in which somebody finished a two-factor sign-in before. */
  browser: string;
  /** A browser that its owner trusts: see lib/core/trusted-browsers.ts. */
  trust: string;
};

/**
 * Over HTTPS the names start with `__Host-`, so that no other host of the domain can plant them (RFC 6265bis, section
 * 4.1.3.2). Over plain HTTP, as on one's own machine, browsers would not take that prefix.
 */
export function cookieNames(publicUrl: URL): CookieNames {
  const prefix = publicUrl.protocol === "https:" ? "__Host-" : "";
  return {
    session: `${prefix}next-auth.session-token`,
    challenge: `${prefix}countersign.challenge`,
    browser: `${prefix}countersign.browser`,
    trust: `${prefix}countersign.trust`,
  };
}
