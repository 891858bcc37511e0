import type { Settings } from "@/lib/core/context";

// What a dialect answers, case by case: tables that its tests run one by one, and that its documents are made of, so that no
// document says what no test has seen. Each dialect has its own in cases.ts.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Who asks, in the words of the documents. */
export const ASKERS = {
  nobody: "nobody",
  person: "signed in, two-factor off",
  "setting up": "signed in, a set-up begun",
  due: "signed in, two-factor off, and required by policy",
  protected: "signed in, two-factor on",
  "signed in twice": "signed in, two-factor on, in another browser too",
  "stale person": "signed in with a password eleven minutes ago, two-factor off",
  stale: "signed in, two-factor on, last proven eleven minutes ago",
  "stale and mailed": "signed in, two-factor on, last proven eleven minutes ago, a code mailed",
  away: "signed in two hours ago, and not seen since",
  owed: "password right, code owed",
  "owed for long": "password right six minutes ago, code owed",
  "owed, code used": "password right, code owed, and used in another sign-in",
  "owed and failing": "password right, code owed, five wrong codes sent",
  "owed and mailed": "password right, code owed, one mailed",
  token: "a token with every scope but administrators'",
  "administrator's token": "an administrator's token with every scope",
  "token without scope": "a token without the scope",
  "lapsed token": "a token that has lapsed",
  "trusted once": "two-factor on, in a browser that was trusted until the password changed",
} as const;
export type Asker = keyof typeof ASKERS;

/** What stands in what is sent for what only the asker knows, and what the documents show in its place. */
export const EXAMPLES: Readonly<Record<string, string>> = {
  "<email>": "you@example.org",
  "<new email>": "new@example.org",
  "<password>": "correct horse battery",
  "<new password>": "staple of a horse",
  "<code>": "123456",
  "<wrong code>": "000000",
  "<code, quoted>": "123456",
  "<wrong code, quoted>": "000000",
  "<code in two, quoted>": "123-456",
  "<mailed code>": "654321",
  "<recovery code>": "ABCDE-FGHJK-MNPQR-STUVW",
  "<token>": "TOKEN",
  "<other session>": "01JD2QK7M3N8P5R9S0T1V2W3X4",
  "<temp token>": "TEMP_TOKEN",
  "<user id>": "01JD2QK9A2B4C6D8E0F2G4H6J8",
  "<TOTP id>": "01JD2QM9C4E6G8J0K2M4P6R8T0",
  "<nobody's id>": "01JD2QQQQQQQQQQQQQQQQQQQQQ",
  "<session id>": "01JD2QN1V3X5Z7B9D1F3H5K7M9",
  "<challenge's token>": "challenge.01JD2QN1V3X5Z7B9D1F3H5K7M9.TOKEN",
  "<own number>": "1001",
  "<own pk>": "1001",
  "<own id>": "01JD2QK7M3N8P5R9S0T1V2W3X1",
  "<device number>": "2001",
  "<device pk>": "2001",
  "<device id>": "01JD2QK7M3N8P5R9S0T1V2W3X2",
  "<waiting number>": "2002",
  "<waiting pk>": "2002",
  "<waiting id>": "01JD2QK7M3N8P5R9S0T1V2W3X3",
  "<other number>": "1002",
  "<other id>": "01JD2QK7M3N8P5R9S0T1V2W3X5",
  "<other email>": "other@example.org",
  "<other device number>": "2003",
  "<other device id>": "01JD2QK7M3N8P5R9S0T1V2W3X6",
  "<other waiting id>": "01JD2QK7M3N8P5R9S0T1V2W3X7",
};

/** What stands in an answer for what differs each time, beside the examples' names. */
export const FORMS = {
  "<text>": /./s,
  "<id>": /^[0-9A-Z]{26}$/,
  "<moment>": /^\d{4}-\d\d-\d\dT[\d:.]+Z$/,
  "<PNG>": /^data:image\/png;base64,/,
  "<key URI>":
    /^otpauth:\/\/totp\/Countersign:[^?:]+\?issuer=Countersign&secret=[A-Z2-7]{32}&algorithm=SHA1&digits=6&period=30$/,
  "<key URI, colon escaped>":
    /^otpauth:\/\/totp\/Countersign%3A[^?:]+\?issuer=Countersign&secret=[A-Z2-7]{32}&algorithm=SHA1&digits=6&period=30$/,
  "<key URI, sorted>":
    /^otpauth:\/\/totp\/Countersign:[^?:]+\?algorithm=SHA1&digits=6&issuer=Countersign&period=30&secret=[A-Z2-7]{32}$/,
  "<challenge token>": /^challenge\.[0-9A-Z]{26}\.[\w-]{43}$/,
  "<key URI of Example>":
    /^otpauth:\/\/totp\/Example:[^?:]+\?issuer=Example&secret=[A-Z2-7]{32}&algorithm=SHA1&digits=6&period=30$/,
} as const satisfies Record<string, RegExp>;

/** In an answer: an array of ten different recovery codes. */
export const TEN_CODES = "<ten recovery codes>";
/** In an answer: true or false. */
export const TRUE_OR_FALSE = "<true or false>";

/** In an answer: any number. */
export const ANY_NUMBER = "<number>";

/** What a name stands for, as JSON has it: one that ends in "number>" stands for a number. */
export function asNamed(name: string, text: string): string | number {
  return name.endsWith(" number>") ? Number(text) : text;
}

/** What the documents show in place of these. */
export const ANSWERED_EXAMPLES: Readonly<Record<string, Json>> = {
  "<text>": "...",
  "<id>": "01JD2QK7M3N8P5R9S0T1V2W3X4",
  "<moment>": "2026-01-31T12:00:00.000Z",
  "<PNG>": "data:image/png;base64,...",
  "<key URI>": "otpauth://totp/Countersign:you%40example.org?issuer=Countersign&secret=...",
  "<key URI, colon escaped>": "otpauth://totp/Countersign%3Ayou%40example.org?issuer=Countersign&secret=...",
  "<key URI, sorted>":
    "otpauth://totp/Countersign:you%40example.org?algorithm=SHA1&digits=6&issuer=Countersign&...",
  "<challenge token>": "challenge.01JD2QN1V3X5Z7B9D1F3H5K7M9.ABC...",
  "<key URI of Example>": "otpauth://totp/Example:you%40example.org?issuer=Example&secret=...",
  [TEN_CODES]: ["ABCDE-FGHJK-MNPQR-STUVW", "..."],
  [TRUE_OR_FALSE]: true,
  [ANY_NUMBER]: 2004,
};

/** JSON with something in place of every name that stands in it, as "<email>". */
export function withNames(json: Json | undefined, named: (name: string) => unknown): unknown {
  if (typeof json === "string") return /^<.*>$/.test(json) ? named(json) : json;
  if (json === null || typeof json !== "object") return json;
  // Array.isArray does not narrow readonly arrays away.
  if (Array.isArray(json)) return json.map((each: Json) => withNames(each, named));
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, withNames(value, named)]));
}

/** What is answered, whole. `answers` left out: an empty body. */
export type Answered = { status: number; answers?: Json };

/** Where we answer otherwise than the original, on purpose. */
export type Difference = { original: string; reason: string };

/** One request and its answer. */
export type Case = Answered & {
  who: Asker;
  /** The parts of the address that vary, by name: a name of `EXAMPLES`, or a text. */
  at?: Readonly<Record<string, string>>;
  /** What stands behind the question mark, as it is sent. */
  query?: string;
  /** A text is sent as it is, anything else as JSON; left out: no body. */
  sends?: Json;
  /** Of the operator's, other than the test's own. */
  settings?: Partial<Pick<Settings, "emailCodes" | "signUp">>;
  /** What has no try left: the network address for anything, or the account for codes and new authenticators. */
  outOfTries?: "address" | "account";
  /** What the same asker asks next. */
  next?: Answered & { asks: string; at?: Readonly<Record<string, string>>; sends?: Json };
  differs?: Difference;
};

/** By "POST /path", with the slash at the end where the dialect's clients send one. */
export type Cases = Readonly<Record<string, readonly Case[]>>;

/** What can be wrong with any request. */
export const TROUBLES = {
  too_large: "a body of more than 64 KiB",
  not_json: "a body that does not say it is JSON",
  malformed: "a body that is no JSON",
  not_an_object: "a body that is no object",
  foreign_origin: "a request that another site made a browser send",
  unavailable: "while the database is out of reach",
  crashed: "a fault of ours",
} as const;
export type Trouble = keyof typeof TROUBLES;
// Object.keys forgets the names; these are they.
export const TROUBLE_NAMES = Object.keys(TROUBLES) as Trouble[];

/** What each answers, at every address. Null: it makes no difference. */
export type Troubles = Readonly<Record<Trouble, Answered | null>>;
