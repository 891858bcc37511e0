import Bowser from "bowser";

const BROWSERS: ReadonlySet<string> = new Set(Object.values(Bowser.BROWSER_MAP));
const SYSTEMS: ReadonlySet<string> = new Set(Object.values(Bowser.OS_MAP));

/** Longer than any that a browser sends. */
const MAX_LENGTH = 512;

/** What a User-Agent header names; null for what is no known name. */
export type KnownUserAgent = { browser: string | null; system: string | null };

/**
 * The browser and system that a User-Agent header names. Anybody may send anything in it, and owners read of it on pages and
 * in mails, so only names from a list come out.
 */
export function knownUserAgent(userAgent: string): KnownUserAgent {
  // Bowser throws for an empty one.
  if (userAgent.trim() === "") return { browser: null, system: null };
  const { browser, os } = Bowser.parse(userAgent.slice(0, MAX_LENGTH));
  return {
    browser: browser.name !== undefined && BROWSERS.has(browser.name) ? browser.name : null,
    system: os.name !== undefined && SYSTEMS.has(os.name) ? os.name : null,
  };
}
