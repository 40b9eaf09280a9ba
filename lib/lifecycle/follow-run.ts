import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import type { Done } from "../clusters/schema";
import { agentOf } from "../clusters/registry";
import { mayHaveActed, noteZonesStarted } from "../clusters/stopped-by-us";
import { glimpse } from "../clusters/topology";
import { storeNow } from "../db/store-clock";
import { isAppError, type FailureKind } from "../errors";
import { log } from "../log";
import { askRun } from "../tasks/ask-run";
import { mayBe } from "../tasks/is-our-run";
import { readRun } from "../tasks/read-run";
import type { Run, RunAnswer } from "../tasks/schema";
import { doneBy, type Watched } from "./done-by-run";
import { holdIntent, moveIntent, sentWith, type Intent, type Progress } from "./intents";
import { closeAsRemoved, isRemoved } from "./removed-cluster";
import { roundMs } from "./rhythm";
import { endOf, isOver, tellRun } from "./run-story";

/** The agent that holds the run says that it does not know it, this often in a row, before that is believed. */
const SURE_UNKNOWNS = 5;
const NO_MEMBER = "agent-not-in-cluster" satisfies FailureKind;
/** Who is a member is told by a picture no older than this. */
const TOLD_MS = 30_000;
/** It says that a run which was taken up again stands where it stood, this often in a row, before that is its new end. */
const SURE_RESTS = 5;
const DETAIL_TIMEOUT_MS = 10_000;

/** Follows an accepted run to its end, whether or not a browser watches it, and tells the audit what happens. */
export async function followRun(held: Intent): Promise<void> {
  let unknowns = 0;
  let rests = 0;
  let done: Done | null = null;
  for (;;) {
    const intent = await holdIntent(held);
    if (!intent?.runId) return;
    if (await isRemoved(intent.clusterId)) return void (await closeAsRemoved(intent));
    const answer = await look(intent.clusterId, intent.runId);
    const seen = "run" in answer ? answer.run : null;
    const failure = "failure" in answer ? answer.failure : null;
    const isGone = failure === "task-not-found" || failure === NO_MEMBER;
    const whose = seen === null ? "ours" : await whoseRun(intent, seen);
    unknowns = isGone || whose === "another" || isNotKnown(seen) ? unknowns + 1 : 0;
    if (unknowns >= SURE_UNKNOWNS)
      return void (await closeAsNotKnown(intent, failure === NO_MEMBER ? NO_MEMBER : "task-not-found"));
    if (whose !== "ours") {
      await sleep(roundMs(), undefined, { ref: false });
      continue;
    }
    if (seen && isOld(seen, intent) && rests < SURE_RESTS) {
      rests = (await isAtRest(intent)) ? rests + 1 : 0;
      await sleep(roundMs(), undefined, { ref: false });
      continue;
    }
    if (seen && "run" in answer)
      done = doneBy(done ?? intent.progress.done, { ...around(intent), run: seen, tasks: answer.tasks });
    const progress = await tell(intent, { run: seen, done, failure });
    if (seen?.settled) return void (await finish(intent, seen, progress));
    await sleep(roundMs(), undefined, { ref: false });
  }
}

/** `NO_MEMBER`: the cluster names its members, and who took the run is none of them. */
async function look(clusterId: string, runId: string): Promise<RunAnswer | { failure: FailureKind }> {
  try {
    return await readRun(clusterId, runId);
  } catch (error) {
    if (!isAppError(error)) log.error({ clusterId, runId, err: error }, "a run cannot be followed for a moment");
    if (!isAppError(error)) return { failure: "internal" };
    const isStranger = error.kind === "run-unknown" && error.facts.params?.why === "stranger" && isTold(clusterId);
    return { failure: isStranger ? NO_MEMBER : error.kind };
  }
}

const isTold = (clusterId: string): boolean => {
  const { topology, ageMs } = glimpse(clusterId);
  return topology?.databaseReachable === true && ageMs !== null && ageMs <= TOLD_MS;
};

/** An agent writes down the same beginning each time, to this. */
const SAME_MS = 50;
/** A retry or a cancel sets the beginning anew; what is left of it is that of the first step, which comes within this. */
const FIRST_STEP_MS = 3_000;

/** An agent that lost its records gives ids anew: the beginning tells the runs apart, and what they do where that is near. */
async function whoseRun(
  { clusterId, coordinator, runBeganAt, request }: Intent,
  run: Run,
): Promise<"ours" | "another" | "untold"> {
  if (runBeganAt === null || run.beganAt === null) return "ours";
  const apartMs = Math.abs(Date.parse(run.beganAt) - Date.parse(runBeganAt));
  if (apartMs <= SAME_MS) return "ours";
  if (apartMs > FIRST_STEP_MS) return "another";
  const { method, path, scope, inScope } = request;
  try {
    const agent = agentOf(clusterId, coordinator);
    const dag = await agent.dag(run.id, { timeoutMs: DETAIL_TIMEOUT_MS });
    const targets = inScope.length > 0 ? inScope : request.targets;
    return (await mayBe(agent, dag, { method, path, scope, targets })) ? "ours" : "another";
  } catch (error) {
    if (isAppError(error)) return "untold";
    throw error;
  }
}

/** What is remembered of a run that was taken up again is from before. */
const isOld = (run: Run, { request: { stoodAt } }: Intent): boolean =>
  stoodAt !== null && isOver(run) && run.endedAt === stoodAt;

/** Asks the agent itself, and makes whoever watches the run look as well. */
async function isAtRest({ clusterId, request: { runId, stoodAt } }: Intent): Promise<boolean> {
  try {
    await readRun(clusterId, runId, { look: true });
    const { dag, ended } = await askRun(clusterId, runId);
    return ended && dag.endedAt === stoodAt;
  } catch (error) {
    if (isAppError(error)) return false;
    throw error;
  }
}

/** A picture from before the sending says nothing about what came of it. */
function around({ clusterId, openedTurn }: Intent): Pick<Watched, "topology"> {
  const { topology, turn } = glimpse(clusterId);
  return { topology: turn >= openedTurn ? topology : null };
}

const isNotKnown = (run: Run | null): boolean =>
  run?.state === "UNKNOWN" && run.problems.some((problem) => problem.kind === "task-not-found");

interface Seen {
  run: Run | null;
  done: Done | null;
  /** Why there is no run. */
  failure: FailureKind | null;
}

/** The cluster is free for the next stop when the engine is done; what the servers show is still to come. */
async function tell(intent: Intent, { run, done, failure }: Seen): Promise<Progress> {
  const before = { ...intent.progress, done: done ?? intent.progress.done };
  const { lines, progress } = tellRun(before, run, await storeNow(), failure);
  const ends = run !== null && isOver(run) && intent.endedAt === null;
  const began = intent.runBeganAt === null && intent.request.stoodAt === null ? (run?.beganAt ?? null) : null;
  const run_began_at = began === null ? {} : { run_began_at: began };
  if (lines.length === 0 && !ends && began === null) return progress;
  if (ends) await noteStarted(intent, progress);
  await moveIntent(intent, ["accepted"], { progress: JSON.stringify(progress), ...run_began_at, ends }, lines);
  return progress;
}

async function finish(intent: Intent, run: Run, progress: Progress): Promise<void> {
  await noteStarted(intent, progress);
  const { method } = intent.request;
  const isHarmless = method !== null && !mayHaveActed(method, progress.stage);
  const change = {
    records: true,
    progress: JSON.stringify(progress),
    // What stopped nothing is not to be remembered until a start takes it back.
    ...(isHarmless ? { zone_stop: 0 } : {}),
  };
  await moveIntent(intent, ["accepted"], change, [endOf(run)]);
}

/** A start of whole zones takes back what stopped them as zones (protocol §5.3). */
async function noteStarted(intent: Intent, { done }: Progress): Promise<void> {
  if (done !== "all") return;
  const { action, scope, inScope } = await sentWith(intent);
  if (action === "start" && scope !== "SERVER") await noteZonesStarted(intent.clusterId, inScope, intent.openedTurn);
}

function closeAsNotKnown(intent: Intent, kind: FailureKind) {
  const outcome = { runId: intent.runId ?? "", kind };
  return moveIntent(intent, ["accepted"], { ends: true, records: true }, [{ by: "console", event: "closed", outcome }]);
}
