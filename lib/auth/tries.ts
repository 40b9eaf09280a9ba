import "server-only";
import { sql } from "kysely";
import { openStore } from "../db/store";
import { storeNowMs } from "../db/store-clock";
import { AppError } from "../errors";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** How long the name is locked after so many failures in a row; more than the last take as long as the last. */
const LOCKS: readonly { failures: number; minutes: number }[] = [
  { failures: 5, minutes: 1 },
  { failures: 6, minutes: 2 },
  { failures: 7, minutes: 5 },
  { failures: 8, minutes: 15 },
  { failures: 9, minutes: 30 },
];
const LONGEST_MINUTES = 60;

/** One attempt that counts as failed for the time being. */
interface Try {
  name: string;
  /** The lock that this very attempt set; 0 for none. */
  lock: number;
}

/** Who is signed in proves themselves under a count of their own: nobody else can lock them out of it. */
export const proofKey = (userId: string): string => `prove:${userId}`;

/**
 * Counts an attempt as failed before it is looked at, so that attempts side by side count as well. Whoever looks then
 * calls `endTry`, or leaves it failed. Throws `locked-out` with the time that is left.
 */
export async function beginTry(name: string, atMs?: number): Promise<Try> {
  const { db } = await openStore();
  const nowMs = atMs ?? (await storeNowMs());
  await db
    .deleteFrom("sign_in_try")
    .where("last_at", "<", nowMs - DAY_MS)
    .execute();
  const failures = sql<number>`sign_in_try.failures + 1`;
  const minutes = sql<number>`case sign_in_try.failures + 1 ${sql.join(
    LOCKS.map((lock) => sql`when ${sql.lit(lock.failures)} then ${sql.lit(lock.minutes)}`),
    sql` `,
  )} else ${sql.lit(LONGEST_MINUTES)} end`;
  const first = sql.lit(LOCKS[0]?.failures ?? 1);
  const taken = await db
    .insertInto("sign_in_try")
    .values({ name, failures: 1, last_at: nowMs, locked_until: 0 })
    .onConflict((conflict) =>
      conflict
        .column("name")
        .doUpdateSet({
          failures,
          last_at: nowMs,
          locked_until: sql<number>`case when sign_in_try.failures + 1 < ${first} then 0
            else cast(${nowMs} as bigint) + ${sql.lit(MINUTE_MS)} * (${minutes}) end`,
        })
        .where("sign_in_try.locked_until", "<=", nowMs),
    )
    .returning("locked_until")
    .executeTakeFirst();
  if (taken) return { name, lock: taken.locked_until };
  const row = await db.selectFrom("sign_in_try").select("locked_until").where("name", "=", name).executeTakeFirst();
  throw new AppError("locked-out", { params: { wait: waitText((row?.locked_until ?? nowMs) - nowMs) } });
}

/**
 * `passed` forgets all failures of the name. `undecided` takes this one attempt back, because nothing was found out by it:
 * a lock that another attempt set stays.
 */
export async function endTry({ name, lock }: Try, how: "passed" | "undecided"): Promise<void> {
  const { db } = await openStore();
  if (how === "passed") {
    await db.deleteFrom("sign_in_try").where("name", "=", name).execute();
    return;
  }
  await db
    .updateTable("sign_in_try")
    .set((row) => ({
      failures: row("failures", "-", 1),
      locked_until: row.case().when("locked_until", "=", lock).then(0).else(row.ref("locked_until")).end(),
    }))
    .where("name", "=", name)
    .where("failures", ">", 0)
    .execute();
}

function waitText(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1_000));
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, "0")}s`;
}
