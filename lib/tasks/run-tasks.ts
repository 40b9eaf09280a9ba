import { earliest } from "../obshell/began-at";
import type { Dag, DagNode, SubTask } from "../obshell/schema";
import { isParallel, stageKeyOf, wasCancelled } from "./engine-words";
import type { RunStage, RunTask } from "./schema";
import type { failedAgents } from "./task-evidence";

const STUCK_MS = 60_000;
const STUCK_FACTOR = 3;

/** Milliseconds that the finished tasks of a stage took. */
export const finishedDurations = (node: DagNode): number[] =>
  node.subTasks.flatMap(({ state, startedAt, endedAt }) =>
    state === "SUCCEED" && startedAt && endedAt ? Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)) : [],
  );

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = sorted.length % 2 === 1 ? [sorted[middle], sorted[middle]] : sorted.slice(middle - 1);
  return (low + high) / 2;
}

/** Every task of a run; `engineNowMs` is now on the engine's clock. */
export function runTasksOf(dag: Dag, failed: ReturnType<typeof failedAgents>, engineNowMs: number): RunTask[] {
  return dag.nodes.flatMap((node, at) => {
    const parallel = isParallel(node);
    const key = stageKeyOf(node.name);
    const patienceMs = Math.max(STUCK_MS, STUCK_FACTOR * median(finishedDurations(node)));
    const bad = key === "prepare" ? failed.notCreated : key === "wait" ? failed.notDone : null;
    const before = dag.nodes[at - 1] ?? null;
    return node.subTasks.map((task): RunTask => {
      const isCancelled = wasCancelled(task, node);
      const runsMs = task.startedAt ? engineNowMs - Date.parse(task.startedAt) : 0;
      return {
        id: task.id,
        stage: at + 1,
        agent: parallel ? task.agent : null,
        state: task.state === "SUCCEED" && task.agent !== null && bad?.has(task.agent) ? "FAILED" : task.state,
        operator: isCancelled ? "CANCEL" : task.operator,
        startedAt: begun(task, isCancelled, before) ? task.startedAt : null,
        endedAt: task.endedAt,
        executeTimes: task.executeTimes,
        // A run that has ended leaves nothing running, whatever an interrupted engine wrote (ux D-9).
        stuck: dag.state === "RUNNING" && task.state === "RUNNING" && runsMs > patienceMs,
      };
    });
  });
}

/** Before the first run the start repeats the creation (protocol §6.1), also of what was cancelled in the queue. */
function begun({ state, executeTimes, startedAt }: SubTask, isCancelled: boolean, before: DagNode | null): boolean {
  if (state === "PENDING" || state === "READY") return executeTimes > 0;
  if (!isCancelled || startedAt === null || before === null || before.endedAt === null) return true;
  return Date.parse(startedAt) >= Date.parse(before.endedAt);
}

export function runStagesOf(dag: Dag, tasks: readonly RunTask[]): RunStage[] {
  const byStage = new Map<number, RunTask[]>();
  for (const task of tasks) {
    const known = byStage.get(task.stage);
    if (known) known.push(task);
    else byStage.set(task.stage, [task]);
  }
  return dag.nodes.map((node, at): RunStage => {
    const own = byStage.get(at + 1) ?? [];
    return {
      id: node.id,
      name: node.name,
      key: stageKeyOf(node.name),
      parallel: isParallel(node),
      state: node.state,
      operator: node.operator,
      startedAt: stageBegan(node, own),
      endedAt: node.endedAt,
      total: own.length,
      done: own.filter((task) => task.state === "SUCCEED").length,
      failed: own.filter(hasFailed).length,
      running: own.filter((task) => task.state === "RUNNING").length,
    };
  });
}

/** A cancel sets the time of the node at which the run stood anew, and not those of its tasks. */
function stageBegan({ state, operator, startedAt }: DagNode, tasks: readonly RunTask[]): string | null {
  if (operator === "CANCEL") return earliest([startedAt, ...tasks.map((task) => task.startedAt)]);
  return state === "PENDING" || state === "READY" ? null : startedAt;
}

const hasFailed = ({ state, operator }: RunTask): boolean => state === "FAILED" && operator !== "CANCEL";

/** Agents with a task of their own that failed. */
export const failedOf = (tasks: readonly RunTask[]): ReadonlySet<string> =>
  new Set(tasks.flatMap((task) => (task.agent !== null && hasFailed(task) ? [task.agent] : [])));

/** Where each target stands, in numbers (ux D-11). `targets` null: every agent that has a task of its own. */
export function countsOf(tasks: readonly RunTask[], targets: readonly string[] | null) {
  const own = new Map<string, RunTask[]>((targets ?? []).map((address) => [address, []]));
  for (const task of tasks) {
    if (task.agent === null) continue;
    const known = own.get(task.agent);
    if (known) known.push(task);
    else if (targets === null) own.set(task.agent, [task]);
  }
  const counts = { total: own.size, done: 0, failed: 0, running: 0, waiting: 0 };
  for (const tasksOfOne of own.values()) counts[standing(tasksOfOne)] += 1;
  return counts;
}

function standing(tasks: readonly RunTask[]): "done" | "failed" | "running" | "waiting" {
  if (tasks.some(hasFailed)) return "failed";
  if (tasks.some((task) => task.state === "RUNNING")) return "running";
  return tasks.length > 0 && tasks.every((task) => task.state === "SUCCEED") ? "done" : "waiting";
}

const ESTIMATE_PEERS = 5;
/** How far the rest may go faster or slower than what was seen so far. */
const SPREAD = { faster: 0.7, slower: 1.5 };

/** How long the stage that is going will still take, from its own finished tasks; null without evidence (ux D-13). */
export function estimateOf(dag: Dag, tasks: readonly RunTask[], engineNowMs: number) {
  const node = dag.nodes[dag.stage - 1];
  if (dag.state !== "RUNNING" || !node?.startedAt || node.state !== "RUNNING" || !isParallel(node)) return null;
  const durations = finishedDurations(node);
  if (durations.length < ESTIMATE_PEERS) return null;
  const left = tasks.filter(
    ({ stage, state }) => stage === dag.stage && (state === "PENDING" || state === "READY" || state === "RUNNING"),
  );
  if (left.length === 0 || left.every((task) => task.stuck)) return null;
  const elapsedMs = Math.max(1_000, engineNowMs - Date.parse(node.startedAt));
  const byPaceMs = (left.length * elapsedMs) / durations.length;
  const usualMs = median(durations);
  const fromSeconds = Math.max(1, Math.round((Math.min(byPaceMs, usualMs * left.length) * SPREAD.faster) / 1_000));
  const toSeconds = Math.ceil((Math.max(byPaceMs, usualMs) * SPREAD.slower) / 1_000);
  return { fromSeconds, toSeconds: Math.max(fromSeconds + 1, toSeconds) };
}
