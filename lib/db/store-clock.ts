import "server-only";
import { PostgresAdapter, sql } from "kysely";
import { openStore, type Store } from "./store";
import type { Database } from "./tables";

/**
 * The one clock for everything that is written down here and may be judged by another process, Unix ms: the server's own
 * on PostgreSQL. A file has one host, and that host's clock.
 */
export async function storeNowMs(on?: Database): Promise<number> {
  const db = on ?? (await openStore()).db;
  if (!(db.getExecutor().adapter instanceof PostgresAdapter)) return Date.now();
  const { rows } = await sql<{ ms: number }>`select ${serverMs} as ms`.execute(db);
  return rows[0]?.ms ?? Number.NaN;
}

/** As it is written into texts: ISO 8601. */
export const storeNow = async (on?: Database): Promise<string> => new Date(await storeNowMs(on)).toISOString();

const serverMs = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

/**
 * When a lease of so many ms that is taken now ends. Setting the host's clock must not end or prolong one, so a file's
 * count of ms is the one since the machine started, which all its processes share.
 */
export const leaseEnd = ({ engine }: Pick<Store, "engine">, ms: number) =>
  engine === "postgres" ? sql<number>`${serverMs} + ${sql.lit(ms)}` : uptimeMs() + ms;

/** What `leaseEnd` is compared with. */
export async function leaseNowMs(): Promise<number> {
  const { engine } = await openStore();
  return engine === "postgres" ? storeNowMs() : uptimeMs();
}

const uptimeMs = (): number => Math.floor(Number(process.hrtime.bigint() / 1_000_000n));
