import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import { stopwatch } from "../clock";
import { storeNowMs } from "../db/store-clock";
import { log } from "../log";
import { nullIfAppError } from "../errors";
import { taskOwner } from "../obshell/wire/task-id";
import { askRun } from "../tasks/ask-run";
import { findRun, type FoundRun } from "../tasks/find-run";
import { gaveNoAnswer } from "../tasks/untold";
import { holdIntent, moveIntent, noteSilent, type Intent } from "./intents";
import { closeAsRemoved, isRemoved } from "./removed-cluster";
import { roundMs, settleMs } from "./rhythm";

/** After this long with silent agents the looking goes on, but less often. */
const PATIENT_MS = 120_000;
/** A run that began later than this after the sending is somebody else's. */
const LATE_MS = 90_000;
const SURE_NONES = 2;

/**
 * Looks for the run of a stop whose answer nobody has (ux C-11), until it is found, or every agent has answered that
 * there is none, or a person has closed the entry.
 */
export async function resolveSend(held: Intent): Promise<void> {
  const sinceBegun = stopwatch();
  let nones = 0;
  for (;;) {
    const intent = await holdIntent(held);
    if (intent?.state !== "open" && intent?.state !== "unknown") return;
    if (await isRemoved(intent.clusterId)) return void (await closeAsRemoved(intent));
    const seen = await look(intent);
    const settled = sinceBegun() > settleMs();
    if (seen?.found) return void (await found(intent, seen.found));
    nones = settled && seen?.isSure ? nones + 1 : 0;
    if (nones >= SURE_NONES) return void (await none(intent));
    if (seen) await noteSilent(held.planId, seen.silent);
    const patient = sinceBegun() > PATIENT_MS;
    await sleep(roundMs() * (patient ? 5 : 1), undefined, { ref: false });
  }
}

async function look({ clusterId, coordinator, request, planId }: Intent) {
  const { action, coordinatorMs, method, path, scope, runId } = request;
  const targets = request.inScope.length > 0 ? request.inScope : request.targets;
  try {
    if (runId !== "") return await lookAtRun(clusterId, request);
    // By the store's clock it is so long ago, whatever clock this host has.
    const agoMs = Math.max(0, (await storeNowMs()) - request.sentAtMs);
    const sentAtMs = Date.now() - agoMs;
    const untilMs = Math.min(Date.now(), sentAtMs + LATE_MS);
    const name = action === "start" ? ("Start OB" as const) : ("Stop OB" as const);
    const asked = { method, targets, path, scope };
    return await findRun(clusterId, { name, coordinator, sentAtMs, coordinatorMs, untilMs, asked });
  } catch (error) {
    log.warn({ clusterId, planId, err: error }, "looking for a stop whose answer was lost");
    return null;
  }
}

/** A run that was to be taken up again: as long as it stands where it stood, nobody has taken it up. */
async function lookAtRun(clusterId: string, { runId, stoodAt }: Intent["request"]): Promise<FoundRun> {
  try {
    const { dag, ended } = await askRun(clusterId, runId);
    return { found: ended && dag.endedAt === stoodAt ? null : runId, silent: [], isSure: true };
  } catch (error) {
    nullIfAppError(error);
    const owner = taskOwner(runId);
    return { found: null, silent: owner !== null && gaveNoAnswer(error) ? [owner] : [], isSure: false };
  }
}

const found = (intent: Intent, runId: string) =>
  moveIntent(intent, ["open", "unknown"], { state: "accepted", run_id: runId, silent: "[]" }, [
    { by: "console", event: "resolved", outcome: { runId } },
  ]);

function none(intent: Intent) {
  const change = { state: "none", ends: true, records: true, silent: "[]", zone_stop: 0 } as const;
  return moveIntent(intent, ["open", "unknown"], change, [
    { by: "console", event: "resolved", outcome: { kind: "none" } },
  ]);
}
