import { expect, test } from "vitest";
import type { AdoptionTotals } from "@/lib/core/adoption";
import { detailsInWords } from "./audit-words";
import { dayInWords, exactTime, momentInWords } from "./date-words";
import { policyInWords } from "./policy-words";
import { recoveryFileName, recoveryText } from "./recovery-file";
import { userAgentInWords } from "./user-agent-words";

const now = new Date("2026-03-05T10:00:00Z");
/** As dates are written, so that no line ends in one. */
const unbroken = (words: string) => words.replaceAll(" ", "\u00a0");

test.each([
  ["2026-03-05T09:59:30Z", "just now"],
  ["2026-03-05T09:48:00Z", "12 min ago"],
  ["2026-03-05T01:02:00Z", "today 01:02"],
  ["2026-03-04T23:59:00Z", "yesterday 23:59"],
  ["2026-02-28T12:00:00Z", "28 Feb"],
  ["2025-11-03T12:00:00Z", "3 Nov 2025"],
  ["2026-03-05T10:00:05Z", "just now"],
])("%s is %s", (moment, words) => expect(momentInWords(new Date(moment), now)).toBe(unbroken(words)));

test("days and exact times", () => {
  expect(dayInWords(now, now)).toBe("today");
  expect(exactTime(now)).toBe("2026-03-05 10:00:00 UTC");
});

test("browsers are called what their owners call them", () => {
  const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
  expect(userAgentInWords(firefox)).toBe("Firefox on Windows");
  expect(userAgentInWords("")).toBe("Unknown browser");
  expect(userAgentInWords("\u0001 curl")).toMatch(/\w/);
});

test("the file holds all codes and says whose they are", () => {
  const text = recoveryText(["AAAAA-BBBBB", "CCCCC-DDDDD"], "Countersign", "ada@example.org", now);
  expect(text).toContain("AAAAA-BBBBB\nCCCCC-DDDDD\n");
  expect(text).toContain("Each code can be used once.");
  expect(recoveryFileName("My App", 'a"\r\nb@example.org', now)).toBe(
    "my-app-recovery-codes-a-b-example.org-2026-03-05.txt",
  );
});

test("the details of an event leave out what it says of itself, and tell a policy in words, the old one first", () => {
  const event = "Made the API token “Script”";
  const made = { days: 30, name: "Script", scopes: ["2fa:read", "2fa:write"] };
  expect(detailsInWords(made, event)).toEqual([
    ["days", "30"],
    ["scopes", "2fa:read, 2fa:write"],
  ]);
  const policy = {
    after: { graceDays: 1, requiredFrom: "2026-11-27T00:00:00.000Z" },
    before: { graceDays: 7, requiredFrom: null },
  };
  expect(detailsInWords(policy, "")).toEqual([
    ["before", "Administrators only"],
    ["after", `Everyone from ${unbroken("27 Nov 2026")}, 1 day of grace`],
  ]);
  expect(detailsInWords({ factor: { kind: "totp" } }, "")).toEqual([["factor", '{"kind":"totp"}']]);
  for (const nothing of [null, {}, undefined]) expect(detailsInWords(nothing, "")).toEqual([]);
});

test("what a policy means is said of the people there are, with one of a kind and with none", () => {
  const day = new Date("2026-03-01T00:00:00Z");
  const says = (requiredFrom: Date | null, graceDays: number, totals: AdoptionTotals) =>
    policyInWords({ requiredFrom, graceDays }, totals, now).join(" ").replaceAll("\u00a0", " ");
  const alone = { all: 1, with: 1, without: 0, grace: 0, late: 0 };
  expect(says(null, 7, alone)).toBe("The only account has two-factor sign-in.");
  expect(says(null, 7, { ...alone, all: 4, without: 3, late: 1 })).toBe(
    "1 of 4 accounts has two-factor sign-in. 1 administrator has none: nothing but the set-up opens to them. 2 people have none, and nothing is asked of them.",
  );
  expect(says(new Date("2026-04-01T00:00:00Z"), 1, { ...alone, all: 3, without: 2 })).toBe(
    "1 of 3 accounts has two-factor sign-in. It will be required of everyone from 1 Apr on. 2 people have none yet: they have 1 day from their first sign-in from then on.",
  );
  expect(says(day, 0, { all: 4, with: 0, without: 4, grace: 1, late: 2 })).toBe(
    "None of 4 accounts has two-factor sign-in. It has been required of everyone since 1 Mar. 2 people are late: nothing but the set-up opens to them. 1 person is in their days of grace. 1 person has not signed in since: nothing but the set-up will open to them.",
  );
  expect(says(day, 7, { ...alone, all: 2, with: 2 })).toBe(
    "All 2 accounts have two-factor sign-in. It has been required of everyone since 1 Mar.",
  );
});
