import { expect, test } from "vitest";
import { csvLine } from "./csv";

test("a line of CSV keeps what its cells hold", () => {
  const at = new Date("2030-06-01T12:00:00Z");
  expect(csvLine(["a", 7, -7, at, null, ""])).toBe("a,7,-7,2030-06-01T12:00:00.000Z,,\r\n");
  expect(csvLine(['say "yes"', "a,b", "a\nb", "a\r\nb", "ä €"])).toBe(
    '"say ""yes""","a,b","a\nb","a\r\nb",ä €\r\n',
  );
});

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])(
  "a cell that a spreadsheet would run is text: %j",
  (cell) => {
    expect(csvLine([cell])).toMatch(/^"?'/);
  },
);

test.each(["x;=cmd", "x|+1", "a\t@SUM(A1)", 'x;"=1', "\uff1d1"])(
  "nor does a program run what it takes for the next cell: %j",
  (cell) => {
    expect(csvLine([cell])).not.toMatch(/(?:^|[;|\t]"?"?)[=+\-@\uff1d]/);
  },
);

test("what only holds such a sign is left as it is", () => {
  expect(csvLine(["a=1", "ada+1@example.org", "'quoted'"])).toBe("a=1,ada+1@example.org,'quoted'\r\n");
});
