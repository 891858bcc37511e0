import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { otpauthUri, parseOtpauthUri } from "./otpauth-uri";
import { fromBase32, matchTotp, newTotpSecret, TOTP_ALGORITHMS, toBase32, totpCode, totpStep } from "./totp";

const bytes = (text: string) => new TextEncoder().encode(text);
/** The seeds of RFC 6238, appendix B: as long as each algorithm's output. */
const SEEDS = {
  SHA1: bytes("12345678901234567890"),
  SHA256: bytes("12345678901234567890123456789012"),
  SHA512: bytes("1234567890123456789012345678901234567890123456789012345678901234"),
};

describe("RFC 6238, appendix B", () => {
  it.each([
    [59, "94287082", "46119246", "90693936"],
    [1111111109, "07081804", "68084774", "25091201"],
    [1111111111, "14050471", "67062674", "99943326"],
    [1234567890, "89005924", "91819424", "93441116"],
    [2000000000, "69279037", "90698825", "38618901"],
    [20000000000, "65353130", "77737706", "47863826"],
  ])("at %i s", (seconds, ...codes) => {
    const now = new Date(seconds * 1000);
    for (const [index, algorithm] of TOTP_ALGORITHMS.entries()) {
      const parameters = { algorithm, digits: 8, periodSeconds: 30 } as const;
      const step = totpStep(now, 30);
      expect(totpCode(SEEDS[algorithm], parameters, step)).toBe(codes[index]);
      expect(matchTotp(SEEDS[algorithm], parameters, codes[index] ?? "", now)).toBe(step);
    }
  });
});

it("RFC 4226, appendix D: the first ten codes of the counter", () => {
  const expected = [
    "755224",
    "287082",
    "359152",
    "969429",
    "338314",
    "254676",
    "287922",
    "162583",
    "399871",
    "520489",
  ];
  const parameters = { algorithm: "SHA1", digits: 6, periodSeconds: 30 } as const;
  expect(expected.map((_, step) => totpCode(SEEDS.SHA1, parameters, step))).toEqual(expected);
});

const secrets = fc.uint8Array({ minLength: 1, maxLength: 64 });
const parameters = fc.record({
  algorithm: fc.constantFrom(...TOTP_ALGORITHMS),
  digits: fc.constantFrom<6 | 8>(6, 8),
  periodSeconds: fc.integer({ min: 1, max: 300 }),
});

it("base32: what is written is read back, in any case and with blanks", () => {
  fc.assert(
    fc.property(secrets, (secret) => {
      const text = toBase32(secret);
      expect(fromBase32(text)).toEqual(secret);
      expect(fromBase32((text.toLowerCase().match(/.{1,4}/g) ?? []).join(" "))).toEqual(secret);
    }),
  );
});

it("a key URI: what is written is read back", () => {
  const words = fc
    .string({ minLength: 1, maxLength: 40 })
    .filter((text) => !text.includes(":") && text.trim() === text);
  fc.assert(
    fc.property(words, words, secrets, parameters, (issuer, account, secret, form) => {
      expect(parseOtpauthUri(otpauthUri({ issuer, account, secret, ...form }))).toEqual({
        issuer,
        account,
        secret,
        ...form,
      });
    }),
  );
});

it("a code is taken one step to each side and no further", () => {
  fc.assert(
    fc.property(secrets, parameters, fc.integer({ min: 1000, max: 2 ** 31 }), (secret, form, step) => {
      const now = new Date(step * form.periodSeconds * 1000);
      const near = [-1, 0, 1].map((delta) => totpCode(secret, form, step + delta));
      const far = [-3, -2, 2, 3].map((delta) => totpCode(secret, form, step + delta));
      for (const code of near) expect(matchTotp(secret, form, code, now)).not.toBeNull();
      for (const code of far) if (!near.includes(code)) expect(matchTotp(secret, form, code, now)).toBeNull();
    }),
  );
});

it("a new secret has 160 bits", () => {
  expect(newTotpSecret()).toHaveLength(20);
  expect(toBase32(newTotpSecret())).not.toBe(toBase32(newTotpSecret()));
});
