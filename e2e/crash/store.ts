import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Kysely, PostgresDialect } from "kysely";
import { Client, Pool } from "pg";
import { sqliteDialect } from "../../lib/db/sqlite";
import type { Tables } from "../../lib/db/tables";
import { startPostgres } from "../../lib/db/testing/postgres-server";

export type LaneEngine = "embedded" | "postgres";

export interface Stores {
  /** An empty place for one console; "" is the embedded store in its data folder. */
  makePlace(): Promise<string>;
  end(): Promise<void>;
}

/** Where the consoles keep what they must not lose: a PostgreSQL of this run's own, or the one of TEST_DATABASE_URL. */
export async function openStores(engine: LaneEngine): Promise<Stores> {
  if (engine === "embedded") return { makePlace: () => Promise.resolve(""), end: () => Promise.resolve() };
  const named = process.env.TEST_DATABASE_URL;
  const server = named ? null : await startPostgres();
  const url = new URL(named ?? server?.url ?? "");
  const schemas: string[] = [];
  const run = async (statement: string) => {
    const client = new Client({ connectionString: url.href });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  return {
    async makePlace() {
      const schema = `crash_${randomBytes(6).toString("hex")}`;
      await run(`create schema ${schema}`);
      schemas.push(schema);
      const place = new URL(url);
      place.searchParams.set("options", `-c search_path=${schema}`);
      place.searchParams.set("application_name", schema);
      return place.href;
    },
    async end() {
      if (server) return server.stop();
      for (const schema of schemas) await run(`drop schema ${schema} cascade`);
    },
  };
}

/** The store of a console, to look into from outside. */
export const lookInto = (place: string, dataDir: string): Kysely<Tables> =>
  new Kysely<Tables>({
    dialect: place ? new PostgresDialect({ pool: lookingPool(place) }) : sqliteDialect(join(dataDir, "standdown.db")),
  });

/** Goes by a name of its own, so that who cuts the console's connections leaves it alone; a broken one is replaced. */
function lookingPool(place: string): Pool {
  const url = new URL(place);
  url.searchParams.set("application_name", "looks in");
  const pool = new Pool({ connectionString: url.href, max: 1, connectionTimeoutMillis: 5_000, query_timeout: 10_000 });
  pool.on("error", () => undefined);
  return pool;
}
