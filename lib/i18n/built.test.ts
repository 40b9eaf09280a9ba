import compile from "icu-minify/compile";
import format from "icu-minify/format";
import { createTranslator } from "next-intl";
import { expect, test } from "vitest";
import { MESSAGES } from "./messages";

const COUNTS = [0, 1, 2, 21, 1234.5];
const HOSTILE = ["<b>{name} '#'"];
const options = {
  timeZone: "UTC",
  formatters: {
    getDateTimeFormat: (...of: ConstructorParameters<typeof Intl.DateTimeFormat>) => new Intl.DateTimeFormat(...of),
    getNumberFormat: (...of: ConstructorParameters<typeof Intl.NumberFormat>) => new Intl.NumberFormat(...of),
    getPluralRules: (...of: ConstructorParameters<typeof Intl.PluralRules>) => new Intl.PluralRules(...of),
  },
};

/** All that each value of a text can be, so that every branch of it is taken once. */
function valuesFor(text: string, round: number) {
  const branches = [...[...text.matchAll(/([\w-]+) \{/g)].map(([, key = ""]) => key), "neither"];
  const kinds: Record<string, readonly (string | number)[]> = { plural: COUNTS, number: COUNTS, select: branches };
  const values = [...text.matchAll(/\{(\w+)(?:, (\w+))?/g)].map(([, name = "", kind]) => {
    const among = kinds[kind ?? ""] ?? HOSTILE;
    return [name, among[round % among.length]] as const;
  });
  const tags = [...text.matchAll(/<(\w+)>/g)].map(([, tag = ""]) => {
    return [tag, (chunks: unknown) => `[${[chunks].flat().join("")}]`] as const;
  });
  // A name that is counted in one place and written in another is a number in both.
  const isCounted = new Map(values.filter(([, value]) => typeof value === "number"));
  return Object.fromEntries([...values, ...isCounted, ...tags]);
}

const textsIn = (message: unknown, key: string): [key: string, text: string][] =>
  typeof message === "string"
    ? [[key, message]]
    : Object.entries(message as object).flatMap(([name, below]) => textsIn(below, key ? `${key}.${name}` : name));

test.each(["en", "zh"] as const)("a page says every sentence as it is written here, in %s", (locale) => {
  const failed = (error: unknown): never => {
    throw error;
  };
  const texts = textsIn(MESSAGES[locale], "");
  expect(texts.length).toBeGreaterThan(1_000);
  for (const [key, text] of texts) {
    const built = JSON.parse(JSON.stringify(compile(text))) as ReturnType<typeof compile>; // safe: as the build keeps it
    const written = createTranslator({ locale, messages: { text }, onError: failed });
    for (let round = 0; round < 12; round += 1) {
      const values = valuesFor(text, round);
      const said = [format(built, locale, values, options)].flat().join("");
      expect(`${key}: ${said}`).toBe(`${key}: ${written.markup("text", values as never)}`);
    }
  }
});
