import "server-only";
import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, type Dialect } from "kysely";
import type { FileGuard } from "./file-guard";
import { FileDriver } from "./sqlite-driver";
import type { Database, Tables } from "./tables";

/** Lets the migrator run all migrations in one transaction, which is its lock. SQLite can; Kysely's own adapter says no. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** The engine on connections that `open` makes. */
const dialectOn = (open: (role: "read" | "write") => DatabaseSyncInstance, guard?: FileGuard): Dialect => ({
  createAdapter: () => new TransactionalAdapter(),
  createDriver: () => new FileDriver(open, guard),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
});

/** Durable on every commit, a power cut included; no lock is waited for inside a call, which would stop the process. */
const PRAGMAS = ["journal_mode = WAL", "synchronous = FULL", "fullfsync = ON", "foreign_keys = ON"];

/** The embedded engine on one file: durable on every commit, readable by others, for this account alone; watched by `guard`. */
export function sqliteDialect(file: string, guard?: FileGuard): Dialect {
  const open = (role: "read" | "write") => {
    const database = new DatabaseSync(file, { timeout: 0 });
    try {
      for (const pragma of role === "write" ? PRAGMAS : ["query_only = ON"]) database.exec(`pragma ${pragma}`);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  };
  return dialectOn((role) => {
    if (role === "write") makeFile(file);
    return open(role);
  }, guard);
}

/** A file that exists is never opened from here: closing it again would take back the locks of this process's connections. */
function makeFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (!existsSync(file)) closeSync(openSync(file, "a", 0o600)); // the files beside it follow its mode
  chmodSync(file, 0o600);
}

/** A file of the embedded engine that is only looked at; it must exist. */
export const sqliteReader = (file: string): Database =>
  new Kysely<Tables>({ dialect: dialectOn(() => new DatabaseSync(file, { readOnly: true, timeout: 0 })) });
