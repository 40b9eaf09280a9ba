import "server-only";
import type { Dag } from "../obshell/schema";
import { askOwner } from "./agents";
import { hasEnded } from "./engine-words";

const TIMEOUT_MS = 5_000;

/** One look at a run, without watching it. Throws what keeps the console from asking. */
export async function askRun(clusterId: string, runId: string): Promise<{ dag: Dag; ended: boolean }> {
  const dag = await askOwner(clusterId, runId, (agent) => agent.dag(runId, { details: false, timeoutMs: TIMEOUT_MS }));
  return { dag, ended: hasEnded(dag) };
}
