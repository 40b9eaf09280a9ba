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
 * RFC 4180, every value in quotes, so that it stays one cell whatever separates cells where it is opened. An apostrophe in
 * front makes a formula text, and is the only thing that is added: whoever reads such a value takes one away. Numbers are
 * none, whatever their sign.
 */
export function csvValue(value: CsvValue): string {
  if (value === undefined || value === null) return "";
  const text = String(value);
  const isFormula = typeof value === "string" && (FORMULA.test(text.normalize("NFKC")) || BREAKS.test(text));
  return `"${(isFormula ? `'${text}` : text).replaceAll('"', '""')}"`;
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
