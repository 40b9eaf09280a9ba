import "server-only";
import type { Updateable } from "kysely";
import { appendLine } from "../audit/journal";
import { isZoneStop } from "../clusters/stopped-by-us";
import { decide } from "../db/cluster-lock";
import { openStore } from "../db/store";
import type { Tables } from "../db/tables";
import { log } from "../log";
import { holderName, holdUntil } from "./holder";
import { moveIntent, toldLine, type Intent } from "./intents";

/**
 * Writes down the run that an agent has taken the stop as. That answer outweighs what was concluded without it: an
 * intent that meanwhile counts as not sent, closed or another run is taken up again, and the record says so.
 */
export async function acceptIntent(intent: Intent, runId: string, beganAt: string | null = null): Promise<boolean> {
  const change = { state: "accepted" as const, run_id: runId, run_began_at: beganAt };
  const told = { by: "console", event: "accepted" as const, outcome: { runId } };
  if (await moveIntent(intent, ["open", "unknown"], change, [told])) return true;
  return reopen(intent, runId, change);
}

type Change = Updateable<Pick<Tables["intent"], "state" | "run_id" | "run_began_at">>;

async function reopen(intent: Intent, runId: string, change: Change): Promise<boolean> {
  const { planId, clusterId, kind } = intent;
  const store = await openStore();
  const isReopened = await decide(clusterId, async (transaction) => {
    const others = transaction.selectFrom("intent").select("plan_id").where("cluster_id", "=", clusterId);
    const going = others.where("kind", "=", kind).where("ended_at", "is", null).where("plan_id", "!=", planId);
    // Where another stop of the cluster was let through, this one is followed beside it.
    const again = (await going.executeTakeFirst()) ? {} : { ended_at: null, ended_turn: 0 };
    const reopened = await transaction
      .updateTable("intent")
      .set({
        ...change,
        ...again,
        recorded_at: null,
        silent: "[]",
        progress: "{}",
        zone_stop: isZoneStop(intent.request) ? 1 : 0,
        holder: holderName(),
        held_until: holdUntil(store),
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
