import "server-only";
import { sql, type Kysely } from "kysely";

/** Intents of what is done with a run: they stand beside the run's own, one of each kind per cluster. `back`: servers that serve again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("intent")
    .addColumn("kind", "text", (column) => column.notNull().defaultTo("run"))
    .execute();
  await db.schema
    .alterTable("intent")
    .addColumn("back", "text", (column) => column.notNull().defaultTo("[]"))
    .execute();
  await db.schema.dropIndex("intent_one_going").execute();
  await sql`create unique index intent_one_going on intent (cluster_id, kind) where ended_at is null`.execute(db);
}
