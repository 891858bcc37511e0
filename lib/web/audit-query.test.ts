import { describe, expect, test } from "vitest";
import { EVENT_KINDS } from "@/lib/core/events";
import { Refused } from "@/lib/core/refusals";
import { kindChoices, wayChoices } from "./audit-choices";
import { auditAddress, orRefusal, readAuditQuery } from "./audit-query";

const spanOf = (from: string, to: string) => {
  const query = readAuditQuery({ from, to });
  return [query.from?.toISOString(), query.until?.toISOString()];
};

describe("times of a search", () => {
  test("include the day, minute, second or millisecond that they name, in UTC", () => {
    expect(spanOf("2030-06-01", "2030-06-01")).toEqual([
      "2030-06-01T00:00:00.000Z",
      "2030-06-02T00:00:00.000Z",
    ]);
    expect(spanOf("2030-06-01T12:03", "2030-06-01T12:03")).toEqual([
      "2030-06-01T12:03:00.000Z",
      "2030-06-01T12:04:00.000Z",
    ]);
    expect(spanOf(" 2030-06-01 12:03:09 ", "2030-06-01T12:03:09")).toEqual([
      "2030-06-01T12:03:09.000Z",
      "2030-06-01T12:03:10.000Z",
    ]);
    expect(spanOf("2030-06-01T12:03:09.500Z", "2030-06-01T14:03:09.500+02:00")).toEqual([
      "2030-06-01T12:03:09.500Z",
      "2030-06-01T12:03:09.501Z",
    ]);
    expect(spanOf("", " ")).toEqual([undefined, undefined]);
  });

  test.each([
    "yesterday",
    "2030-02-30",
    "2030-13-01",
    "2030-06-01T25:00",
    "2030-06-01T",
    "2030-6-1",
    "1",
    "+012030-06-01",
    "2030-06-01T12:00+99:99",
    "0".repeat(3000),
  ])("that are none are refused: %j", async (typed) => {
    for (const field of ["from", "to"] as const) {
      const { found, refusal } = await orRefusal((async () => readAuditQuery({ [field]: typed }))());
      expect(found).toBeNull();
      expect(refusal).toMatchObject({ code: "invalid_input", field });
    }
  });
});

test("an address keeps what is searched for, and nothing that is blank", () => {
  const texts = { person: " ada+1@example.org ", kind: "totp.*", via: "", from: "2030-06-01T12:00" };
  const address = auditAddress("/admin/audit", texts);
  expect(address).toBe("/admin/audit?person=ada%2B1%40example.org&kind=totp.*&from=2030-06-01T12%3A00");
  expect(auditAddress("/admin/audit", { person: " " })).toBe("/admin/audit");
});

test("only what was typed wrongly is said under the search", async () => {
  const forbidden = Promise.reject(new Refused({ code: "forbidden" }));
  await expect(orRefusal(forbidden)).rejects.toThrow("forbidden");
});

test("every kind of event can be chosen, in words, by itself and with its family", () => {
  const choices = kindChoices.flatMap((group) => group.choices);
  const values = choices.map(({ value }) => value);
  expect(EVENT_KINDS.filter((kind) => !values.includes(kind))).toEqual([]);
  expect(values).toEqual(expect.arrayContaining(["totp.*", "sign_in.*"]));
  expect(values).not.toContain("sign_out.*");
  for (const { words } of [...choices, ...wayChoices]) expect(words).not.toMatch(/undefined|\[object/);
});
