import { decode, encode } from "next-auth/jwt";
import { describe, expect, test } from "vitest";
import { generateKeys, parseKeys } from "@/lib/crypto/keys";
import { nextAuthSecret, openSessionCookie, sealSessionCookie } from "./session-cookie";

const keys = parseKeys(generateKeys());
const secret = nextAuthSecret(keys);
const now = new Date();

describe("the session's envelope", () => {
  test("is next-auth's own: each opens what the other sealed", async () => {
    const ours = sealSessionCookie(keys, "token", 60, now);
    expect(await decode({ token: ours, secret })).toMatchObject({ sid: "token" });
    expect(openSessionCookie(keys, await encode({ token: { sid: "token" }, secret, maxAge: 60 }), now)).toBe(
      "token",
    );
  });

  test("opens until its end, and with its own keys only", () => {
    const sealed = sealSessionCookie(keys, "token", 60, now);
    const in61Seconds = new Date(now.getTime() + 61_000);
    expect(openSessionCookie(keys, sealed, now)).toBe("token");
    expect(openSessionCookie(keys, sealed, in61Seconds)).toBeNull();
    expect(openSessionCookie(parseKeys(generateKeys()), sealed, now)).toBeNull();
  });

  test("is different each time and shows no token", () => {
    const [one, other] = [1, 2].map(() => sealSessionCookie(keys, "token", 60, now));
    expect(one).not.toBe(other);
    expect(Buffer.from(one ?? "", "base64url").toString()).not.toContain("token");
  });

  test("with one character changed anywhere does not open", () => {
    const sealed = sealSessionCookie(keys, "token", 60, now);
    const bytesOf = (text: string) =>
      text.split(".").map((part) => Buffer.from(part, "base64url").toString("hex"));
    for (let at = 0; at < sealed.length; at++) {
      if (sealed[at] === ".") continue;
      const changed = `${sealed.slice(0, at)}${sealed[at] === "A" ? "Q" : "A"}${sealed.slice(at + 1)}`;
      // The last character of a part can differ in bits that stand for nothing.
      if (bytesOf(changed).join() !== bytesOf(sealed).join())
        expect(openSessionCookie(keys, changed, now)).toBeNull();
    }
  });

  test.each([
    "",
    "x",
    "a.b.c.d.e",
    "....",
    "a".repeat(5000),
    "eyJhbGciOiJub25lIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA",
  ])("%j is none", (value) => expect(openSessionCookie(keys, value, now)).toBeNull());

  test("without a session's token is none", async () => {
    const other = await encode({ token: { name: "x" }, secret, maxAge: 60 });
    expect(openSessionCookie(keys, other, now)).toBeNull();
  });
});
