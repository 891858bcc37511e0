import type { Operation } from "./operations";

/** A use case that does not ask the guard. */
export type Unguarded = {
  /** The operations that it is, where the matrix has them: it keeps their rows by itself. */
  does: readonly Operation[];
  /** What stands in the guard's place, or why nothing has to. */
  because: string;
  /** Nothing else may call it. */
  only?: "command";
};

const HOST = "whoever runs the command line on the host is trusted (SECURITY.md)";

/**
 * Every use case that pages, routes, dialects and commands call and that asks no guard, by name. Any other one that asks none
 * fails the build (script/inventory).
 */
export const UNGUARDED: Readonly<Record<string, Unguarded>> = {
  // Who asks.
  readSession: { does: [], because: "finds whose session a token is, for the guard to judge" },
  readApiToken: { does: [], because: "finds whose API token it is, for the guard to judge" },
  notingRefusals: { does: [], because: "writes down what the guard refused, and does nothing itself" },
  proveOwnPassword: {
    does: [],
    because: "compares the caller's own password, before the guard is asked with what it proves",
  },

  // Before anybody is signed in: what is typed is the proof.
  beginSignIn: { does: [], because: "the password is the proof" },
  completeSignIn: {
    does: ["code.verify", "recovery_code.use", "email_code.verify"],
    because: "takes a challenge's token, and nobody else's word: the column PART",
  },
  readChallenge: { does: [], because: "takes a challenge's token, and tells what its holder may type" },
  signUp: { does: [], because: "open to everybody where SIGN_UP says so; it checks that" },
  askForNewPassword: { does: [], because: "open to everybody: the mailbox gets what it asks for" },
  readPasswordLink: { does: [], because: "the link that was mailed is the proof" },
  chooseNewPassword: { does: [], because: "the link that was mailed is the proof" },
  readEmailLink: { does: [], because: "the link that was mailed is the proof" },
  confirmEmail: { does: [], because: "the link that was mailed is the proof" },
  canClaim: {
    does: ["set_up"],
    because: "the one-time token from the server's log is the proof, while nobody has claimed",
  },
  claimInstallation: {
    does: ["set_up"],
    because: "the one-time token from the server's log is the proof, while nobody has claimed",
  },

  // The way out, which is open to everybody.
  endSession: { does: ["sign_out"], because: "takes a session's token, and ends that one alone" },
  abandonChallenge: { does: ["sign_out"], because: "takes a challenge's token, and ends that one alone" },
  cancelTotpSetup: {
    does: ["totp.start"],
    because: "gives up what this very session began, which opens nothing",
  },

  // Looked up after the guard was asked.
  newestWaitingTotp: {
    does: [],
    because: "Zitadel's names no TOTP: found after the guard was asked for this user",
  },

  resetTwoFactor: { does: ["two_factor.reset"], because: HOST, only: "command" },
  createUser: { does: ["users.create"], because: HOST, only: "command" },
  findUser: { does: ["users.list"], because: HOST, only: "command" },
  listUsers: { does: ["users.list"], because: HOST, only: "command" },
  createApiTokenFor: { does: ["api_tokens.create"], because: HOST, only: "command" },
  listApiTokensOf: { does: ["api_tokens.list"], because: HOST, only: "command" },
  revokeApiTokenOf: { does: ["api_tokens.revoke"], because: HOST, only: "command" },
  noteKeys: { does: [], because: HOST, only: "command" },
};
