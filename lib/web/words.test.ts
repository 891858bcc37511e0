import { expect, test } from "vitest";
import { detailsInWords } from "./audit-words";
import { dayInWords, exactTime, momentInWords } from "./date-words";
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
