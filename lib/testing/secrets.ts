import { createHash } from "node:crypto";
import { toBase32 } from "@/lib/crypto/totp";

/** Something that must not be found where it does not belong. */
export type Secret = {
  name: string;
  text: string;
  /** What the text stands for, where it is not its own bytes: an authenticator's secret, a key. */
  bytes?: Uint8Array;
  /** Its plain SHA-256 is stored: 256 random bits (see lib/crypto/tokens.ts). */
  mayBeHashed?: boolean;
};

/** A sequence of bytes that is a secret to whoever knows the spelling. `isShort`: six digits also turn up by chance. */
export type Spelling = { secret: string; how: string; bytes: Buffer; isShort: boolean };

const SHORT = 8;

/** Every spelling of a secret that is looked for. */
export function spellingsOf({ name, text, bytes, mayBeHashed = false }: Secret): Spelling[] {
  const found = new Map<string, Spelling>();
  const add = (how: string, spelled: Buffer | string, isShort = false) => {
    const sought = Buffer.from(spelled);
    const key = sought.toString("latin1");
    if (!found.has(key)) found.set(key, { secret: name, how, bytes: sought, isShort });
  };
  const plain = text.replace(/[\s-]/g, "");
  const texts: [how: string, text: string][] = [
    ["as it is", text],
    ["in capitals", text.toUpperCase()],
    ["in small letters", text.toLowerCase()],
    ["without dashes and blanks", plain],
    ...[3, 4, 5].flatMap((size): [string, string][] =>
      [" ", "-"].map((mark) => [
        `in groups of ${size}`,
        (plain.match(new RegExp(`.{1,${size}}`, "g")) ?? []).join(mark),
      ]),
    ),
  ];
  for (const [how, spelled] of texts) add(how, spelled, spelled.length < SHORT);
  if (plain.length >= SHORT) add("backwards", [...text].reverse().join(""));
  const whole: [string, Buffer][] = [
    ...new Map(texts.slice(0, 4).map(([how, spelled]) => [how, Buffer.from(spelled)])),
  ];
  if (bytes) {
    whole.push(["its bytes", Buffer.from(bytes)]);
    add("its bytes", Buffer.from(bytes));
  }
  for (const [how, raw] of whole) {
    for (const [encoding, encoded] of encodings(raw)) {
      // The numbers of six digits, two bytes each, are also what a table that counts up holds.
      if (raw.length >= SHORT || !encoding.startsWith("UTF-16")) add(`${how}, ${encoding}`, encoded);
    }
    if (mayBeHashed) continue;
    const hash = createHash("sha256").update(raw).digest();
    add(`${how}, SHA-256`, hash);
    for (const encoding of ["hex", "base64", "base64url"] as const)
      add(`${how}, SHA-256 in ${encoding}`, hash.toString(encoding));
  }
  return [...found.values()];
}

function encodings(raw: Buffer): [string, string | Buffer][] {
  return [
    ["hex", raw.toString("hex")],
    ["hex", raw.toString("hex").toUpperCase()],
    ["UTF-16LE", Buffer.from(raw.toString("utf8"), "utf16le")],
    ["UTF-16BE", Buffer.from(raw.toString("utf8"), "utf16le").swap16()],
    ["base32", toBase32(raw)],
    ["percent-encoded", encodeURIComponent(raw.toString("utf8"))],
    ["every byte percent-encoded", raw.toString("hex").replace(/../g, "%$&")],
    ...[0, 1, 2].flatMap((before): [string, string][] => [
      ["base64", base64Within(raw, before, "base64")],
      ["base64url", base64Within(raw, before, "base64url")],
    ]),
  ];
}

/** What is the same of a text's base64 wherever the text stands within a longer one: so many bytes before it, of three. */
function base64Within(raw: Buffer, before: number, encoding: "base64" | "base64url"): string {
  const first = Math.ceil((before * 8) / 6);
  const last = Math.floor(((before + raw.length) * 8) / 6);
  return Buffer.concat([Buffer.alloc(before), raw])
    .toString(encoding)
    .slice(first, last);
}

/** Looks for many secrets at once, in bytes of any kind. */
export class SecretSearch {
  /** By their first four bytes. */
  readonly #spellings = new Map<number, Spelling[]>();
  /** Which first four bytes there are, by a hash of 20 bits: says no to nearly everything, at once. */
  readonly #first = new Uint8Array(2 ** 20);

  constructor(secrets: readonly Secret[]) {
    for (const spelling of secrets.flatMap(spellingsOf)) {
      const first = spelling.bytes.readInt32BE(0);
      this.#first[slot(first)] = 1;
      this.#spellings.set(first, [...(this.#spellings.get(first) ?? []), spelling]);
    }
  }

  /** The secrets found, each with the spelling it was found in, once: "the password (base64)". */
  in(place: Buffer | string): string[] {
    const bytes = Buffer.isBuffer(place) ? place : Buffer.from(place);
    const found = new Set<string>();
    let four = 0;
    for (let end = 0; end < bytes.length; end += 1) {
      four = (four << 8) | (bytes[end] ?? 0);
      if (end < 3 || this.#first[slot(four)] === 0) continue;
      for (const spelling of this.#spellings.get(four) ?? [])
        if (isAt(spelling, bytes, end - 3)) found.add(`${spelling.secret} (${spelling.how})`);
    }
    return [...found];
  }
}

const slot = (four: number) => Math.imul(four, 0x9e3779b1) >>> 12;

function isAt({ bytes: sought, isShort }: Spelling, bytes: Buffer, at: number): boolean {
  if (bytes.compare(sought, 0, sought.length, at, Math.min(at + sought.length, bytes.length)) !== 0)
    return false;
  if (!isShort) return true;
  // A part of a longer word or number, or the end of a second's fraction, is another thing.
  const [before, after] = [
    bytes.toString("latin1", Math.max(0, at - 2), at),
    bytes.toString("latin1", at + sought.length, at + sought.length + 1),
  ];
  return !/[A-Za-z0-9]$|\d\.$/.test(before) && !/^[A-Za-z0-9]/.test(after);
}
