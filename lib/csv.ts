/** What a cell may hold. */
export type CsvValue = string | number | boolean | null | undefined;

/**
 * What a spreadsheet would run: a text that begins like a formula, behind anything that it may pass over (white space,
 * control and format characters) and behind apostrophes that are there already. In the forms of full width and the small
 * ones as well, which a spreadsheet of East Asia takes for the plain ones.
 */
const FORMULA = /^'*[\s\p{C}\p{Z}]*[=+\-@\u2212]/u;
/** A cell that begins with one of these can end up at the beginning of another one. */
const BREAKS = /^'*[\t\r\n]/;
/**
 * Where a spreadsheet separates cells by another sign than this table, as in most of Europe, quotes hold nothing together:
 * these begin a cell in the middle of a text.
 */
const INSIDE =
  /(?<=[;\t\r\n])(?='*(?:(?![;\t\r\n])[\s\p{C}\p{Z}])*[=+\-@\u2212\uFF1D\uFF0B\uFF0D\uFF20\uFE66\uFE62\uFE63\uFE6B\u207C\u207A\u208C\u208A])/gu;

/**
 * RFC 4180, every value in quotes. An apostrophe in front makes a formula text, also of one inside a value that would
 * begin a cell of its own, and is the only thing that is added: whoever reads such a value takes it away. Numbers are none,
 * whatever their sign.
 */
export function csvValue(value: CsvValue): string {
  if (value === undefined || value === null) return "";
  const text = String(value);
  const isFormula = typeof value === "string" && (FORMULA.test(text.normalize("NFKC")) || BREAKS.test(text));
  const safe = typeof value === "string" ? text.replace(INSIDE, "'") : text;
  return `"${(isFormula ? `'${safe}` : safe).replaceAll('"', '""')}"`;
}

const csvLine = (values: readonly CsvValue[]): string => `${values.map(csvValue).join(",")}\r\n`;

/** The one way in which tables leave the console: `header` begins the file, with the mark by which spreadsheets know UTF-8. */
export function csvTable<Item>(columns: Readonly<Record<string, (item: Item) => CsvValue>>) {
  const read = Object.values(columns);
  return {
    header: `\uFEFF${csvLine(Object.keys(columns))}`,
    row: (item: Item): string => csvLine(read.map((value) => value(item))),
  };
}
