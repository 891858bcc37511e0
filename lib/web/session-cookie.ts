import { decode, encode } from "next-auth/jwt";
import type { Keys } from "@/lib/crypto/keys";

/** next-auth derives its key from a text. */
export function nextAuthSecret(keys: Keys): string {
  return keys.cookieSecret.toString("base64url");
}

// What an envelope holds never changes, and opening one costs more than looking the session up. The session's row is
// asked at every request all the same, so a remembered envelope opens nothing that has ended.
const opened = new Map<string, string>();
const REMEMBERED = 5000;
/** Longer than any envelope of ours. */
const MAX_LENGTH = 1024;

/** Wraps a session's token into the cookie's value. */
export function sealSessionCookie(keys: Keys, sessionToken: string, secondsLeft: number): Promise<string> {
  return encode({ token: { sid: sessionToken }, secret: nextAuthSecret(keys), maxAge: secondsLeft });
}

/** The session's token inside a cookie's value, or null for anything that is not ours. */
export async function openSessionCookie(keys: Keys, value: string): Promise<string | null> {
  if (value === "" || value.length > MAX_LENGTH) return null;
  const known = opened.get(value);
  if (known !== undefined) return known;
  const sid = await openEnvelope(keys, value);
  if (sid === null) return null;
  if (opened.size >= REMEMBERED)
    for (const oldest of opened.keys()) {
      opened.delete(oldest);
      break;
    }
  opened.set(value, sid);
  return sid;
}

async function openEnvelope(keys: Keys, value: string): Promise<string | null> {
  try {
    const token = await decode({ token: value, secret: nextAuthSecret(keys) });
    return typeof token?.sid === "string" ? token.sid : null;
  } catch {
    // Not encrypted with our key, damaged, or past its time.
    return null;
  }
}
