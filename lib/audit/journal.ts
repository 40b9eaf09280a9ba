import "server-only";
import { openStore } from "../db/store";
import type { Database } from "../db/tables";
import { AppError } from "../errors";
import { log } from "../log";
import { singleton } from "../singleton";
import { appendRow } from "./append-row";
import { toAttempts } from "./attempt";
import { importAuditFile } from "./import-file";
import { auditLineSchema, type Attempt, type AuditLine } from "./schema";

/** A store that hangs must not hold a stop for ever: after this long it counts as unwritable. */
const APPEND_TIMEOUT_MS = 10_000;
const MOST_ATTEMPTS = 1_000;

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

/**
 * Writes one line and waits until it is committed. With `on`, a transaction, the line is part of it; write it last,
 * because from then on no other line can be written until the transaction ends. Any failure is `audit-unwritable`:
 * then nothing may be sent, although after a timeout the line may still turn out to be in the store.
 */
export async function appendLine(line: Omit<AuditLine, "at">, on?: Database): Promise<void> {
  try {
    const written = on
      ? appendRow(on, line)
      : openJournal().then((db) => db.transaction().execute((transaction) => appendRow(transaction, line)));
    await withTimeout(written);
  } catch (cause) {
    throw new AppError("audit-unwritable", {}, { cause });
  }
}

/** Attempts on a cluster, newest first. `sent`: only those that led to a run. */
export async function attempts(
  clusterId: string,
  { sent = false, limit = MOST_ATTEMPTS }: { sent?: boolean; limit?: number } = {},
): Promise<Attempt[]> {
  return readable(async (db) => {
    let firsts = db
      .selectFrom("audit as first")
      .select("attempt_id")
      .where("is_first", "=", 1)
      .where("cluster_id", "=", clusterId);
    if (sent)
      firsts = firsts.where(({ exists, selectFrom }) =>
        exists(
          selectFrom("audit as later")
            .select("later.seq")
            .whereRef("later.attempt_id", "=", "first.attempt_id")
            .where("later.run_id", "is not", null),
        ),
      );
    const rows = await firsts.orderBy("seq", "desc").limit(limit).execute();
    return readAttempts(
      db,
      rows.map((row) => row.attempt_id),
    );
  });
}

/** The attempt that led to this run; null when this console did not send it. */
export async function attemptOfRun(clusterId: string, runId: string): Promise<Attempt | null> {
  return readable(async (db) => {
    const row = await db
      .selectFrom("audit")
      .select("attempt_id")
      .where("cluster_id", "=", clusterId)
      .where("run_id", "=", runId)
      .orderBy("seq")
      .limit(1)
      .executeTakeFirst();
    const [attempt] = row ? await readAttempts(db, [row.attempt_id]) : [];
    return attempt ?? null;
  });
}

/** Whole attempts, in the order of these ids. */
async function readAttempts(db: Database, ids: readonly string[]): Promise<Attempt[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom("audit")
    .select(["seq", "line"])
    .where("attempt_id", "in", ids)
    .orderBy("seq")
    .execute();
  const found = new Map(toAttempts(rows.flatMap(parseRow)).map((attempt) => [attempt.id, attempt]));
  return ids.flatMap((id) => found.get(id) ?? []);
}

function parseRow({ seq, line }: { seq: number; line: string }): AuditLine[] {
  try {
    return [auditLineSchema.parse(JSON.parse(line))];
  } catch (error) {
    log.warn({ seq, err: error }, "an audit row cannot be read and is left out; npm run audit -- verify names it");
    return [];
  }
}

/** What cannot be read is as good as unwritable: in both cases nothing may be sent. */
async function readable<T>(read: (db: Database) => Promise<T>): Promise<T> {
  try {
    return await read(await openJournal());
  } catch (cause) {
    throw new AppError("audit-unwritable", {}, { cause });
  }
}

function withTimeout(written: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not committed after ${APPEND_TIMEOUT_MS} ms`)), APPEND_TIMEOUT_MS);
  });
  return Promise.race([written, late]).finally(() => clearTimeout(timer));
}
