import { expect } from "vitest";
import { FORMS, type Json, TEN_CODES, TRUE_OR_FALSE } from "../cases";

type Values = Readonly<Record<string, string>>;

const NAME = /^<.*>$/;

/** What is sent, with the asker's own values in place of their names. Throws for a name that nobody knows. */
export function filled(sends: Json | undefined, values: Values): unknown {
  return mapped(sends, (name) => standsFor(name, values));
}

/** What is expected of an answer: the asker's own values, and forms for what differs each time. */
export function expected(answers: Json | undefined, values: Values): unknown {
  return mapped(answers, (name) => {
    const form: RegExp | undefined = Object.entries(FORMS).find(([known]) => known === name)?.[1];
    if (form) return expect.stringMatching(form);
    if (name === TRUE_OR_FALSE) return expect.any(Boolean);
    if (name !== TEN_CODES) return standsFor(name, values);
    const areTen = (codes: unknown) =>
      Array.isArray(codes) && codes.every((code) => typeof code === "string") && new Set(codes).size === 10;
    return expect.toSatisfy(areTen);
  });
}

function standsFor(name: string, values: Values): string {
  const value = values[name];
  if (value === undefined) throw new Error(`this asker has no ${name}`);
  return value;
}

function mapped(json: Json | undefined, named: (name: string) => unknown): unknown {
  if (typeof json === "string") return NAME.test(json) ? named(json) : json;
  if (json === null || typeof json !== "object") return json;
  // Array.isArray does not narrow readonly arrays away.
  if (Array.isArray(json)) return json.map((each: Json) => mapped(each, named));
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, mapped(value, named)]));
}
