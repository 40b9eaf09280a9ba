import "server-only";
import { sql, type Kysely } from "kysely";
import type { Engine } from "../engine";

/**
 * `cluster_turn`: a cluster's lock and the count of what happened to it. Intents carry the turns of their beginning and
 * end, because times of day come from several hosts. Those of before are numbered as their times tell. `made`: the order
 * of plans, which a file has as its own numbers of rows.
 */
export async function up(db: Kysely<unknown>, engine: Engine): Promise<void> {
  await db.schema
    .createTable("cluster_turn")
    .addColumn("cluster_id", "text", (column) => column.primaryKey())
    .addColumn("turn", "bigint", (column) => column.notNull())
    .addColumn("removed_turn", "bigint", (column) => column.notNull().defaultTo(0))
    .addColumn("changed_turn", "bigint", (column) => column.notNull().defaultTo(0))
    .execute();
  for (const name of ["opened_turn", "ended_turn"])
    await db.schema
      .alterTable("intent")
      .addColumn(name, "bigint", (column) => column.notNull().defaultTo(0))
      .execute();
  await db.schema.alterTable("intent").addColumn("run_began_at", "text").execute();
  if (engine === "postgres") await sql`alter table plan add column made bigserial`.execute(db);
  await sql`update intent set opened_turn = numbered.turn, ended_turn = numbered.turn
    from (select plan_id, row_number() over (partition by cluster_id order by opened_at, plan_id) as turn from intent) as numbered
    where numbered.plan_id = intent.plan_id`.execute(db);
  await sql`update intent set ended_turn = 0 where ended_at is null`.execute(db);
  await sql`insert into cluster_turn (cluster_id, turn) select cluster_id, count(*) from intent group by cluster_id`.execute(
    db,
  );
}
