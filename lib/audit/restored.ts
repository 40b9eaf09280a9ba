import "server-only";
import { openStore } from "../db/store";
import { appendRow } from "./append-row";
import { closedSchema, type Closed } from "./close-unended";

/** That the store came out of a backup, for as long as no administrator has taken note of it. */
export interface RestoredNotice {
  at: string;
  /** Name of the backup. */
  from: string;
  closed: Closed;
}

/** null when there is nothing to take note of. */
export async function readRestored(): Promise<RestoredNotice | null> {
  const { db } = await openStore();
  const row = await db.selectFrom("store_identity").selectAll().where("acknowledged_by", "is", null).executeTakeFirst();
  if (!row?.restored_at || !row.restored_from || !row.closed) return null;
  return { at: row.restored_at, from: row.restored_from, closed: closedSchema.parse(JSON.parse(row.closed)) };
}

/** Says that this person knows of it, in the entry of the restore. Once. */
export async function acknowledgeRestored(person: string): Promise<null> {
  const { db } = await openStore();
  await db.transaction().execute(async (on) => {
    const taken = await on
      .updateTable("store_identity")
      .set({ acknowledged_by: person })
      .where("restored_at", "is not", null)
      .where("acknowledged_by", "is", null)
      .executeTakeFirst();
    if (taken.numUpdatedRows === 0n) return;
    const entry = await on
      .selectFrom("audit")
      .select("attempt_id")
      .where("action", "=", "store.restore")
      .where("is_first", "=", 1)
      .orderBy("seq", "desc")
      .limit(1)
      .executeTakeFirstOrThrow();
    const line = { id: entry.attempt_id, action: "store.restore" as const, cluster: null, detail: {} };
    await appendRow(on, { ...line, by: person, event: "closed" });
  });
  return null;
}
