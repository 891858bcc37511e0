import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { SecretSearch, spellingsOf } from "./secrets";

const bytes = randomBytes(20);
const secret = { name: "a password", text: `Correct-${bytes.toString("hex")} ä"<&%+`, bytes };
const code = { name: "a code", text: "123456" };

test.each(spellingsOf(secret).map(({ how, bytes }) => ({ how, bytes })))(
  "a secret is found $how in the midst of anything",
  ({ how, bytes }) => {
    const search = new SecretSearch([code, secret]);
    expect(search.in(Buffer.concat([randomBytes(1000), bytes, randomBytes(1000)]))).toContain(
      `a password (${how})`,
    );
    expect(search.in(bytes)).toContain(`a password (${how})`);
    expect(search.in(bytes.subarray(0, -1))).not.toContain(`a password (${how})`);
  },
);

test.each([0, 1, 2, 3])("a secret is found in the base64 of a longer text, %s bytes before it", (before) => {
  const longer = Buffer.concat([
    Buffer.alloc(before, "x"),
    Buffer.from(secret.text),
    Buffer.from("and more"),
  ]);
  for (const encoding of ["base64", "base64url"] as const)
    expect(new SecretSearch([secret]).in(longer.toString(encoding))).toHaveLength(1);
});

test("a code is found as a word, not within a longer number or a fraction of a second", () => {
  const search = new SecretSearch([code]);
  for (const text of ["123456", "code=123456&", '"123456"', "Your code: 123456.", "123 456", "\x0f123456\0"])
    expect(search.in(text), text).toHaveLength(1);
  for (const text of ["20261123456789", "12:00:00.123456", "a123456b", "123457"])
    expect(search.in(text), text).toEqual([]);
});
