import "server-only";
import { storeNow } from "../db/store-clock";
import type { Database } from "../db/tables";
import { columnsOf, hashOf } from "./chain";
import { auditLineSchema, type AuditLine } from "./schema";

/** Adds the next link of the chain, inside a transaction. The head is locked first, so that rows come one after the other. */
export async function appendRow(
  transaction: Database,
  line: Omit<AuditLine, "at"> & Partial<Pick<AuditLine, "at">>,
): Promise<void> {
  if (!transaction.isTransaction) throw new Error("a line and the head of the chain are written in one transaction");
  const head = await transaction
    .updateTable("audit_head")
    .set((set) => ({ seq: set("seq", "+", 1) }))
    .where("id", "=", 1)
    .returning(["seq", "hash"])
    .executeTakeFirstOrThrow();
  // Read under the lock, so that the times run with the numbers.
  const full = auditLineSchema.parse({ ...line, at: line.at ?? (await storeNow(transaction)) });
  const before = await transaction
    .selectFrom("audit")
    .select("seq")
    .where("attempt_id", "=", full.id)
    .limit(1)
    .executeTakeFirst();
  const row = {
    seq: head.seq,
    ...columnsOf(full),
    is_first: before ? 0 : 1,
    line: JSON.stringify(full),
    previous: head.hash,
  };
  const hash = hashOf(row);
  await transaction
    .insertInto("audit")
    .values({ ...row, hash })
    .execute();
  await transaction.updateTable("audit_head").set({ hash }).where("id", "=", 1).execute();
}
