import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import { RECORDS_LOST } from "../audit/schema";
import { stopwatch } from "../clock";
import { readTopology } from "../clusters/topology";
import { storeNowMs } from "../db/store-clock";
import { log } from "../log";
import { isAppError, nullIfAppError } from "../errors";
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
    if (seen?.found && seen.isStoreLost) return void (await foundGone(intent, seen.found));
    if (seen?.found) return void (await found(intent, seen.found));
    nones = settled && seen?.isSure ? nones + 1 : 0;
    if (nones >= SURE_NONES) return void (await none(intent, seen?.isStoreLost ?? false));
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
    // Its agent answers and knows no such run: it has lost its records, and the run with them.
    if (isAppError(error) && error.kind === "task-not-found" && owner !== null)
      return { found: null, silent: [], isSure: true, isStoreLost: true };
    return { found: null, silent: owner !== null && gaveNoAnswer(error) ? [owner] : [], isSure: false };
  }
}

const found = (intent: Intent, runId: string) =>
  moveIntent(intent, ["open", "unknown"], { state: "accepted", run_id: runId, silent: "[]" }, [
    { by: "console", event: "resolved", outcome: { runId } },
  ]);

/** Others took part in it, and the agent that made it knows it no more: there is nothing to follow. */
async function foundGone(intent: Intent, runId: string) {
  const change = { state: "accepted", run_id: runId, silent: "[]", ends: true, records: true } as const;
  return moveIntent(intent, ["open", "unknown"], change, [
    { by: "console", event: "resolved", outcome: { runId } },
    {
      ...{ by: "console", event: "closed", outcome: { runId, kind: "task-not-found" } },
      detail: { text: await serversNow(intent) },
    },
  ]);
}

/** What is said is what was looked at: where records were lost, that nobody holds a run of it says little. */
async function none(intent: Intent, recordsLost: boolean) {
  const progress = JSON.stringify({ ...intent.progress, recordsLost });
  const change = { state: "none", ends: true, records: true, silent: "[]", zone_stop: 0, progress } as const;
  return moveIntent(intent, ["open", "unknown"], change, [
    recordsLost
      ? {
          ...{ by: "console", event: "resolved", outcome: { kind: RECORDS_LOST } },
          detail: { text: await serversNow(intent) },
        }
      : { by: "console", event: "resolved", outcome: { kind: "none" } },
  ]);
}

const SHOWN = 10;

/** How the servers stand by what they say themselves, as the record has it, which is English. */
async function serversNow({ clusterId, request }: Intent): Promise<string> {
  const topology = await readTopology(clusterId, { maxAgeMs: 0 }).catch(nullIfAppError);
  const servers = topology?.zones.flatMap((zone) => zone.servers) ?? [];
  const targets = servers.filter(({ address }) => request.targets.includes(address));
  const told = targets.slice(0, SHOWN).map(({ address, state }) => `${address} ${state}`);
  return topology ? ["its servers now", ...told].join(" · ") : "its servers could not be looked at";
}
