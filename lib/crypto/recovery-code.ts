import { createHmac, randomInt } from "node:crypto";
import { argon2Hash, argon2Verify } from "./argon2";

/** No 0/O, no 1/I/L: what is read from paper is typed right. 31 letters and digits, 4.95 bits each. */
const ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const SELECTOR_LENGTH = 3;
/** 17 characters of 31: 84 secret bits. */
const SECRET_LENGTH = 17;
const FORM = new RegExp(`^[${ALPHABET}]{${SELECTOR_LENGTH + SECRET_LENGTH}}$`);

/** A recovery code taken apart: the selector finds its row, the secret is only ever stored as a hash. */
export type RecoveryCode = { selector: string; secret: string };

function randomText(length: number): string {
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
}

/** `count` new codes with distinct selectors. */
export function newRecoveryCodes(count: number): RecoveryCode[] {
  const selectors = new Set<string>();
  while (selectors.size < count) selectors.add(randomText(SELECTOR_LENGTH));
  return [...selectors].map((selector) => ({ selector, secret: randomText(SECRET_LENGTH) }));
}

/** As people see it: four groups of five with dashes. */
export function formatRecoveryCode({ selector, secret }: RecoveryCode): string {
  return (`${selector}${secret}`.match(/.{5}/g) ?? []).join("-");
}

/** What a person typed, in any case, with any blanks and dashes; null if no code of ours looks like that. */
export function parseRecoveryCode(typed: string): RecoveryCode | null {
  const text = typed
    .normalize("NFKC")
    .replace(/[\s\p{Pd}]/gu, "")
    .toUpperCase();
  if (!FORM.test(text)) return null;
  return { selector: text.slice(0, SELECTOR_LENGTH), secret: text.slice(SELECTOR_LENGTH) };
}

/** HMAC binds a code to its user and to the installation, so that a row copied elsewhere opens nothing. */
function peppered(pepper: Uint8Array, userId: string, secret: string): string {
  return createHmac("sha256", pepper).update(`${userId}\n${secret}`).digest("base64url");
}

/** Argon2id(HMAC-SHA-256(pepper, user and secret)) as a PHC string. */
export function hashRecoverySecret(pepper: Uint8Array, userId: string, secret: string): Promise<string> {
  return argon2Hash(peppered(pepper, userId, secret));
}

/** Whether the secret belongs to the hash; constant-time. */
export function verifyRecoverySecret(
  pepper: Uint8Array,
  userId: string,
  secret: string,
  stored: string,
): Promise<boolean> {
  return argon2Verify(stored, peppered(pepper, userId, secret));
}
