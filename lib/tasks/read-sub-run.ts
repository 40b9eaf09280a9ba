import "server-only";
import { agentOf } from "../clusters/registry";
import { knownAgents } from "../clusters/topology";
import { createCoalescer } from "../coalesce";
import { AppError } from "../errors";
import type { Dag } from "../obshell/schema";
import { taskOwner } from "../obshell/wire/task-id";
import { singleton } from "../singleton";
import { askOwner } from "./agents";
import { readRun } from "./read-run";
import type { Run, SubRun } from "./schema";

const FRESH_MS = 1_000;
const TIMEOUT_MS = 10_000;
/** A step that retries for a long time writes much; the end tells how it stands. */
const LINES_PER_STEP = 500;

const reads = () => singleton("tasks.sub-runs", () => createCoalescer<Dag>(FRESH_MS));

/** A server's own part of a run, read only when somebody opens it (ux D-22). */
export async function readSubRun(clusterId: string, runId: string, agent: string): Promise<SubRun> {
  const { run } = await readRun(clusterId, runId);
  if (!run)
    throw new AppError("run-unknown", { params: { id: runId, address: taskOwner(runId) ?? "", why: "untold" } });
  const dag = await reads()(`${clusterId} ${runId} ${agent}`, () => readSubDag(clusterId, run, agent));
  return subRunOf(dag, agent, run.state);
}

function readSubDag(clusterId: string, run: Run, agent: string): Promise<Dag> {
  const id = run.subDags[agent];
  const options = { timeoutMs: TIMEOUT_MS };
  if (id !== undefined) return askOwner(clusterId, id, (client) => client.dag(id, options));
  return newestSubDag(clusterId, run.id, agent);
}

/** The main run names its sub runs in detailed answers only; until one came, the agent itself may know. */
async function newestSubDag(clusterId: string, runId: string, agent: string): Promise<Dag> {
  const unknown = new AppError("task-not-found", { params: { address: agent } });
  if (!knownAgents(clusterId).includes(agent)) throw unknown;
  const dag = await agentOf(clusterId, agent).maintenanceDag({ timeoutMs: TIMEOUT_MS });
  if (dag?.mainDagId !== runId) throw unknown;
  return dag;
}

/** What the engine writes as a step stops to wait. Source: obshell ob/agent/engine/task/task.go, ERR_WAIT_OPERATOR. */
const WAITS = /wait operator to advance$/;

const isWaiting = ({ nodes, stage }: Dag): boolean =>
  nodes[stage - 1]?.subTasks.some(({ logs }) => WAITS.test(logs.at(-1) ?? "")) ?? false;

/** FAILED is how a sub run waits, as long as its main run may still move it on (ux E10). */
export function subRunOf(dag: Dag, agent: string, mainState: Run["state"]): SubRun {
  const mainMayGoOn = mainState === "ACCEPTED" || mainState === "RUNNING" || mainState === "UNKNOWN";
  const hasStopped = dag.state === "FAILED" && dag.operator !== "CANCEL";
  return {
    id: dag.id,
    agent,
    state: dag.state,
    operator: dag.operator,
    waitsForCoordinator: hasStopped && mainMayGoOn,
    isLeft: hasStopped && !mainMayGoOn && isWaiting(dag),
    stage: dag.stage,
    maxStage: dag.maxStage,
    steps: dag.nodes.map((node) => ({
      id: node.id,
      name: node.name,
      state: node.state,
      operator: node.operator,
      startedAt: node.startedAt,
      endedAt: node.endedAt,
      logs: node.subTasks.flatMap((task) => task.logs).slice(-LINES_PER_STEP),
    })),
  };
}
