import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvTable, csvValue } from "./csv";

describe("a spreadsheet takes as text", () => {
  test.each([
    ...["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")', "−1"],
    ...["＝1+1", "＋1", "－1", "＠SUM(A1)", "﹦1", "﹢1", "﹣1", "﹫A1", "⁼1", "⁺1"],
    ...["  =1", "\u00A0=1", "\u3000＝1", "\uFEFF=1", "\u200B=1", "\u202E=1", "\0=1"],
    ...["\tx", "\rx", "\nx"],
  ])("%j", (text) => expect(csvValue(text)).toBe(`"'${text.replaceAll('"', '""')}"`));
});

test.each(["10.0.0.1:2886", "[fd00::1]:2886", "华东 一区", "a=b", "1-2", "", "'tis", "INC-1", "a; b\nc", "x;y-z"])(
  "%j begins no formula and stays as it is",
  (text) => expect(csvValue(text)).toBe(`"${text}"`),
);

describe("a formula that another separator of cells would cut free is text as well", () => {
  test.each([
    ["z1;=HYPERLINK(1)", "z1;'=HYPERLINK(1)"],
    ["a\r=b", "a\r'=b"],
    ["first\n- second\n +third", "first\n'- second\n' +third"],
    ["a;＝1;\u200B@b", "a;'＝1;'\u200B@b"],
    ["a;'=1", "a;''=1"],
    ["\t=1", "'\t'=1"],
    [" \t\r\n=1", "' \t\r\n'=1"],
  ])("%j", (text, written) => {
    expect(csvValue(text)).toBe(`"${written}"`);
    // As a spreadsheet sees it that separates cells by semicolons.
    const cells = `"PROD",${csvValue(text)}`.split(/[;\t\r\n]/).slice(1);
    for (const cell of cells) expect(cell.normalize("NFKC")).not.toMatch(/^[\s\p{C}\p{Z}]*[=+\-@]/u);
  });
});

test("numbers keep their sign, and nothing is an empty cell", () => {
  expect([csvValue(-7), csvValue(true), csvValue(null), csvValue(undefined)]).toEqual(['"-7"', '"true"', "", ""]);
});

/** As any reader of RFC 4180 sees it. */
function parse(csv: string): string[][] {
  const lines: string[][] = [[]];
  for (const [, quoted, end] of csv.matchAll(/(?:"((?:[^"]|"")*)")?(,|\r\n)/g)) {
    lines.at(-1)?.push((quoted ?? "").replaceAll('""', '"'));
    if (end === "\r\n") lines.push([]);
  }
  return lines.slice(0, -1);
}

test("whatever is written is read back as it was, but for an apostrophe in front of what would be run", () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^['\s]*[=+＝@-]?["',;\r\n\ta]*$/));
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 4 }), (rows) => {
      const { header, row } = csvTable<[string, string]>({ a: ([a]) => a, "b,c": ([, b]) => b });
      const csv = header + rows.map(row).join("");
      expect(csv).toMatch(/^\uFEFF"a","b,c"\r\n/);
      const [names, ...read] = parse(csv.slice(1));
      expect(names).toEqual(["a", "b,c"]);
      const inside = /(?<=[;\t\r\n])'(?='*(?:(?![;\t\r\n])[\s\p{C}\p{Z}])*[=+\-@−＝＋－＠﹦﹢﹣﹫⁼⁺₌₊])/gu;
      const asWritten = (cell: string) => {
        const whole = cell.replace(inside, "");
        const isText = /^''*[\s\p{C}\p{Z}]*[=+\-@\u2212]|^''*[\t\r\n]/u.test(whole.normalize("NFKC"));
        return isText ? whole.slice(1) : whole;
      };
      expect(read.map((cells) => cells.map(asWritten))).toEqual(rows);
      for (const cell of read.flat()) expect(cell).not.toMatch(/^[\s\p{C}\p{Z}]*[=+\-@＝＋－＠]|^[\t\r\n]/u);
    }),
  );
});

test("no other file of the console puts values into CSV by itself", () => {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const files = ["app", "components", "lib"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /(?<!\.test)\.(ts|tsx|mjs)$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
  const escaping = files.filter((file) => /['"`]""['"`]/.test(readFileSync(join(root, file), "utf8")));
  expect(escaping).toEqual(["lib/csv.ts"]);
});
