/** SQLite in a file of this process by default; PostgreSQL when DATABASE_URL names one. */
export type Engine = "sqlite" | "postgres";

/** Told by the code that either engine gives: a unique index refused the row. */
export const isDuplicate = (error: unknown): boolean =>
  error instanceof Error &&
  "code" in error &&
  ["SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "23505"].includes(String(error.code));
