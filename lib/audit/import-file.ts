import "server-only";
import { createReadStream } from "node:fs";
import { access, rename } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { config } from "../config";
import type { Database } from "../db/tables";
import { log } from "../log";
import { appendRow } from "./append-row";
import { auditLineSchema, type AuditLine } from "./schema";

/**
 * Takes over the file in which an earlier version kept its audit, once, in one transaction; the file is then renamed
 * and stays. A crash between the two is no harm: what is in the store already is passed over.
 */
export async function importAuditFile(db: Database): Promise<void> {
  const file = join(config().dataDir, "audit.jsonl");
  if (
    !(await access(file).then(
      () => true,
      () => false,
    ))
  )
    return;
  let unreadable = 0;
  let taken = 0;
  await db.transaction().execute(async (transaction) => {
    for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      if (text.trim() === "") continue;
      const line = parseLine(text);
      if (!line) unreadable += 1;
      else if (!(await isKnown(transaction, line))) {
        await appendRow(transaction, { ...line, detail: { ...line.detail, imported: true } });
        taken += 1;
      }
    }
  });
  await rename(file, `${file}.imported`);
  log.info({ file: `${file}.imported`, taken, unreadable }, "the audit file of an earlier version is in the store now");
}

function parseLine(text: string): AuditLine | null {
  try {
    return auditLineSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

const isKnown = async (db: Database, { id, at, event }: AuditLine): Promise<boolean> =>
  (await db
    .selectFrom("audit")
    .select("seq")
    .where("attempt_id", "=", id)
    .where("at", "=", at)
    .where("event", "=", event)
    .executeTakeFirst()) !== undefined;
