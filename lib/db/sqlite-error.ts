/** SQLite's numbers for what people, and this program, have to tell apart. The extended ones first. */
const NAMES: Record<number, string> = {
  2067: "SQLITE_CONSTRAINT_UNIQUE",
  1555: "SQLITE_CONSTRAINT_PRIMARYKEY",
  5: "SQLITE_BUSY",
  6: "SQLITE_LOCKED",
  8: "SQLITE_READONLY",
  10: "SQLITE_IOERR",
  11: "SQLITE_CORRUPT",
  13: "SQLITE_FULL",
  14: "SQLITE_CANTOPEN",
  19: "SQLITE_CONSTRAINT",
  26: "SQLITE_NOTADB",
};

const codeOf = (error: unknown): number =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode : 0;

/** Gives an error of the embedded engine its name as `code`; the driver's own code is the same for all. */
export function nameSqliteError(error: unknown): unknown {
  const number = codeOf(error);
  const name = NAMES[number] ?? NAMES[number & 0xff];
  return name === undefined ? error : Object.assign(error as Error, { code: name });
}

/** The file is no database, or the ruin of one. */
export const isNoDatabase = (error: unknown): boolean => [11, 26].includes(codeOf(error) & 0xff);

/** Somebody else holds a lock, for now. */
export const isLocked = (error: unknown): boolean => [5, 6].includes(codeOf(error) & 0xff);
