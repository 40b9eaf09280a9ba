import "server-only";
import type { Kysely } from "kysely";

/** Members of a cluster that a person has set aside for the majority verdict, because they are gone for good. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("set_aside")
    .addColumn("cluster_id", "text", (column) => column.notNull())
    .addColumn("member", "text", (column) => column.notNull())
    .addColumn("server", "text", (column) => column.notNull())
    .addColumn("person", "text", (column) => column.notNull())
    .addColumn("reason", "text", (column) => column.notNull())
    .addColumn("since", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("set_aside_of", ["cluster_id", "member"])
    .execute();
}
