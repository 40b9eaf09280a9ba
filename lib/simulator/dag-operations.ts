import { badRequest, failed } from "./agent-error";
import type { Agent } from "./agent";
import { currentNode, type Dag, type DagNode, type NodeAbilities, type TaskStatus } from "./dag";

/** Operations on a DAG that its agent stores. Source: OBShell agent source, engine/executor dag operator handling. */
export function operateDag(agent: Agent, dag: Dag, operator: string): void {
  switch (operator.toUpperCase()) {
    case "RETRY":
      return retry(agent, dag);
    case "ROLLBACK":
      return rollback(dag);
    case "CANCEL":
      return cancel(agent, dag);
    case "PASS":
      return pass(agent, dag);
    default:
      throw refused("NotSupport", `Operator ${operator} is not supported`);
  }
}

function retry(agent: Agent, dag: Dag): void {
  requireFailed(dag, "RetryNotFailedDag", "Failed to set DAG retry: DAG state is not failed");
  const node = currentNode(dag);
  if (!node?.abilities.retry)
    throw refused("RetryNotAllowed", `Failed to set DAG retry: node ${node?.name} cannot retry`);
  reopen(dag, "RUN");
  node.operator = "RETRY";
  resetTimes(node);
  node.state = "PENDING";
  agent.scheduler.wake(dag);
}

/** No main or sub DAG of a start or stop can be rolled back: their first node never can. */
function rollback(dag: Dag): void {
  requireFailed(dag, "RollbackNotFailedDag", "Failed to set DAG rollback: DAG state is not failed");
  throw refused("RollbackNotAllowed", `Failed to set DAG rollback: node ${dag.nodes[0]?.name} cannot rollback`);
}

function cancel(agent: Agent, dag: Dag): void {
  if (dag.state === "SUCCEED" || dag.state === "FAILED")
    throw refused("CancelFinishedDag", "Failed to cancel DAG: DAG is finished");
  if (dag.operator === "CANCEL") throw failed("Gorm.NoRowAffected", "failed to update dag operator: no row affected");
  const fixed = dag.nodes.slice(0, dag.stage).find((node) => !node.abilities.cancel);
  if (fixed) throw refused("CancelNotAllowed", `Failed to cancel DAG: node ${fixed.name} cannot cancel`);
  reopen(dag, "CANCEL");
  const node = currentNode(dag);
  if (node) {
    node.operator = "CANCEL";
    node.state = "PENDING";
    resetTimes(node);
  }
  agent.scheduler.wake(dag);
}

function pass(agent: Agent, dag: Dag): void {
  requireFailed(dag, "PassNotFailedDag", "Failed to pass DAG: DAG is not failed");
  const left = dag.nodes.filter((node) => node.state !== "SUCCEED");
  const fixed = left.find((node) => !node.abilities.pass);
  if (fixed) throw refused("PassNotAllowed", `Failed to pass DAG: node ${fixed.name} cannot pass`);
  for (const node of left) passNode(agent, node);
  markPassed(agent, dag);
}

/** Since 4.3.1.0 a single failed node can be passed; the scheduler then takes the DAG on, or ends it. */
export function operateNode(agent: Agent, dag: Dag, node: DagNode): void {
  const refuse = (what: string, message: string) => badRequest(`Task.Node.Operator.${what}`, message);
  if (dag.state !== "FAILED") throw refuse("PassNotFailedDag", "Failed to pass node: assigned DAG is not failed");
  if (node.state !== "FAILED")
    throw refuse("PassNotFailedNode", `Failed to pass node: node ${node.name} is not failed`);
  if (!node.abilities.pass) throw refuse("PassNotAllowed", `Failed to pass node: node ${node.name} cannot pass`);
  passNode(agent, node);
  reopen(dag, "RUN");
  agent.scheduler.wake(dag);
}

function passNode(agent: Agent, node: DagNode): void {
  markPassed(agent, node);
  for (const subTask of node.subTasks) if (subTask.state !== "SUCCEED") markPassed(agent, subTask);
}

function markPassed(agent: Agent, status: TaskStatus): void {
  status.state = "SUCCEED";
  status.operator = "PASS";
  status.endedAt = agent.now();
}

function reopen(dag: Dag, operator: "RUN" | "CANCEL"): void {
  dag.state = "READY";
  dag.operator = operator;
  resetTimes(dag);
}

/** The store shows epoch 0 until the scheduler takes the DAG up again. */
function resetTimes(status: TaskStatus): void {
  status.startedAt = status.endedAt = 0;
}

function requireFailed(dag: Dag, refusal: string, message: string): void {
  if (dag.state !== "FAILED") throw refused(refusal, message);
}

const refused = (what: string, message: string) => badRequest(`Task.Dag.Operator.${what}`, message);

/** Most nodes of a main DAG can only be cancelled; the Wait and SQL nodes also survive a restart of their agent. */
export const CANCEL_ONLY: NodeAbilities = { cancel: true, retry: false, rollback: false, pass: false, resume: false };
export const RESUMABLE: NodeAbilities = { ...CANCEL_ONLY, resume: true };
export const PASSABLE: NodeAbilities = { ...RESUMABLE, pass: true };
export const RETRYABLE: NodeAbilities = { ...PASSABLE, retry: true };
