import { badRequest, failed } from "./agent-error";
import type { Agent } from "./agent";
import { currentNode, stageCount, type Dag, type DagNode, type NodeAbilities, type TaskStatus } from "./dag";

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
      throw refused("NotSupport", `operator ${operator} not support`);
  }
}

function retry(agent: Agent, dag: Dag): void {
  requireFailed(dag, "RetryNotFailedDag");
  const node = currentNode(dag);
  if (!node?.abilities.retry) throw refused("RetryNotAllowed", `dag ${dag.id} failed dag is not allowed to retry`);
  reopen(dag, "RUN");
  node.operator = "RETRY";
  resetTimes(node);
  node.state = "PENDING";
  for (const subTask of node.subTasks) {
    if (subTask.state === "SUCCEED") continue;
    subTask.state = "PENDING";
    subTask.operator = "RETRY";
  }
  agent.scheduler.wake(dag);
}

/** No main or sub DAG of a start or stop can be rolled back: their first node never can. */
function rollback(dag: Dag): void {
  requireFailed(dag, "RollbackNotFailedDag");
  throw refused("RollbackNotAllowed", `dag ${dag.id} is not allowed to rollback`);
}

function cancel(agent: Agent, dag: Dag): void {
  if (dag.state === "SUCCEED" || dag.state === "FAILED")
    throw refused("CancelFinishedDag", `dag ${dag.id} is finished, cannot be canceled`);
  if (dag.operator === "CANCEL") throw failed("Gorm.NoRowAffected", "no row affected");
  if (!dag.nodes.slice(0, dag.stage).every((node) => node.abilities.cancel))
    throw refused("CancelNotAllowed", `dag ${dag.id} is not allowed to cancel`);
  reopen(dag, "CANCEL");
  const node = currentNode(dag);
  if (node) resetTimes(node);
  agent.scheduler.wake(dag);
}

function pass(agent: Agent, dag: Dag): void {
  requireFailed(dag, "PassNotFailedDag");
  const left = dag.nodes.filter((node) => node.state !== "SUCCEED");
  if (!left.every((node) => node.abilities.pass))
    throw refused("PassNotAllowed", `dag ${dag.id} is not allowed to pass`);
  for (const node of left) passNode(agent, node);
  markPassed(agent, dag);
}

/** Since 4.3.1.0 a single failed node can be passed; the DAG then goes on with the next stage. */
export function operateNode(agent: Agent, dag: Dag, node: DagNode, operator: string): void {
  if (operator.toUpperCase() !== "PASS")
    throw badRequest("Task.Node.Operator.NotSupport", `operator ${operator} not support`);
  if (node.state !== "FAILED")
    throw badRequest("Task.Node.Operator.PassNotFailedNode", `node ${node.id} is not failed, cannot be passed`);
  if (!node.abilities.pass)
    throw badRequest("Task.Node.Operator.PassNotAllowed", `node ${node.id} is not allowed to pass`);
  passNode(agent, node);
  if (dag.stage === stageCount(dag)) return markPassed(agent, dag);
  dag.stage += 1;
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

function requireFailed(dag: Dag, refusal: string): void {
  if (dag.state !== "FAILED") throw refused(refusal, `dag ${dag.id} is not failed`);
}

const refused = (what: string, message: string) => badRequest(`Task.Dag.Operator.${what}`, message);

/** Most nodes of a main DAG can only be cancelled; the Wait and SQL nodes also survive a restart of their agent. */
export const CANCEL_ONLY: NodeAbilities = { cancel: true, retry: false, rollback: false, pass: false, resume: false };
export const RESUMABLE: NodeAbilities = { ...CANCEL_ONLY, resume: true };
export const PASSABLE: NodeAbilities = { ...RESUMABLE, pass: true };
export const RETRYABLE: NodeAbilities = { ...PASSABLE, retry: true };
