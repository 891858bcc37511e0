import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { KeyRing } from "./seal";

/** What an installation's secrets hang on. */
export type Keys = {
  /** Seals TOTP secrets. */
  ring: KeyRing;
  /** Keyed hashing of recovery codes and of unknown e-mail addresses. */
  pepper: Buffer;
  /** Encrypts the session cookie (next-auth) and signs the first-run link. */
  cookieSecret: Buffer;
};

/** A key file that cannot be used; the message is one line and shows no key. */
export class KeysError extends Error {
  override readonly name = "KeysError";
}

const KEY_BYTES = 32;
const file = z.strictObject({ seal: z.string(), pepper: z.string(), cookies: z.string() });

function parseKey(label: string, text: string): Buffer {
  const key = Buffer.from(text, "base64url");
  if (!/^[A-Za-z0-9_-]*$/.test(text) || key.length !== KEY_BYTES) {
    throw new KeysError(`the key "${label}" must be ${KEY_BYTES} random bytes in base64url (43 characters)`);
  }
  // A placeholder such as AAAA…, or a word repeated: 32 random bytes have fewer than 12 distinct values once in 10^30.
  if (new Set(key).size < 12) throw new KeysError(`the key "${label}" is a placeholder, not random`);
  return key;
}

function parseRing(text: string): KeyRing {
  const entries = text.split(",").map((entry) => {
    const [name = "", key = ""] = entry.trim().split(":");
    if (!/^[a-z0-9]{1,16}$/.test(name))
      throw new KeysError('the key "seal" must look like k1:<key>, or k2:<key>,k1:<key>');
    return [name, parseKey(name, key)] as const;
  });
  const keys = new Map(entries);
  if (keys.size !== entries.length) throw new KeysError('the key "seal" names a key twice');
  return { sealingKey: entries[0]?.[0] ?? "", keys };
}

/**
 * Reads a key file's text: `{"seal":"k2:…,k1:…","pepper":"…","cookies":"…"}`, each key 32 bytes in base64url.
 * @throws KeysError one line saying which key is missing, short or a placeholder; never shows a key
 */
export function parseKeys(text: string): Keys {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new KeysError("the keys are not JSON");
  }
  const parsed = file.safeParse(json);
  if (!parsed.success) throw new KeysError('the keys must have exactly "seal", "pepper" and "cookies"');
  const { seal, pepper, cookies } = parsed.data;
  return {
    ring: parseRing(seal),
    pepper: parseKey("pepper", pepper),
    cookieSecret: parseKey("cookies", cookies),
  };
}

/** A new installation's key file: random keys, as text for `parseKeys`. */
export function generateKeys(): string {
  const key = () => randomBytes(KEY_BYTES).toString("base64url");
  return `${JSON.stringify({ seal: `k1:${key()}`, pepper: key(), cookies: key() }, null, 2)}\n`;
}
