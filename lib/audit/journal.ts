import "server-only";
import type { Database } from "../db/tables";
import { AppError } from "../errors";
import { isStoreAway, storeUnavailable } from "../store-away";
import { appendRow } from "./append-row";
import { firstLines, isSent, MAKING } from "./first-lines";
import { openJournal } from "./open-journal";
import { readable, readWhole } from "./read-attempts";
import { sendingAction, type Attempt, type AuditLine } from "./schema";

/** A store that hangs must not hold a stop for ever: after this long it counts as unwritable. */
const APPEND_TIMEOUT_MS = 10_000;
const MOST_ATTEMPTS = 1_000;

/**
 * Writes one line and waits until it is committed. With `on`, a transaction, the line is part of it; write it last,
 * because from then on no other line can be written until the transaction ends. Any failure is `audit-unwritable`, or
 * `store-unavailable` while the store is away: then nothing may be sent, although after a timeout the line may still turn
 * out to be in the store.
 */
export async function appendLine(line: Omit<AuditLine, "at">, on?: Database): Promise<void> {
  try {
    const written = on
      ? appendRow(on, line)
      : openJournal().then((db) => db.transaction().execute((transaction) => appendRow(transaction, line)));
    await withTimeout(written);
  } catch (cause) {
    throw isStoreAway(cause) ? storeUnavailable(cause) : new AppError("audit-unwritable", {}, { cause });
  }
}

/** Attempts on a cluster, newest first. `sent`: only those that led to a run. */
export function attempts(
  clusterId: string,
  { sent = false, limit = MOST_ATTEMPTS }: { sent?: boolean; limit?: number } = {},
): Promise<Attempt[]> {
  return readable(async (db) => {
    const firsts = firstLines(db, { clusters: [clusterId], console: false }, {});
    const rows = await (sent ? firsts.where(isSent) : firsts)
      .select("first.attempt_id")
      .orderBy("first.seq", "desc")
      .limit(limit)
      .execute();
    return readWhole(
      db,
      rows.map((row) => row.attempt_id),
    );
  });
}

/** The attempt that led to this run; null when this console did not send it. */
export function attemptOfRun(clusterId: string, runId: string): Promise<Attempt | null> {
  return readable(async (db) => {
    const rows = await db
      .selectFrom("audit")
      .select("attempt_id")
      .where("cluster_id", "=", clusterId)
      .where("run_id", "=", runId)
      .groupBy("attempt_id")
      .orderBy(({ fn }) => fn.min("seq"))
      .execute();
    const found = await readWhole(
      db,
      rows.map((row) => row.attempt_id),
    );
    return found.find((attempt) => MAKING.includes(attempt.opened.action)) ?? null;
  });
}

/** The first lines of the attempts that made these runs, each beside the lines that name the run. */
const makersOf = (db: Database, clusterId: string, runIds: readonly string[]) =>
  db
    .selectFrom("audit")
    .innerJoin("audit as first", (join) =>
      join.onRef("first.attempt_id", "=", "audit.attempt_id").on("first.is_first", "=", 1),
    )
    .where("audit.cluster_id", "=", clusterId)
    .where("audit.run_id", "in", runIds)
    .where("first.action", "in", MAKING);

/** Who sent these runs, by run; those that this console did not send are left out. One question, however many they are. */
export function sendersOf(clusterId: string, runIds: readonly string[]): Promise<Map<string, string>> {
  if (runIds.length === 0) return Promise.resolve(new Map());
  return readable(async (db) => {
    const rows = await makersOf(db, clusterId, runIds)
      .select(["audit.run_id", "first.person"])
      .orderBy("first.seq", "desc")
      .execute();
    // The oldest is the one that made it.
    return new Map(rows.flatMap(({ run_id, person }) => (run_id === null ? [] : [[run_id, person] as const])));
  });
}

const MOST_FOLLOW_UPS = 50;

/** What was sent because of this run, oldest first: what was done with it, and the runs that took it up (ux V-2). */
export function followUpsOf(clusterId: string, runId: string): Promise<Attempt[]> {
  return readable(async (db) => {
    const made = await makersOf(db, clusterId, [runId])
      .select(({ fn }) => fn.min("first.seq").as("seq"))
      .executeTakeFirst();
    const rows = await firstLines(db, { clusters: [clusterId], console: false }, {})
      .where("first.action", "in", sendingAction.options)
      // Nothing follows a run before it is sent, and lines are long: the older ones are not searched.
      .where("first.seq", ">", made?.seq ?? 0)
      // An id is digits alone, and the line is JSON that this console wrote.
      .where("first.line", "like", `%"continues":"${runId.replace(/\D/g, "")}"%`)
      .select("first.attempt_id")
      .orderBy("first.seq", "desc")
      .limit(MOST_FOLLOW_UPS)
      .execute();
    const found = await readWhole(
      db,
      rows.map((row) => row.attempt_id),
    );
    return found.filter((attempt) => attempt.outcome?.runId !== undefined).reverse();
  });
}

function withTimeout(written: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not committed after ${APPEND_TIMEOUT_MS} ms`)), APPEND_TIMEOUT_MS);
  });
  return Promise.race([written, late]).finally(() => clearTimeout(timer));
}
