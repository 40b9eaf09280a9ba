import "server-only";
import type { Kysely } from "kysely";

/** `zone_stop`: a stop of a zone as a zone is remembered until a start takes it back, however old it is. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("intent")
    .addColumn("zone_stop", "integer", (column) => column.notNull().defaultTo(0))
    .execute();
}
