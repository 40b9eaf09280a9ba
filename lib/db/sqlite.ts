import "server-only";
import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import {
  CompiledQuery,
  Kysely,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
} from "kysely";
import Libsql from "libsql";
import type { Database, Tables } from "./tables";

/** Every transaction here writes. Taking the write lock at once means waiting for another process, never failing late. */
class WritingDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }
}

/** Lets the migrator run all migrations in one transaction, which is its lock. SQLite can; Kysely's own adapter says no. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** The embedded engine on one file: durable on every commit, readable by others, for this account alone. */
export function sqliteDialect(file: string): Dialect {
  const open = () => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, "a", 0o600));
    chmodSync(file, 0o600); // the files beside it follow its mode
    const database = new Libsql(file);
    for (const pragma of ["busy_timeout = 5000", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"])
      database.pragma(pragma);
    return database;
  };
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => new WritingDriver({ database: async () => open() }),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** A file of the embedded engine that is only looked at; it must exist. */
export const sqliteReader = (file: string): Database =>
  new Kysely<Tables>({ dialect: new SqliteDialect({ database: async () => new Libsql(file, { readonly: true }) }) });
