import "server-only";
import type { Database } from "../db/tables";
import { AppError } from "../errors";
import { log } from "../log";
import { isStoreAway, storeUnavailable } from "../store-away";
import { toAttempts } from "./attempt";
import { firstLines, type AuditScope } from "./first-lines";
import { openJournal } from "./open-journal";
import { auditLineSchema, type Attempt, type AuditLine, type AuditQuery } from "./schema";

/** A page of attempts, newest first; `next` is the `before` of the page after it, null on the last one. */
export function findAttempts(
  scope: AuditScope,
  query: AuditQuery,
  limit: number,
): Promise<{ attempts: Attempt[]; next: number | null }> {
  return readable(async (db) => {
    let firsts = firstLines(db, scope, query).select(["first.seq", "first.attempt_id"]);
    if (query.before !== undefined) firsts = firsts.where("first.seq", "<", query.before);
    const rows = await firsts
      .orderBy("first.seq", "desc")
      .limit(limit + 1)
      .execute();
    const page = rows.slice(0, limit);
    const attempts = await readWhole(
      db,
      page.map((row) => row.attempt_id),
    );
    return { attempts, next: rows.length > limit ? (page.at(-1)?.seq ?? null) : null };
  });
}

/** Whole attempts, in the order of these ids. */
export async function readWhole(db: Database, ids: readonly string[]): Promise<Attempt[]> {
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

export function parseRow({ seq, line }: { seq: number; line: string }): { seq: number; line: AuditLine }[] {
  try {
    return [{ seq, line: auditLineSchema.parse(JSON.parse(line)) }];
  } catch (error) {
    log.warn({ seq, err: error }, "an audit row cannot be read and is left out; npm run audit -- verify names it");
    return [];
  }
}

/** What cannot be read is as good as unwritable: in both cases nothing may be sent. */
export async function readable<T>(read: (db: Database) => Promise<T>): Promise<T> {
  try {
    return await read(await openJournal());
  } catch (cause) {
    throw isStoreAway(cause) ? storeUnavailable(cause) : new AppError("audit-unwritable", {}, { cause });
  }
}
