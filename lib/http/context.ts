import type { Context } from "@/lib/core/context";
import { type Keys, KeysError } from "@/lib/crypto/keys";
import { type Database, openDatabase } from "@/lib/db/client";
import { databaseConnection } from "@/lib/db/connection";
import { env } from "@/lib/env";
import { readLiveKeys } from "@/lib/server/keys-file";

type Shared = { db: Database; keys: Keys };

// Next's bundles carry copies of this module, and in development it is loaded again with every change; there must be
// one pool of connections.
const name = Symbol.for("countersign.shared");
// The global object has any property one gives it; its type only knows the standard ones.
const places = globalThis as { [name]?: Shared };

function shared(): Shared {
  if (!places[name]) {
    const settings = env();
    const keys = readLiveKeys(settings);
    if (keys === null) throw new KeysError("There is no key file, and COUNTERSIGN_KEYS is not set");
    places[name] = { keys, db: openDatabase(databaseConnection(settings)) };
  }
  return places[name];
}

const USER_AGENT_LENGTH = 512;

/** What the way in decides of a Context. */
export type Brought = Pick<Context, "via" | "browserToken" | "trustToken" | "keepsCookies" | "keptToken">;

const NOTHING_BROUGHT: Brought = {
  via: "pages",
  browserToken: null,
  trustToken: null,
  keepsCookies: true,
  keptToken: null,
};

/**
 * What the core needs to know of a request. The time is read here, once.
 * @param brought by way of what it comes, and the browser's tokens, where a sign-in or a code may come of the request
 * @param headers the server's: its `x-forwarded-for` is one address, on other hosts the first one is the caller's
 */
export function requestContext(headers: Headers, brought: Partial<Brought> = {}): Context {
  const userAgent = (headers.get("user-agent") ?? "")
    .replace(/[^\x20-\x7e]/g, "")
    .slice(0, USER_AGENT_LENGTH);
  return {
    ...shared(),
    settings: env(),
    now: new Date(),
    address: (headers.get("x-forwarded-for") ?? "").split(",")[0]?.trim().slice(0, 64) || "unknown",
    userAgent,
    ...NOTHING_BROUGHT,
    ...brought,
  };
}
