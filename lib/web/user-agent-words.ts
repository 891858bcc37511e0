import { knownUserAgent } from "@/lib/core/user-agent";
import { m } from "./messages";

/** A browser as its owner would call it: "Firefox on Windows". */
export function userAgentInWords(userAgent: string): string {
  const { browser, system } = knownUserAgent(userAgent);
  const name = browser ?? m.common.unknownBrowser;
  return system ? `${name} on ${system}` : name;
}
