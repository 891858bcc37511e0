// The sentences of the pages for whoever writes a client. Apart from messages.ts, as no script needs them.

export const r = {
  nav: "For developers",
  docs: {
    title: "APIs",
    intro:
      "Clients that were written for one of these systems work here unchanged: give them this address as their base. All of them sign in to the same accounts, with the same authenticators.",
    base: "Base address",
    openapi: "OpenAPI document",
    read: (title: string) => `Read about ${title}`,
    endpoints: (count: number) => `${count} endpoints`,
    conformance: "What is tested, and where each differs from its original",
    audit: (scope: string) =>
      `The audit log is exported at /api/audit.csv and /api/audit.jsonl, with an API token that has the scope ${scope}. The README describes both.`,
  },
  api: {
    title: (title: string) => `${title} API`,
    follows: (original: string) => `Follows ${original}.`,
    examples: "In the commands, put your own e-mail address, password and codes in place of the examples.",
    contents: "Endpoints",
    proofs: "Authentication",
    anybody: "No authentication.",
    needs: (proofs: readonly string[]) =>
      proofs.length === 1 ? `Authentication: ${proofs[0]}.` : `Authentication: one of ${proofs.join(", ")}.`,
    mayBring: (proofs: readonly string[]) => `Authentication optional: ${proofs.join(" or ")}.`,
    copy: "Copy command",
    command: "Command",
    query: "Query parameters",
    sends: "Request body",
    body: (type: string, need: string, hasFields: boolean) =>
      `JSON: ${type}, ${need}.${hasFields ? " Fields of an object:" : ""}`,
    need: { required: "required", optional: "optional", "one of these": "one of these is required" },
    answers: "Responses",
    example: (status: number, who: string) => `Example of a ${status} (${who})`,
    empty: "An empty body.",
    all: "All APIs",
    conformance: "What of it is tested",
  },
  grpc: {
    title: "gRPC",
    intro:
      "The same service is there over gRPC-Web, at the base address, and over native gRPC, at the port that GRPC_PORT names. Native gRPC is off unless the operator sets that port, and not encrypted, which is a proxy's part; it has health checking and reflection.",
    service: "service",
    methods: "methods",
    proto: "proto files",
    inSource: (folder: string) => `${folder}, in the source code`,
  },
  conformance: {
    title: "Conformance",
    intro:
      "What each API answers, to whom, and where it differs from its original on purpose. This page is made of the very tables that the tests run, with SIGN_UP=open and EMAIL_CODES=on where nothing else is said.",
    twin: "The same as JSON",
    counted: (cases: number) => `${cases} cases.`,
    differences: "Differences",
    original: "The original",
    here: "Here",
    why: "Why",
    cases: "Cases",
    everywhere: "At every endpoint",
    given: (given: string) => ` (${given})`,
    asks: "asks for",
    sends: "sends",
    answered: (status: number) => `is answered ${status}`,
    andAnswered: (status: number) => `and is answered ${status}`,
    empty: "with an empty body",
    next: "and then",
  },
} as const;
