import { expect, it } from "vitest";
import { csvLine } from "./csv";

it("writes texts, numbers, moments and nothing", () => {
  const moment = new Date("2030-06-01T12:00:00Z");
  expect(csvLine(["a", 7, moment, null, "", "ü"])).toBe("a,7,2030-06-01T12:00:00.000Z,,,ü\r\n");
});

it("quotes what would end a cell or a line", () => {
  expect(csvLine(["a,b", 'say "no"', "two\r\nlines", "two\nlines"])).toBe(
    '"a,b","say ""no""","two\r\nlines","two\nlines"\r\n',
  );
});

it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])("makes no formula of %j", (text) => {
  expect(csvLine([text])).toMatch(/^"?'/);
});

it("leaves numbers below zero as they are, and defuses what is quoted, too", () => {
  expect(csvLine([-1, '=HYPERLINK("x","y")'])).toBe(`-1,"'=HYPERLINK(""x"",""y"")"\r\n`);
});
