import "server-only";
import type { Database } from "../db/tables";
import { AppError } from "../errors";
import { appendRow } from "./append-row";
import { ON_THE_WAY } from "./attempt";
import { openJournal } from "./open-journal";
import type { AuditLine } from "./schema";

/** What says that an attempt began, and nothing about how it ended. */
export const BEFORE_THE_END: readonly AuditLine["event"][] = ["opened", ...ON_THE_WAY];

/** Writes how an attempt ended, unless that is on record already. False then. */
export async function closeOnce(line: Omit<AuditLine, "at">, on?: Database): Promise<boolean> {
  const close = async (transaction: Database) => {
    // The head is what every line is written under.
    await transaction
      .updateTable("audit_head")
      .set((head) => ({ seq: head.ref("seq") }))
      .where("id", "=", 1)
      .execute();
    if (await hasEnded(line.id, transaction)) return false;
    await appendRow(transaction, line);
    return true;
  };
  if (on) return close(on);
  return (await openJournal()).transaction().execute(close);
}

async function hasEnded(attemptId: string, db: Database): Promise<boolean> {
  const end = db.selectFrom("audit").select("seq").where("attempt_id", "=", attemptId);
  return (await end.where("event", "not in", BEFORE_THE_END).limit(1).executeTakeFirst()) !== undefined;
}

/** Under the cluster's lock: an attempt that is on record as never sent is not sent any more. Throws `never-sent`. */
export async function requireOpen(attemptId: string, transaction: Database): Promise<void> {
  if (await hasEnded(attemptId, transaction)) throw new AppError("never-sent", {}, { recorded: true });
}
