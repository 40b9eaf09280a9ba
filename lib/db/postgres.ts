import "server-only";
import {
  PostgresDialect,
  PostgresIntrospector,
  sql,
  type DatabaseIntrospector,
  type Dialect,
  type Kysely,
  type TableMetadata,
} from "kysely";
import { Pool, types } from "pg";

const INT8 = 20;
const CONNECT_TIMEOUT_MS = 5_000;
const POOL_SIZE = 10;

/**
 * Sees the tables of its own schema alone. Kysely's looks through all of them: the migrator would take a table of the
 * same name elsewhere for its own, and it fails when somebody drops a schema at that moment.
 */
class OwnSchemaIntrospector extends PostgresIntrospector {
  readonly #db: Kysely<unknown>;

  constructor(db: Kysely<unknown>) {
    super(db);
    this.#db = db;
  }

  override async getTables(): Promise<TableMetadata[]> {
    const { rows } = await sql<{ name: string; schema: string }>`
      select tablename as name, schemaname as schema from pg_tables where schemaname = current_schema()`.execute(
      this.#db,
    );
    return rows.map((table) => ({ ...table, isView: false, columns: [] }));
  }
}

class OwnSchemaDialect extends PostgresDialect {
  override createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new OwnSchemaIntrospector(db);
  }
}

/** A server that several processes share. */
export function postgresDialect(connectionString: string): Dialect {
  const whole = (text: string) => Number(text);
  return new OwnSchemaDialect({
    pool: new Pool({
      connectionString,
      max: POOL_SIZE,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      // 64-bit columns hold Unix milliseconds and counters here; both fit a number.
      types: {
        getTypeParser: ((oid: number, format?: "text" | "binary") =>
          oid === INT8 ? whole : types.getTypeParser(oid, format as "text")) as typeof types.getTypeParser,
      },
    }),
  });
}
