import fc from "fast-check";

// What no client of ours sends, made at random from a seed. A failure prints seed and path; the same seed makes the same cases.

/**
 * How many cases there are for each operation, and from which seed. 300, or as FUZZ_CASES and FUZZ_SEED say:
 * FUZZ_CASES=10000 is the long form.
 */
export function fuzzParameters(): { numRuns: number; seed?: number } {
  const { FUZZ_CASES, FUZZ_SEED } = process.env;
  const seed = FUZZ_SEED === undefined ? {} : { seed: Number(FUZZ_SEED) };
  return { numRuns: Number(FUZZ_CASES ?? 300), ...seed };
}

/** Left alone three times of four, so that what is changed is not hidden behind what else is wrong. */
export function mostly<T>(asItIs: T, changed: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(asItIs), maxDepth: 0 },
    { weight: 1, arbitrary: changed },
  );
}

/** Texts that are too long, that no database holds, that change how others read, or that mean something elsewhere. */
export const strangeText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "\udc00\ud800",
    "\ufeff123456",
    "\u202e123456",
    "\u200b",
    "\r\nSet-Cookie: a=b",
    "000000",
    "٣٤٥٦٧٨",
    "１２３４５６",
    "-0",
    "1e999",
    "NaN",
    "null",
    "true",
    "[object Object]",
    "__proto__",
    "constructor",
    "../../etc/passwd",
    "%00",
    "%",
    "' OR 1=1 --",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "//evil.example",
    "you@example.org",
    "a@b@c",
    "0".repeat(26),
    "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
    "9".repeat(400),
    "A".repeat(3000),
    "\u0300".repeat(500),
    "\ufdfa".repeat(200),
  ),
);

/** A text with one thing wrong: cut off, one bit of it turned, said twice, dressed otherwise; or another text. */
export function changedText(text: string, others: readonly string[] = []): fc.Arbitrary<string> {
  const turned = (at: number, bit: number) =>
    `${text.slice(0, at)}${String.fromCharCode(text.charCodeAt(at) ^ (1 << bit))}${text.slice(at + 1)}`;
  const last = Math.max(text.length - 1, 0);
  return fc.oneof(
    fc.nat(last).map((length) => text.slice(0, length)),
    fc.tuple(fc.nat(last), fc.nat(6)).map(([at, bit]) => (text === "" ? "x" : turned(at, bit))),
    fc.constantFrom(
      `${text}${text}`,
      ` ${text}\t`,
      `"${text}"`,
      `${text}.`,
      text.toUpperCase(),
      text.toLowerCase(),
      encodeURIComponent(text),
      [...text].reverse().join(""),
      ...others,
    ),
    strangeText,
  );
}

/** JSON as text; numbers that JSON can say and JavaScript cannot hold, and a zero that is none. */
const strangeJson: fc.Arbitrary<string> = fc.oneof(
  strangeText.map((text) => JSON.stringify(text)),
  fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
  fc.constantFrom(
    "null",
    "true",
    "0",
    "-0",
    "-1",
    "1e999",
    "-1e999",
    "9007199254740993",
    "0.1",
    "[]",
    "{}",
    "[null]",
    '{"__proto__":{"isAdmin":true}}',
    `${"[".repeat(500)}${"]".repeat(500)}`,
    `"${"A".repeat(70_000)}"`,
  ),
);

type Body = string | Uint8Array<ArrayBuffer>;
type Member = readonly [name: string, json: string];

const objectOf = (members: readonly Member[]) =>
  `{${members.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join()}}`;

/** Bodies that are nearly the one given, and bodies that are nothing. */
export function strangeBody(right: unknown): fc.Arbitrary<Body> {
  const text = right === undefined ? "" : JSON.stringify(right);
  const isObject = typeof right === "object" && right !== null && !Array.isArray(right);
  const members: Member[] = isObject
    ? Object.entries(right).map(([name, value]) => [name, JSON.stringify(value)])
    : [];
  const bytes = new TextEncoder().encode(text);
  const nothing: fc.Arbitrary<Body> = fc.oneof(
    fc.nat(Math.max(text.length - 1, 0)).map((length) => text.slice(0, length)),
    fc.constantFrom(
      `\ufeff${text}`,
      `${text}${text}`,
      `${text},`,
      `[${text}]`,
      JSON.stringify(text),
      `${text}//`,
      `${text}\0`,
      "[".repeat(60_000),
      '{"a":'.repeat(10_000),
      "x".repeat(70_000),
      "NaN",
      "undefined",
    ),
    strangeJson,
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.uint8Array({ maxLength: 60 }).map((some) => new Uint8Array(some)),
    // Bytes that are no UTF-8, in the middle of what else is right.
    fc.nat(bytes.length).map((at) => new Uint8Array([...bytes.slice(0, at), 0xff, 0xc0, ...bytes.slice(at)])),
    fc.constant(new Uint8Array(Buffer.from(text, "utf16le"))),
  );
  if (members.length === 0)
    return fc.oneof({ weight: 1, arbitrary: fc.constant<Body>(text) }, { weight: 3, arbitrary: nothing });
  return fc.oneof({ weight: 4, arbitrary: changedMembers(members) }, { weight: 1, arbitrary: nothing });
}

/** An object's text with one of its members changed, or more of them than there should be. */
function changedMembers(members: readonly Member[]): fc.Arbitrary<string> {
  const near = ([name, json]: Member): fc.Arbitrary<readonly Member[]> => {
    // What JSON.stringify made is read back.
    const value: unknown = JSON.parse(json);
    const changed =
      typeof value === "string" ? changedText(value).map((text) => JSON.stringify(text)) : strangeJson;
    return fc.oneof(
      { weight: 4, arbitrary: changed.map((other): readonly Member[] => [[name, other]]) },
      { weight: 3, arbitrary: strangeJson.map((other): readonly Member[] => [[name, other]]) },
      {
        weight: 2,
        arbitrary: fc.constantFrom<readonly Member[]>(
          [],
          [[name, `[${json}]`]],
          [[name, JSON.stringify(json)]],
          [[name.toUpperCase(), json]],
          [
            [name, json],
            [name, "null"],
          ],
          [
            [name, "null"],
            [name, json],
          ],
          [[`${name} `, json]],
        ),
      },
    );
  };
  const extra = fc.tuple(
    fc.oneof(
      fc.constantFrom("__proto__", "constructor", "toString", "isAdmin", "userId", "id", "via", ""),
      strangeText,
    ),
    strangeJson,
  );
  const changed = members.map((member, at) =>
    near(member).map((put) => objectOf([...members.slice(0, at), ...put, ...members.slice(at + 1)])),
  );
  return fc.oneof(
    { weight: 5, arbitrary: fc.oneof(...changed) },
    { weight: 1, arbitrary: extra.map((more) => objectOf([...members, more])) },
    { weight: 1, arbitrary: extra.map((more) => objectOf([more, ...members])) },
  );
}

/** What a header can carry at all (RFC 9110, section 5.5): visible text, and bytes above ASCII. */
export function asHeader(text: string): string {
  return text.replace(/[^\t\x20-\x7e\x80-\xff]/g, "").trim();
}

/** Headers that a client may send besides, each with something or other. */
export const strangeHeaders: fc.Arbitrary<Record<string, string>> = fc.dictionary(
  fc.constantFrom(
    "accept",
    "accept-language",
    "authorization",
    "content-encoding",
    "content-length",
    "cookie",
    "origin",
    "referer",
    "sec-fetch-site",
    "user-agent",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-http-method-override",
    "x-request-id",
  ),
  fc.oneof(
    strangeText.map(asHeader),
    fc.constantFrom(
      "Bearer",
      "Bearer  ",
      "Bearer challenge..",
      "Token null",
      "Basic Og==",
      "null",
      "cross-site",
      "same-site",
      "https://evil.example",
      "http://localhost:3001",
      "=",
      "a=b; =; ;;",
      "__Host-a=b",
      "application/grpc-web",
      "gzip",
      "DELETE",
      "127.0.0.1",
    ),
  ),
  { maxKeys: 2 },
);

/** What a body may say it is. */
export const strangeType = fc.constantFrom(
  "",
  "text/plain",
  "application/json; charset=utf-16",
  'application/json;charset="utf-8"',
  "application/jsonp",
  "application/json, text/plain",
  "APPLICATION/JSON",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "application/grpc-web",
  "application/grpc-web-text",
  "application/merge-patch+json",
  "*/*",
);
