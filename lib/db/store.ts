import "server-only";
import { join } from "node:path";
import { Kysely, Migrator } from "kysely";
import { config, ConfigError } from "../config";
import { singleton } from "../singleton";
import { storeFault } from "../store-away";
import type { Engine } from "./engine";
import { FileGuard } from "./file-guard";
import { MIGRATIONS } from "./migrations";
import { postgresDialect } from "./postgres";
import { sqliteDialect } from "./sqlite";
import type { Database, Tables } from "./tables";

export interface Store {
  db: Database;
  engine: Engine;
}

/** The file of the embedded engine, whether or not it is the one in use. */
export const storeFile = (): string => join(config().dataDir, "standdown.db");

/**
 * The store of this process, opened and migrated on first use. A failure is not kept: the next caller tries again.
 * Throws ConfigError when the store is newer than this program, and what is wrong with the file of the embedded engine.
 */
export function openStore(): Promise<Store> {
  const current = slot();
  current.opening ??= open().catch((error: unknown) => {
    current.opening = null;
    throw error;
  });
  return current.opening;
}

const slot = () => singleton("db.store", (): { opening: Promise<Store> | null } => ({ opening: null }));

/** Closes the store of this process, where it was opened. */
export async function closeStore(): Promise<void> {
  const { opening } = slot();
  if (opening) await opening.then(({ db }) => db.destroy());
}

async function open(): Promise<Store> {
  const url = process.env.DATABASE_URL?.trim();
  const engine: Engine = url ? "postgres" : "sqlite";
  if (url) await migrateServer(url);
  const guard = url ? undefined : new FileGuard(storeFile());
  const db = new Kysely<Tables>({ dialect: url ? postgresDialect(url) : sqliteDialect(storeFile(), guard) });
  try {
    if (guard) {
      await migrate(db, engine).catch(nameFault);
      guard.arm();
    }
    return { db, engine };
  } catch (error) {
    await db.destroy().catch(() => undefined);
    throw error;
  }
}

/** A file of the embedded engine beside the store, brought to the schema of this program; nobody watches over it. */
export async function openFile(file: string): Promise<Database> {
  const db = new Kysely<Tables>({ dialect: sqliteDialect(file) });
  await migrate(db, "sqlite").catch(async (error: unknown) => {
    await db.destroy();
    throw error;
  });
  return db;
}

/** A file that is no database, or the ruin of one. */
function nameFault(error: unknown): never {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "SQLITE_NOTADB") throw storeFault("store-foreign", storeFile(), error);
  if (code === "SQLITE_CORRUPT") throw storeFault("store-cut", storeFile(), error);
  throw error;
}

/** Over a connection of its own that has no time limit: on a large store a migration takes long, and others wait for it. */
async function migrateServer(url: string): Promise<void> {
  const db = new Kysely<Tables>({ dialect: postgresDialect(url, { isPatient: true }) });
  await migrate(db, "postgres").finally(() => db.destroy().catch(() => undefined));
}

/** All that is missing, in one transaction that other processes wait for. */
async function migrate(db: Database, engine: Engine): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: {
      getMigrations: () =>
        Promise.resolve(
          Object.fromEntries(
            Object.entries(MIGRATIONS).map(([name, up]) => [
              name,
              { up: (on: Database) => up(on as Kysely<unknown>, engine) },
            ]),
          ),
        ),
    },
  });
  const unknown = await unknownMigrations(db);
  if (unknown.length > 0) {
    throw new ConfigError(
      `the store was written by a newer Standdown (it knows ${unknown.join(", ")}, this one does not); start that version, or restore a backup from before the upgrade`,
    );
  }
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}

/** Migrations that have run in a store but that this program does not have: a newer one wrote it. */
export async function unknownMigrations(db: Database): Promise<string[]> {
  const rows = await db
    .withTables<{ kysely_migration: { name: string } }>()
    .selectFrom("kysely_migration")
    .select("name")
    .execute()
    .catch((error: unknown) => {
      if (isMissingTable(error)) return []; // an empty store
      throw error;
    });
  return rows.map(({ name }) => name).filter((name) => !Object.hasOwn(MIGRATIONS, name));
}

/** Asked this way, because a list of tables names those of other schemas too. */
const isMissingTable = (error: unknown): boolean =>
  error instanceof Error && (("code" in error && error.code === "42P01") || /^no such table/.test(error.message));
