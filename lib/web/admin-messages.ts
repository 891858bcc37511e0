// Every sentence of the administrators' console, by page; messages.ts has those of everybody's pages. Operators read exact
// terms. No server code is imported, as the pages' scripts use it too.

import type { WayIn } from "@/lib/core/context";

/** Words of the console. */
export const a = {
  console: "Console",
  sections: "Sections of the console",
  only: {
    title: "This is for administrators",
    text: "The console is open to administrators with two-factor sign-in.",
    back: "Back to Security",
  },
  users: {
    title: "Users",
  },
  adoption: {
    title: "Adoption",
  },
  policy: {
    title: "Policy",
  },
  audit: {
    title: "Audit log",
    intro:
      "Everything that happened to any account, the newest first. Nothing here can be changed or removed. Times are in UTC.",
    search: "Search the audit log",
    person: "Person",
    personHint: "Whose account: e-mail address, id or number.",
    actor: "Actor",
    actorHint: "Who did it: the same, or cli.",
    kind: "Event",
    anyKind: "Any event",
    family: (family: string) => `${family}.*, all of them`,
    via: "Way in",
    anyWay: "Any way in",
    from: "From",
    to: "To",
    submit: "Search",
    clear: "Clear the search",
    when: "When",
    address: "Address",
    userAgent: "User agent",
    id: "Event id",
    details: "Details",
    detailsOf: (event: string) => `Details: ${event}`,
    nobody: "Nobody known",
    none: "No event fits this search.",
    pages: "Pages of the audit log",
    newest: "Newest",
    newer: "Newer",
    older: "Older",
    exportAs: "Export what was searched for as",
    csv: "CSV",
    jsonl: "JSON lines",
    unknown: (name: string) => `There is no parameter ${JSON.stringify(name.slice(0, 100))}.`,
    ways: {
      pages: "Pages",
      cli: "Command line",
      api: "API token",
      thogits: "Thogits API",
      omnitron: "Omnitron API",
      athena: "Athena API",
      authentik: "authentik API",
      zitadel: "Zitadel API",
    } satisfies Record<WayIn, string>,
  },
} as const;
