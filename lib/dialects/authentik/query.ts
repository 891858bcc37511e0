import type { AddressParts } from "../addresses";

// What stands in an address and behind its question mark.

/** The integer in an address. What is none is no device's. */
export function numberOf({ id = "" }: AddressParts): number {
  const number = /^\d{1,10}$/.test(id) ? Number(id) : 0;
  // PostgreSQL's integers end there.
  return number > 2_147_483_647 ? 0 : number;
}

/** A text behind the question mark, or none. What no database can hold is found nowhere. */
export function textOf(query: URLSearchParams, name: string): string | null {
  const text = query.get(name);
  return text === null || text === "" ? null : text.replaceAll(/[\0\p{Cs}]/gu, "\ufffd").slice(0, 256);
}
