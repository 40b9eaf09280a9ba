import "server-only";
import { sendersOf } from "../audit/journal";
import type { ActiveRun, Topology } from "../clusters/schema";
import { isAppError } from "../errors";
import type { Blocker } from "./schema";

/**
 * What stands in the way on this cluster: runs that are going and leftovers that hold agents, with who sent them where
 * this console did. `chosen` are exactly those that the operator ticked (protocol §7.6).
 */
export async function blockersOf(topology: Topology, chosen: readonly string[]): Promise<Blocker[]> {
  const runs = topology.activeRuns ?? [];
  // What is no start or stop was not sent from here, and there may be as many as agents.
  const ours = runs.filter((run) => run.releasable).map((run) => run.id);
  const senders = await readSenders(topology.cluster.id, ours);
  return runs.map((run) => ({
    id: run.id,
    name: run.name,
    state: run.state,
    stage: run.stage,
    maxStage: run.maxStage,
    since: run.startedAt,
    coordinator: run.coordinator,
    agents: run.holds.map((hold) => hold.agent),
    by: senders.get(run.id) ?? null,
    work: workOf(run),
    releasable: run.releasable,
    chosen: run.releasable && chosen.includes(run.id),
  }));
}

/** A lock that is no start or stop goes while its own task does. */
function workOf({ state, holdsMaintenance }: ActiveRun): Blocker["work"] {
  if (state === "UNKNOWN") return "unknown";
  return !holdsMaintenance || (state !== "FAILED" && state !== "SUCCEED") ? "going" : "over";
}

/** A plan is made also while the audit cannot be read; it only does not name the person then. */
async function readSenders(clusterId: string, runIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  try {
    return await sendersOf(clusterId, runIds);
  } catch (error) {
    if (isAppError(error)) return new Map();
    throw error;
  }
}
