// Every sentence of the administrators' console, by page; messages.ts has those of everybody's pages. Operators read exact
// terms. No server code is imported, as the pages' scripts use it too.

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
  },
} as const;
