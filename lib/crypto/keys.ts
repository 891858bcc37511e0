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

/**
 * A key file's text with a new key that seals from now on; those before it still open.
 * @returns with it the new key's name
 * @throws KeysError as `parseKeys`
 */
export function withNewKey(text: string): { text: string; name: string } {
  const { ring } = parseKeys(text);
  // The text was just parsed.
  const json = JSON.parse(text) as z.infer<typeof file>;
  const numbers = [...ring.keys.keys()].map((name) => Number(/^k(\d{1,9})$/.exec(name)?.[1] ?? 0));
  const name = `k${Math.max(...numbers) + 1}`;
  return { name, text: toText({ ...json, seal: `${name}:${newKey()},${json.seal}` }) };
}

/**
 * A key file's text without one of its keys.
 * @throws KeysError for one that is not there or that seals, and as `parseKeys`
 */
export function withoutKey(text: string, name: string): string {
  const { ring } = parseKeys(text);
  if (!ring.keys.has(name)) throw new KeysError(`there is no key "${name}"`);
  if (ring.sealingKey === name) throw new KeysError(`the key "${name}" is the one that seals`);
  // The text was just parsed.
  const json = JSON.parse(text) as z.infer<typeof file>;
  const left = json.seal.split(",").filter((entry) => entry.trim().split(":")[0] !== name);
  return toText({ ...json, seal: left.join(",") });
}

/** A new installation's key file: random keys, as text for `parseKeys`. */
export function generateKeys(): string {
  return toText({ seal: `k1:${newKey()}`, pepper: newKey(), cookies: newKey() });
}

const newKey = () => randomBytes(KEY_BYTES).toString("base64url");
const toText = (keys: z.infer<typeof file>) => `${JSON.stringify(keys, null, 2)}\n`;
