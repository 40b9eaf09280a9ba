import "server-only";
import { ageOf } from "../clock";
import { isAppError } from "../errors";
import { beganAt } from "../obshell/began-at";
import type { Dag } from "../obshell/schema";
import { singleton } from "../singleton";
import { agentOf } from "./registry";
import type { ClusterTask } from "./schema";

const TIMEOUT_MS = 3_000;
/** Scaling and upgrades take minutes, and every look at every cluster would ask. */
const KEPT_MS = 5_000;

interface Asked {
  tasks: ClusterTask[] | null;
  atMs: number;
}
const known = () => singleton("clusters.tasks", () => new Map<string, Asked>());

/**
 * What the cluster itself is at: scaling, an upgrade. These tasks are rows of the database, so an agent with a working
 * one is asked (protocol §7.4); null when there is none, or when it did not answer.
 */
export async function readClusterTasks(clusterId: string, agent: string | null): Promise<ClusterTask[] | null> {
  if (agent === null) return null;
  const before = known().get(clusterId);
  if (before && ageOf(before.atMs) < KEPT_MS) return before.tasks;
  const tasks = await askFor(clusterId, agent);
  known().set(clusterId, { tasks, atMs: Date.now() });
  return tasks;
}

async function askFor(clusterId: string, address: string): Promise<ClusterTask[] | null> {
  const agent = agentOf(clusterId, address);
  const limits = { timeoutMs: TIMEOUT_MS };
  try {
    const [last, unfinished] = await Promise.all([
      agent.clusterMaintenanceDag(limits),
      agent.unfinishedDags("ob", limits),
    ]);
    const found = new Map([...unfinished, ...(last ? [last] : [])].map((dag) => [dag.id, dag]));
    return [...found.values()].filter(({ state }) => state !== "SUCCEED").map(toTask);
  } catch (error) {
    if (isAppError(error)) return null;
    throw error;
  }
}

const toTask = (dag: Dag): ClusterTask => ({
  id: dag.id,
  name: dag.name,
  state: dag.state,
  stage: dag.stage,
  maxStage: dag.maxStage,
  startedAt: beganAt(dag),
});
