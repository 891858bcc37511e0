import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generateKeys, KeysError, parseKeys } from "./keys";
import { hashPassword, verifyPassword } from "./passwords";
import {
  formatRecoveryCode,
  hashRecoverySecret,
  newRecoveryCodes,
  parseRecoveryCode,
  verifyRecoverySecret,
} from "./recovery-code";
import { open, seal, UnsealError } from "./seal";
import { hashToken, newToken } from "./tokens";

const { ring, pepper } = parseKeys(generateKeys());

describe("a sealed secret", () => {
  it("opens with its key and its binding, and with nothing else", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), (plain, binding) => {
        const sealed = seal(ring, plain, binding);
        expect(new Uint8Array(open(ring, sealed, binding))).toEqual(plain);
        expect(() => open(ring, sealed, `${binding}x`)).toThrow(UnsealError);
        expect(() => open(parseKeys(generateKeys()).ring, sealed, binding)).toThrow(UnsealError);
      }),
    );
  });

  it("does not open when a bit was changed or its tag was cut short", () => {
    const sealed = seal(ring, Buffer.from("secret"), "here");
    const [name, box = ""] = sealed.split(".");
    const bytes = Buffer.from(box, "base64url");
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
      expect(() => open(ring, `${name}.${changed.toString("base64url")}`, "here")).toThrow(UnsealError);
      expect(() => open(ring, `${name}.${bytes.subarray(0, index).toString("base64url")}`, "here")).toThrow(
        UnsealError,
      );
    }
  });

  it("made with an older key still opens after a new one was put first", () => {
    const old = JSON.parse(generateKeys());
    const sealed = seal(parseKeys(JSON.stringify(old)).ring, Buffer.from("secret"), "here");
    const fresh = JSON.parse(generateKeys()).seal.replace("k1:", "k2:");
    const rotated = parseKeys(JSON.stringify({ ...old, seal: `${fresh},${old.seal}` })).ring;
    expect(open(rotated, sealed, "here").toString()).toBe("secret");
    expect(seal(rotated, Buffer.from("secret"), "here")).toMatch(/^k2\./);
  });
});

it.each([
  ["not JSON", "{"],
  ["a missing key", JSON.stringify({ seal: "k1:x", pepper: "x" })],
  ["a short key", JSON.stringify({ ...JSON.parse(generateKeys()), pepper: "c2hvcnQ" })],
  ["a placeholder", JSON.stringify({ ...JSON.parse(generateKeys()), cookies: "A".repeat(43) })],
  [
    "a ring without names",
    JSON.stringify({ ...JSON.parse(generateKeys()), seal: JSON.parse(generateKeys()).pepper }),
  ],
])("keys with %s are refused in one line that shows no key", (_, text) => {
  expect(() => parseKeys(text)).toThrow(KeysError);
  try {
    parseKeys(text);
  } catch (error) {
    expect(String(error)).not.toMatch(/\n|[A-Za-z0-9_-]{20}/);
  }
});

it("a password is Argon2id, and without a hash nothing is right", async () => {
  const stored = await hashPassword("correct horse");
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await verifyPassword(stored, "correct horse")).toEqual({ isRight: true, needsRehash: false });
  expect((await verifyPassword(stored, "Correct horse")).isRight).toBe(false);
  for (const guess of ["", "correct horse"]) expect((await verifyPassword(null, guess)).isRight).toBe(false);
  const weaker = await verifyPassword("$argon2id$v=19$m=4096,t=3,p=1$c29tZXNhbHQxMjM0NTY3OA$1", "x").catch(
    () => null,
  );
  expect(weaker?.isRight ?? false).toBe(false);
});

describe("recovery codes", () => {
  it("have 20 characters without look-alikes, distinct, read back however they are typed", () => {
    const codes = newRecoveryCodes(10);
    expect(new Set(codes.map(({ selector }) => selector)).size).toBe(10);
    for (const code of codes) {
      const shown = formatRecoveryCode(code);
      expect(shown).toMatch(/^(?:[2-9A-HJKMNP-Z]{5}-){3}[2-9A-HJKMNP-Z]{5}$/);
      for (const typed of [
        shown,
        shown.toLowerCase(),
        shown.replaceAll("-", ""),
        ` ${shown.replaceAll("-", " – ")}\n`,
      ]) {
        expect(parseRecoveryCode(typed)).toEqual(code);
      }
    }
    for (const typed of ["", "123456", "AAAAA-AAAAA-AAAAA-AAAA0"])
      expect(parseRecoveryCode(typed)).toBeNull();
  });

  it("belong to their user and installation", async () => {
    const stored = await hashRecoverySecret(pepper, "user", "SECRET");
    expect(await verifyRecoverySecret(pepper, "user", "SECRET", stored)).toBe(true);
    expect(await verifyRecoverySecret(pepper, "other", "SECRET", stored)).toBe(false);
    expect(await verifyRecoverySecret(parseKeys(generateKeys()).pepper, "user", "SECRET", stored)).toBe(
      false,
    );
  });
});

it("a token has 256 bits and is stored as its SHA-256; other text is none", () => {
  const token = newToken();
  expect(Buffer.from(token, "base64url")).toHaveLength(32);
  expect(hashToken(token)).toHaveLength(32);
  for (const text of ["", "x", `${token}x`, token.slice(1), `${token.slice(1)}\n`])
    expect(hashToken(text)).toBeNull();
});
