import "server-only";
import { randomUUID } from "node:crypto";
import type { Kysely } from "kysely";

/** Which store this is, and whether it came out of a backup. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("store_identity")
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("store", "text", (column) => column.notNull())
    .addColumn("restored_at", "text")
    .addColumn("restored_from", "text")
    .addColumn("closed", "text")
    .addColumn("acknowledged_by", "text")
    .execute();
  await db
    .withTables<{ store_identity: { id: number; store: string } }>()
    .insertInto("store_identity")
    .values({ id: 1, store: randomUUID() })
    .execute();
}
