import "server-only";
import {
  PostgresDialect,
  PostgresIntrospector,
  sql,
  type DatabaseIntrospector,
  type Dialect,
  type Kysely,
  type PostgresPoolClient,
  type TableMetadata,
} from "kysely";
import { DatabaseError, Pool, types, type PoolClient } from "pg";
import { log } from "../log";
import { markStoreAway } from "../store-away";

const INT8 = 20;
const CONNECT_TIMEOUT_MS = 5_000;
const POOL_SIZE = 10;
/** The server gives up first, so that the connection stays good; the client's own limit is for a network that is silent. */
const LIMITS = {
  statement_timeout: 12_000,
  query_timeout: 15_000,
  idle_in_transaction_session_timeout: 15_000,
};

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

/** What PostgreSQL says when it cannot serve anybody now: it stops, it starts, it is full, it took too long, it only reads. */
const SERVER_AWAY = /^(08|53|57P0|57014|25P03|25006|55P03)/;

const isAnswer = (error: unknown): error is DatabaseError => error instanceof DatabaseError;

/** 64-bit columns hold Unix milliseconds and counters here; both fit a number. */
const getTypeParser = ((oid: number, format?: "text" | "binary") =>
  oid === INT8 ? (text: string) => Number(text) : types.getTypeParser(oid, format as "text")) as TypeParsers;
type TypeParsers = typeof types.getTypeParser;

/**
 * A server that several processes share. Nothing waits for ever: not for a connection, a lock, an answer, nor for a
 * transaction that its process has forgotten. `isPatient` lifts that, for migrations of a large store.
 */
export function postgresDialect(connectionString: string, { isPatient = false } = {}): Dialect {
  const pool = new Pool({
    connectionString,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types: { getTypeParser },
    ...(isPatient ? {} : LIMITS),
  });
  // The message alone: the pool hangs the whole client on its errors.
  pool.on("error", ({ message }) => log.warn({ reason: message }, "a connection to the store was lost"));
  // One that is lost while somebody holds it, and asks nothing at that moment, has no other listener.
  pool.on("connect", (client) =>
    client.on("error", ({ message }) => log.debug({ reason: message }, "a connection broke")),
  );
  return new OwnSchemaDialect({
    pool: {
      connect: async () =>
        guarded(await pool.connect().catch((error: unknown) => Promise.reject(markStoreAway(error)))),
      end: () => pool.end(),
    },
  });
}

/** Tells a store that is away from a statement that is wrong, and keeps no connection of which nobody knows how it stands. */
function guarded(client: PoolClient): PostgresPoolClient {
  let isBroken = false;
  const query = async (text: string, values: readonly unknown[]) => {
    try {
      return await client.query(text, [...values]);
    } catch (error) {
      if (isAnswer(error) && !SERVER_AWAY.test(error.code ?? "")) throw error;
      isBroken ||= !isAnswer(error);
      throw markStoreAway(error);
    }
  };
  // Safe: the other way to call it takes a cursor, and none are used here.
  return { query: query as unknown as PostgresPoolClient["query"], release: () => client.release(isBroken) };
}
