import type { Keys } from "@/lib/crypto/keys";
import type { Database } from "@/lib/db/client";
import type { Env } from "@/lib/env";

/** The settings that the core's decisions depend on. */
export type Settings = Pick<
  Env,
  "issuer" | "signUp" | "rateLimitAddress" | "sessionIdleMinutes" | "sessionMaxHours" | "emailCodes"
>;

/**
 * The ways in, as the audit trail names them: our pages, the command line, our own addresses for programs with an API token, and
 * each dialect by its name.
 */
export const WAYS_IN = [
  "pages",
  "cli",
  "api",
  "thogits",
  "omnitron",
  "athena",
  "authentik",
  "zitadel",
] as const;
export type WayIn = (typeof WAYS_IN)[number];

/** Everything a use case needs from outside, made once per request at the edge. Nothing below asks the clock. */
export type Context = {
  db: Database;
  keys: Keys;
  settings: Settings;
  now: Date;
  /** The caller's network address as text, already taken from trusted proxies only. */
  address: string;
  userAgent: string;
  /** The way in, for the audit trail: one of `WAYS_IN`. */
  via: string;
  /** The known-browser token the caller brought, if any. */
  browserToken: string | null;
  /** The trusted-browser token the caller brought, if any: see trusted-browsers.ts. */
  trustToken: string | null;
  /** Whether the caller brings back what it is given to keep: only then can it become a browser that is known. */
  keepsCookies: boolean;
  /** The caller's session token where the answer has no room for another; null: a new one comes with each proof. */
  keptToken: string | null;
};

/** A moment `seconds` after another. */
export function secondsAfter(moment: Date, seconds: number): Date {
  return new Date(moment.getTime() + seconds * 1000);
}

/** Whole seconds from `now` until `moment`, at least 1: what a person or a Retry-After header is told. */
export function secondsUntil(moment: Date, now: Date): number {
  return Math.max(1, Math.ceil((moment.getTime() - now.getTime()) / 1000));
}
