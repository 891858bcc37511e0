import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, randomUUID } from "node:crypto";
import { z } from "zod";
import type { Keys } from "@/lib/crypto/keys";

// next-auth's cookie: a JWE in compact form, encrypted directly with A256GCM (RFC 7516, RFC 7518 section 5.3), as its own
// encode() and decode() have it. Those derive the key anew each time, which costs more than all the rest of a session read.

/** next-auth derives its key from a text. */
export function nextAuthSecret(keys: Keys): string {
  return keys.cookieSecret.toString("base64url");
}

const KEY_INFO = "NextAuth.js Generated Encryption Key";
const HEADER = Buffer.from(JSON.stringify({ alg: "dir", enc: "A256GCM" })).toString("base64url");
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Longer than any envelope of ours. */
const MAX_LENGTH = 1024;
const COMPACT = /^([\w-]+)\.\.([\w-]{16})\.([\w-]+)\.([\w-]{22})$/;

const derived = new WeakMap<Keys, Buffer>();

function envelopeKey(keys: Keys): Buffer {
  const known = derived.get(keys);
  if (known) return known;
  const key = Buffer.from(hkdfSync("sha256", nextAuthSecret(keys), "", KEY_INFO, 32));
  derived.set(keys, key);
  return key;
}

/** Wraps a session's token into the cookie's value; it opens for so many seconds. */
export function sealSessionCookie(keys: Keys, sessionToken: string, secondsLeft: number, now: Date): string {
  const iat = Math.floor(now.getTime() / 1000);
  const payload = { sid: sessionToken, iat, exp: iat + secondsLeft, jti: randomUUID() };
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", envelopeKey(keys), iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(HEADER));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(payload)), cipher.final()]);
  return [HEADER, "", ...[iv, sealed, cipher.getAuthTag()].map((part) => part.toString("base64url"))].join(
    ".",
  );
}

const envelope = z.object({ sid: z.string(), exp: z.number() });

/** The session's token inside a cookie's value, or null for anything that is not ours or past its time. */
export function openSessionCookie(keys: Keys, value: string, now: Date): string | null {
  const [, header, iv = "", sealed = "", tag = ""] =
    (value.length <= MAX_LENGTH && COMPACT.exec(value)) || [];
  if (header !== HEADER) return null;
  const bytes = (part: string) => Buffer.from(part, "base64url");
  const cipher = createDecipheriv("aes-256-gcm", envelopeKey(keys), bytes(iv), { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(HEADER)).setAuthTag(bytes(tag));
  try {
    const text = Buffer.concat([cipher.update(bytes(sealed)), cipher.final()]).toString();
    const { sid, exp } = envelope.parse(JSON.parse(text));
    return exp * 1000 > now.getTime() ? sid : null;
  } catch {
    // Not sealed with our key, or damaged.
    return null;
  }
}
