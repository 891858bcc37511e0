import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/**
 * AES-256-GCM keys by their names; one seals, all open.
 * `find` looks for one that came since the ring was read, where there may be any.
 */
export type KeyRing = {
  readonly sealingKey: string;
  readonly keys: ReadonlyMap<string, Buffer>;
  find?(name: string): Buffer | undefined;
};

/** A sealed text that none of the keys opens: another key, other associated data, or a changed text. */
export class UnsealError extends Error {
  override readonly name = "UnsealError";
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals bytes with AES-256-GCM (NIST SP 800-38D), a random 96-bit nonce, and the ring's first key.
 * @param binding associated data: where the secret belongs, such as `totp:<user>:<factor>`; must be given again to open
 * @returns `<key name>.<base64url of nonce, ciphertext, tag>`
 */
export function seal(ring: KeyRing, plain: Uint8Array, binding: string): string {
  const { sealingKey, keys } = ring;
  const key = keys.get(sealingKey);
  if (!key) throw new UnsealError(`no key named ${sealingKey}`);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(binding));
  const box = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return `${sealingKey}.${box.toString("base64url")}`;
}

/**
 * Opens what `seal` made.
 * @throws UnsealError if no key of that name is in the ring, the binding differs, or the text was changed
 */
export function open(ring: KeyRing, sealed: string, binding: string): Buffer {
  const dot = sealed.indexOf(".");
  const name = sealed.slice(0, dot);
  const key = ring.find ? ring.find(name) : ring.keys.get(name);
  const box = Buffer.from(sealed.slice(dot + 1), "base64url");
  if (dot < 0 || !key || box.length < NONCE_BYTES + TAG_BYTES) throw new UnsealError("no key opens this");
  const decipher = createDecipheriv("aes-256-gcm", key, box.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(binding));
  decipher.setAuthTag(box.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(box.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    throw new UnsealError("no key opens this");
  }
}
