import "server-only";
import { appendLine } from "../audit/journal";
import { isZoneStop } from "../clusters/stopped-by-us";
import { isDuplicate } from "../db/engine";
import { openStore } from "../db/store";
import { AppError } from "../errors";
import { askRun } from "../tasks/ask-run";
import { holderName, holdUntil } from "./holder";
import { moveIntent, openIntentsOf, readIntent, toldLine, type Intent, type IntentRequest } from "./intents";
import type { Part } from "./schema";

export interface IntentOpening {
  planId: string;
  kind: Intent["kind"];
  clusterId: string;
  attemptId: string;
  person: string;
  coordinator: string;
  request: IntentRequest;
  /** Requests of an operation. */
  parts: readonly Part[];
  /** A run that was ended for this one: its end makes no look old. */
  cancels: string | null;
  /** Console time at which the cluster was looked at for the last time. */
  lookedAtMs: number;
}

/**
 * Commits that this plan is about to be sent, with its audit line, before the first byte goes to an agent. The store lets
 * a plan through once, and one stop per cluster that is not over: throws `plan-used` or `stop-in-progress`. null when
 * another stop stood in the way that was over and is out of the way now: the cluster has to be looked at again.
 */
export async function openIntent(opening: IntentOpening): Promise<Intent | null> {
  try {
    return await insertIntent(opening);
  } catch (error) {
    if (!isDuplicate(error)) throw error;
  }
  if (await readIntent(opening.planId)) throw new AppError("plan-used");
  if (opening.kind === "operation") throw new AppError("stop-in-progress");
  await freeCluster(opening.clusterId);
  return null;
}

async function insertIntent(opening: IntentOpening): Promise<Intent> {
  const { planId, kind, clusterId, attemptId, person, coordinator, request, lookedAtMs } = opening;
  const { db } = await openStore();
  const intent: Intent = {
    ...{ planId, kind, clusterId, attemptId, person, coordinator, request },
    openedAt: new Date().toISOString(),
    state: "open",
    ...{ runId: null, silent: [], endedAt: null, recordedAt: null },
    progress: {
      ...{ stage: 0, failures: [], silentSince: null, done: [], refused: false },
      parts: opening.parts.map((part) => ({ ...part, result: "waiting", agentCode: null })),
    },
    holder: holderName(),
    heldUntil: holdUntil(),
  };
  await db.transaction().execute(async (transaction) => {
    await transaction
      .insertInto("intent")
      .values({
        ...{ plan_id: planId, kind, cluster_id: clusterId, attempt_id: attemptId, person, coordinator },
        request: JSON.stringify(request),
        opened_at: intent.openedAt,
        state: intent.state,
        silent: "[]",
        zone_stop: isZoneStop(request) ? 1 : 0,
        ...{ holder: intent.holder, held_until: intent.heldUntil, progress: JSON.stringify(intent.progress) },
      })
      .execute();
    // What came and went since the last look makes that look old, and no run begins while one is worked on.
    const lookedAt = new Date(lookedAtMs).toISOString();
    const others = await transaction
      .selectFrom("intent")
      .select(["kind", "run_id", "opened_at", "ended_at"])
      .where("cluster_id", "=", clusterId)
      .where("plan_id", "!=", planId)
      .where(({ or, eb }) => or([eb("ended_at", ">", lookedAt), eb("ended_at", "is", null)]))
      .execute();
    const isInTheWay = others.some(
      (other) =>
        (other.ended_at !== null || other.kind === "operation") &&
        !(opening.cancels !== null && other.run_id === opening.cancels),
    );
    // Something done with a run comes while it goes on, or after it; what began since the look is another matter.
    const isNew = others.some((other) => other.kind === "run" && other.opened_at > lookedAt);
    if (kind === "run" ? isInTheWay : isNew) throw new AppError("stop-in-progress");
    const detail = { planId, coordinator };
    await appendLine(toldLine(intent, { by: person, event: "confirmed", detail }), transaction);
  });
  return intent;
}

/** Another run stands in the way: it is over when the engine says so, whoever was to notice. Throws `stop-in-progress`. */
export async function freeCluster(clusterId: string): Promise<void> {
  const other = (await openIntentsOf(clusterId)).find((intent) => intent.kind === "run");
  if (!other) return;
  const run = other.runId === null ? null : await askRun(clusterId, other.runId).catch(() => null);
  if (!run?.ended) throw new AppError("stop-in-progress", other.runId === null ? {} : { params: { run: other.runId } });
  await moveIntent(other, ["accepted"], { ended_at: new Date().toISOString() }, []);
}
