import type { Dag, DagNode, SubTask } from "../obshell/schema";
import { readBlockers } from "../obshell/wire/blockers";
import { stageKeyOf } from "./engine-words";
import type { RunCause } from "./schema";
import { addressesIn } from "./task-evidence";

/** What the engine writes when its process ended in the middle of a step. */
const INTERRUPTED = /interrupted|agent restart/i;
const EXPIRED = /authentication expired|Security\.Authentication\.Expired/i;
const UNDER_MAINTENANCE = /under maintenance/i;
/** How an agent words that another one could not be reached, or did not answer. */
const UNREACHED =
  /connection refused|connection reset|no route to host|i\/o timeout|deadline exceeded|Client\.Timeout|\bEOF\b|dial tcp|broken pipe|no such host/i;
const OUT_OF_TIME = /\btimeout\b/i;

const BY_CODE: Readonly<Record<string, RunCause>> = {
  "Task.SubDag.NotAllCreated": "not-created",
  "Task.SubDag.NotAllReady": "never-ready",
  "Task.SubDag.NotAllAdvanced": "advance-lost",
  "Task.SubDag.NotAllSucceed": "not-done",
  "OB.Cluster.MinorFreezeTimeout": "flush-timeout",
};

/** Why a task that the engine itself calls failed has failed (protocol §7.4). */
export function causeOfFailure(dag: Dag, node: DagNode, errCode: string | null, message: string): RunCause {
  if (INTERRUPTED.test(message)) return "coordinator-restarted";
  if (errCode === "Task.SubDag.NotAllPassed") return wasRetried(dag) ? "released-before" : "not-released";
  if (errCode !== null && Object.hasOwn(BY_CODE, errCode)) return BY_CODE[errCode] ?? "other";
  switch (stageKeyOf(node.name)) {
    case "flush":
      return "flush-refused";
    case "sql":
      return "sql-refused";
    case "startZone":
      return "zone-refused";
    case "wait":
      return OUT_OF_TIME.test(message) ? "host-silent" : "not-done";
    default:
      return "other";
  }
}

/** The error path of Start Zone has released the agents already, so after its retry the last step must fail (protocol §6.5). */
const wasRetried = (dag: Dag): boolean =>
  dag.nodes.some(
    (node) =>
      stageKeyOf(node.name) === "startZone" &&
      node.state === "SUCCEED" &&
      node.subTasks.some((task) => task.executeTimes > 1),
  );

/** Why an agent did not take part, from the lines of every try. */
export function causeOfRefusal(dag: Dag, task: SubTask, message: string): RunCause {
  const holders = readBlockers(task.logs);
  // The call was carried out and its answer lost: the agent waits for a run that does not know it.
  if (holders.some((holder) => holder.mainDagId === dag.id)) return "answer-lost";
  if (EXPIRED.test(message)) return "clock-ahead";
  if (UNDER_MAINTENANCE.test(message))
    return holders.some((holder) => holder.mainDagId !== null) ? "held-by-run" : "held-by-other";
  return UNREACHED.test(message) ? "agent-silent" : "refused";
}

/** Why a server did not follow: what its own step says, or what the coordinator saw of its agent. */
export function causeOfShortfall(task: SubTask, step: string, errCode: string | null): RunCause {
  if (errCode === "OB.Cluster.AsyncOperationTimeout") return "kill-failed";
  if (step.startsWith("Execute start observer sql")) return errCode === "MySQL.Error" ? "start-refused" : "no-database";
  if (step !== "") return "step-failed";
  if (task.logs.some((line) => EXPIRED.test(line))) return "clock-behind";
  const last = task.logs.at(-1) ?? "";
  return /^WARN:/.test(last) && UNREACHED.test(last) ? "agent-died" : "not-done";
}

const NOT_ENDED = /failed to end the task/;

/** Agents that the coordinator could not release at the end: each has a line of its own. */
export const notReleased = (task: SubTask): string[] =>
  task.logs.filter((line) => NOT_ENDED.test(line)).flatMap((line) => addressesIn(line).slice(0, 1));
