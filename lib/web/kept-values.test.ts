import { expect, test } from "vitest";
import { generateKeys, parseKeys } from "@/lib/crypto/keys";
import type { SignedInCaller } from "./caller";
import { pageWithKept, readKept } from "./kept-values";

const keys = parseKeys(generateKeys());
const PAGE = "/settings/email";
const plan = { page: PAGE, keep: ["email"] };

// What the functions look at of a caller.
const caller = (id: string, at = "2030-01-01T00:00:00Z") =>
  ({ ctx: { keys, now: new Date(at) }, signedIn: { user: { id } } }) as SignedInCaller;

function form(fields: Record<string, string>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
}
const keptIn = (path: string) => new URL(path, "http://x").searchParams.get("kept") ?? "";

test("what may be shown again comes back, and nothing else; none of it can be read in the address", () => {
  const path = pageWithKept(
    caller("u"),
    plan,
    form({ email: "new@example.org", password: "secret", code: "123456" }),
  );
  expect(path).not.toMatch(/new@|new%40|example|secret|123456/);
  expect([...readKept(caller("u"), PAGE, keptIn(path))]).toEqual([["email", "new@example.org"]]);
});

test("it is one account's, one page's, and a quarter of an hour's", () => {
  const kept = keptIn(pageWithKept(caller("u"), plan, form({ email: "new@example.org" })));
  expect(readKept(caller("other"), PAGE, kept).size).toBe(0);
  expect(readKept(caller("u"), "/settings/password", kept).size).toBe(0);
  expect(readKept(caller("u", "2030-01-01T00:15:01Z"), PAGE, kept).size).toBe(0);
  expect(readKept(caller("u", "2030-01-01T00:15:00Z"), PAGE, kept).size).toBe(1);
  for (const madeUp of ["", "x", "k1.", "k1.AAAA", `${kept.slice(0, -2)}AA`, '{"values":{"email":"x"}}'])
    expect(readKept(caller("u"), PAGE, madeUp).size).toBe(0);
});

test("what is empty, or too long for an address, is not kept", () => {
  expect(pageWithKept(caller("u"), plan, form({ email: "" }))).toBe(PAGE);
  expect(pageWithKept(caller("u"), plan, form({ email: "a".repeat(2000) }))).toBe(PAGE);
  expect(pageWithKept({ ...caller("u"), signedIn: null }, plan, form({ email: "a" }))).toBe(PAGE);
});
