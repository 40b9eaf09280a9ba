import type { Dag, DagNode, SubTask } from "../obshell/schema";
import { readLogError } from "../obshell/wire/errors";
import { stageKeyOf } from "./engine-words";

/**
 * A task of the first stage, and one that waits for a server, end in SUCCEED even when the agent refused or the server
 * did not follow (protocol §7.3): "asked" and "watched" is all they mean. Operators read them per server, so a task
 * counts as failed where its own log, or the closing stage, says so. Only positive evidence counts.
 */
export function failedAgents(dag: Dag): { notCreated: Set<string>; notDone: Set<string> } {
  const notCreated = new Set<string>();
  const notDone = new Set<string>();
  for (const node of dag.nodes) {
    const key = stageKeyOf(node.name);
    const named = key === "ready" || key === "end" ? agentsNamedBy(node) : [];
    for (const { code, agent } of named) {
      if (code === "Task.SubDag.NotAllCreated") notCreated.add(agent);
      if (code === "Task.SubDag.NotAllSucceed") notDone.add(agent);
    }
    for (const task of node.subTasks) {
      if (task.agent === null || task.state !== "SUCCEED" || task.operator === "PASS") continue;
      if (key === "prepare" && endsWithError(task)) notCreated.add(task.agent);
      if (key === "wait" && tellsOfFailure(task, dag.subDags[task.agent])) notDone.add(task.agent);
    }
  }
  return { notCreated, notDone };
}

const ADDRESS = /(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:]+\]):\d{1,5}/g;
/** Go prints a list of addresses as `[a b c]`; an IPv6 address brings its own brackets. */
export const addressesIn = (text: string): string[] => [...new Set(text.match(ADDRESS) ?? [])];

function agentsNamedBy(node: DagNode): { code: string | null; agent: string }[] {
  return node.subTasks.flatMap((task) => {
    const error = lastError(task);
    return error ? addressesIn(error.message).map((agent) => ({ code: error.errCode, agent })) : [];
  });
}

export const lastError = (task: SubTask) =>
  task.logs.reduceRight<ReturnType<typeof readLogError>>((found, line) => found ?? readLogError(line), null);

/** Every try logs its error; only the last line tells how it ended. */
const endsWithError = (task: SubTask): boolean => readLogError(task.logs.at(-1) ?? "") !== null;

/** Steps of a sub run that fail by design while they wait (ux E10). */
const WAITING_STEPS = /^(Start preparations|Wait for task to end):/;

/** The lines of the sub run are copied as `<step>: <line>`. Source: OBShell protocol §7.3. */
export const stepErrors = (task: SubTask): string[] =>
  task.logs.filter((line) => !WAITING_STEPS.test(line) && /^[A-Z][^:]*: /.test(line) && /\bERROR:/.test(line));

function tellsOfFailure(task: SubTask, subDagId: string | undefined): boolean {
  if (stepErrors(task).length === 0) return false;
  return subDagId === undefined || !task.logs.some((line) => line.includes(`${subDagId} succeed`));
}
