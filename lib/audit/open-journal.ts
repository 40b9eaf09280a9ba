import "server-only";
import { openStore } from "../db/store";
import type { Database } from "../db/tables";
import { singleton } from "../singleton";
import { importAuditFile } from "./import-file";

/** The store, with the audit of an earlier version taken over. A failure is not kept. */
export function openJournal(): Promise<Database> {
  const slot = singleton("audit.journal", (): { opening: Promise<Database> | null } => ({ opening: null }));
  slot.opening ??= openStore()
    .then(async ({ db }) => {
      await importAuditFile(db);
      return db;
    })
    .catch((error: unknown) => {
      slot.opening = null;
      throw error;
    });
  return slot.opening;
}
