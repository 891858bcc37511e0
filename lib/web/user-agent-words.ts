import Bowser from "bowser";

/** A browser as its owner would call it: "Firefox on Windows". */
export function userAgentInWords(userAgent: string): string {
  if (userAgent.trim() === "") return "Unknown browser";
  const { browser, os } = Bowser.parse(userAgent);
  const name = browser.name || "Unknown browser";
  return os.name ? `${name} on ${os.name}` : name;
}
