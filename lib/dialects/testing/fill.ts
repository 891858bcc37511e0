import { expect } from "vitest";
import { ANY_NUMBER, asNamed, FORMS, type Json, TEN_CODES, TRUE_OR_FALSE, withNames } from "../cases";

type Values = Readonly<Record<string, string>>;

/** What is sent, with the asker's own values in place of their names. Throws for a name that nobody knows. */
export function filled(sends: Json | undefined, values: Values): unknown {
  return withNames(sends, (name) => standsFor(name, values));
}

/** What is expected of an answer: the asker's own values, and forms for what differs each time. */
export function expected(answers: Json | undefined, values: Values): unknown {
  return withNames(answers, (name) => {
    const form: RegExp | undefined = Object.entries(FORMS).find(([known]) => known === name)?.[1];
    if (form) return expect.stringMatching(form);
    if (name === TRUE_OR_FALSE) return expect.any(Boolean);
    if (name === ANY_NUMBER) return expect.any(Number);
    if (name !== TEN_CODES) return standsFor(name, values);
    const areTen = (codes: unknown) =>
      Array.isArray(codes) && codes.every((code) => typeof code === "string") && new Set(codes).size === 10;
    return expect.toSatisfy(areTen);
  });
}

function standsFor(name: string, values: Values): string | number {
  const value = values[name];
  if (value === undefined) throw new Error(`this asker has no ${name}`);
  return asNamed(name, value);
}
