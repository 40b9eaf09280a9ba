import "server-only";
import { attemptOfRun } from "../audit/journal";
import type { Topology } from "../clusters/schema";
import { nullIfAppError } from "../errors";
import type { Dag } from "../obshell/schema";
import { taskOwner } from "../obshell/wire/task-id";
import { askOwner } from "../tasks/agents";
import { runStateOf } from "../tasks/engine-words";
import type { PlanRun } from "./schema";

const TIMEOUT_MS = 5_000;

/** The run that a plan is about, as the agent that holds it tells, or as the last picture of the cluster does. */
export async function planRunOf(topology: Topology, runId: string | null): Promise<PlanRun | null> {
  if (runId === null) return null;
  const { dag, by } = await readHead(topology.cluster.id, runId, nullIfAppError);
  return toPlanRun(runId, dag, by);
}

/** A run without its stages, and who sent it from here. `orNull` says which failures leave the run untold. */
export async function readHead(
  clusterId: string,
  runId: string,
  orNull: (error: unknown) => null,
): Promise<{ dag: Dag | null; by: string | null }> {
  const [dag, attempt] = await Promise.all([
    askOwner(clusterId, runId, (agent) => agent.dag(runId, { details: false, timeoutMs: TIMEOUT_MS })).catch(orNull),
    attemptOfRun(clusterId, runId).catch(nullIfAppError),
  ]);
  return { dag, by: attempt?.opened.by ?? null };
}

export function toPlanRun(runId: string, dag: Dag | null, by: string | null): PlanRun {
  return {
    id: runId,
    name: dag?.name ?? "",
    state: dag ? runStateOf(dag) : "UNKNOWN",
    stage: dag?.stage ?? 0,
    maxStage: dag?.maxStage ?? 0,
    coordinator: taskOwner(runId) ?? "",
    by,
    endedAt: dag?.endedAt ?? null,
  };
}
