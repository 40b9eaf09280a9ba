import fc from "fast-check";
import { expect, test } from "vitest";
import { csvValue } from "./csv";

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r=1", "＝1+1", '=HYPERLINK("x")'])(
  "a spreadsheet takes %j as text",
  (text) => expect(csvValue(text)).toMatch(/^"'/),
);

test("what is no text stays as it is, and nothing is empty", () => {
  expect([csvValue(7), csvValue(true), csvValue(null), csvValue(undefined), csvValue("10.0.0.1:2886")]).toEqual([
    ...['"7"', '"true"', "", "", '"10.0.0.1:2886"'],
  ]);
});

test("whatever is written, one value stays one value, and begins no formula", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const value = csvValue(text);
      const inside = value.slice(1, -1).replaceAll('""', "");
      expect(inside).not.toContain('"');
      expect(value.slice(1, -1).replaceAll('""', '"').replace(/^'/, "")).toBe(text.replace(/^'/, ""));
      expect(value).not.toMatch(/^"\s*[=+\-@]/);
    }),
  );
});
