import "server-only";
import { appendLine } from "../audit/journal";
import { isZoneStop } from "../clusters/stopped-by-us";
import { isDuplicate } from "../db/engine";
import { openStore } from "../db/store";
import type { Tables } from "../db/tables";
import { log } from "../log";
import { holderName, holdUntil } from "./holder";
import { moveIntent, toldLine, type Intent } from "./intents";

/**
 * Writes down the run that an agent has taken the stop as. That answer outweighs what was concluded without it: an
 * intent that meanwhile counts as not sent, closed or another run is taken up again, and the record says so.
 */
export async function acceptIntent(intent: Intent, runId: string): Promise<boolean> {
  const change = { state: "accepted" as const, run_id: runId };
  const told = { by: "console", event: "accepted" as const, outcome: { runId } };
  if (await moveIntent(intent, ["open", "unknown"], change, [told])) return true;
  try {
    return await reopen(intent, runId, { ...change, ended_at: null });
  } catch (error) {
    // Another stop of the cluster was let through: this one is followed beside it.
    if (!isDuplicate(error)) throw error;
    return reopen(intent, runId, change);
  }
}

type Change = Partial<Pick<Tables["intent"], "state" | "run_id" | "ended_at">>;

async function reopen(intent: Intent, runId: string, change: Change): Promise<boolean> {
  const { planId } = intent;
  const { db } = await openStore();
  const isReopened = await db.transaction().execute(async (transaction) => {
    const reopened = await transaction
      .updateTable("intent")
      .set({
        ...change,
        recorded_at: null,
        silent: "[]",
        progress: "{}",
        zone_stop: isZoneStop(intent.request) ? 1 : 0,
        holder: holderName(),
        held_until: holdUntil(),
      })
      .where("plan_id", "=", planId)
      // Found by another process meanwhile, it is what it should be.
      .where(({ or, eb }) => or([eb("state", "!=", "accepted"), eb("run_id", "!=", runId)]))
      .executeTakeFirst();
    if (reopened.numUpdatedRows === 0n) return false;
    await appendLine(toldLine(intent, { by: "console", event: "accepted", outcome: { runId } }), transaction);
    return true;
  });
  if (isReopened)
    log.error({ planId, runId }, "an agent took a stop that the record had given up; it is followed again");
  return true;
}
