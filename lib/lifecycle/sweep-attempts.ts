import "server-only";
import { closeOnce } from "../audit/close-once";
import { unfinishedAttempts } from "../audit/unfinished-attempts";
import { decide } from "../db/cluster-lock";
import type { Database } from "../db/tables";
import { log } from "../log";
import { cancelOf } from "./intents";

/** A press is judged and committed within seconds; beside it there is time for a cancel that comes first. */
const AFTER_MS = 40_000;

/**
 * Ends what was to be sent and never came as far as the store: its process was killed, or lost the store at that moment. The
 * intent is committed before anything goes out, so what has none was never sent. Under the cluster's lock, where the intent
 * would be committed: one that comes later is refused.
 */
export async function sweepAttempts({ afterMs = AFTER_MS } = {}): Promise<void> {
  for (const { id, action, cluster, detail } of await unfinishedAttempts(afterMs)) {
    if (!cluster) continue;
    const ending = { id, action, cluster, by: "console", event: "refused" as const, detail: {} };
    const isClosed = await decide(cluster.id, async (transaction) => {
      if (await isUnderWay(id, detail.planId ?? null, transaction)) return false;
      return closeOnce({ ...ending, outcome: { kind: "never-sent" } }, transaction);
    });
    if (isClosed) log.warn({ attempt: id, action }, "an attempt that was never sent is ended in the record");
  }
}

/** It has an intent of its own, or waits behind a cancel that comes first. */
async function isUnderWay(attemptId: string, planId: string | null, transaction: Database): Promise<boolean> {
  const intent = await transaction
    .selectFrom("intent")
    .select("plan_id")
    .where(({ or, eb, and }) =>
      or([
        eb("attempt_id", "=", attemptId),
        ...(planId === null ? [] : [and([eb("plan_id", "=", cancelOf(planId)), eb("ended_at", "is", null)])]),
      ]),
    )
    .executeTakeFirst();
  return intent !== undefined;
}
