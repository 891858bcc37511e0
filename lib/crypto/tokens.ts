import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** A new opaque token: 256 random bits as 43 base64url characters. It is handed out once; only its hash is stored. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/**
 * What is stored of a token and looked up by: SHA-256, 32 bytes. A plain hash is enough for 256 random bits; there is
 * nothing to guess. Returns null for text that no token of ours can be, so that no look-up is spent on it.
 */
export function hashToken(token: string): Uint8Array<ArrayBuffer> | null {
  return TOKEN.test(token) ? new Uint8Array(createHash("sha256").update(token).digest()) : null;
}

/** Whether two texts are the same; how long it takes tells nothing of where they differ. */
export function isSameText(given: string, expected: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}
