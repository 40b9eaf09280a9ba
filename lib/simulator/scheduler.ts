import { logLineOf } from "./agent-error";
import { currentNode, stageCount, type Dag, type DagNode, type SubTask } from "./dag";
import type { DagStore } from "./dag-store";
import type { Timeline } from "./timeline";

/** Source: OBShell agent source, engine/scheduler and engine/executor. */
const TICK_MS = 1_000;
const WORKERS = 8;
const SUB_TASK_TIMEOUT_MS = 3_600_000;

export interface SchedulerOptions {
  readonly store: DagStore;
  readonly timeline: Timeline;
  readonly hasErrCodes: boolean;
  /** A node begins; what listens may stop this very agent. */
  entered(dag: Dag, node: DagNode): void;
  /** Lines that a sub task logs as it begins, before its own. */
  firstLines(subTask: SubTask): Iterable<string>;
  /** Steps of this node do not begin for now. */
  isHeld(node: DagNode): boolean;
  /** Steps of this agent do not end when they are cancelled. */
  isCancelStuck(): boolean;
  /** Where in its second this agent ticks, so that agents do not march in step. */
  readonly phaseMs: number;
  now(): number;
  dagIdOf(dag: Dag): string;
}

export interface Scheduler {
  /** Takes a new or re-opened DAG up at the next tick. */
  wake(dag: Dag): void;
  /** The agent process died: its steps stop where they are. */
  halt(): void;
  /** The agent process came back: nodes that can continue do, others fail. */
  resume(): void;
  /** The agent's DAGs are gone: nothing of them goes on. */
  forget(): void;
}

interface Queued {
  readonly dag: Dag;
  readonly node: DagNode;
  readonly subTask: SubTask;
}

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { store, timeline, now } = options;
  const active = new Set<Dag>();
  const queue: Queued[] = [];
  let running = 0;
  let halted = false;
  let isTicking = false;
  let life = 0;

  const tickIn = (ms: number): void => {
    if (isTicking || halted) return;
    isTicking = true;
    timeline.after(ms, tick);
  };

  function tick(): void {
    isTicking = false;
    if (halted) return;
    // What a DAG comes to may end this very agent.
    for (const dag of active) if (!halted) advance(dag);
    if (active.size > 0) tickIn(TICK_MS);
  }

  /**
   * One look at one DAG. Whatever is done to a DAG in the look that takes it up, its own end is written a look later.
   * Source: OBShell agent source, engine/scheduler dag_handler.
   */
  function advance(dag: Dag): void {
    const node = currentNode(dag);
    if (!node || dag.state === "SUCCEED" || dag.state === "FAILED") {
      active.delete(dag);
      return;
    }
    const isTakenUp = dag.state === "READY";
    if (isTakenUp) {
      dag.state = "RUNNING";
      dag.startedAt = now();
    }
    if (node.state === "PENDING") startNode(dag, node);
    else if (node.state === "RUNNING") advanceNode(dag, node);
    if (!isTakenUp && (node.state === "SUCCEED" || node.state === "FAILED")) leaveNode(dag, node);
  }

  function startNode(dag: Dag, node: DagNode): void {
    node.state = "RUNNING";
    node.startedAt = node.endedAt = now();
    if (node.operator === "CANCEL") return advanceNode(dag, node);
    // What failed is rolled back before it runs again, though none of the steps here undoes anything.
    for (const subTask of node.subTasks) {
      if (subTask.state === "FAILED") makeReady(dag, node, subTask, "ROLLBACK");
      else if (subTask.state !== "SUCCEED") makeReady(dag, node, subTask, "RUN");
    }
    options.entered(dag, node);
    drain();
  }

  function makeReady(dag: Dag, node: DagNode, subTask: SubTask, operator: "RUN" | "ROLLBACK"): void {
    Object.assign(subTask, { state: "READY", operator });
    subTask.executeTimes += 1;
    queue.push({ dag, node, subTask });
  }

  function advanceNode(dag: Dag, node: DagNode): void {
    if (node.operator === "CANCEL" && !cancelNode(node)) return;
    const undone = node.subTasks.filter(({ state, operator }) => state === "SUCCEED" && operator === "ROLLBACK");
    for (const subTask of undone) makeReady(dag, node, subTask, "RUN");
    if (undone.length > 0) return drain();
    // A step that was never begun stays PENDING in a node that is cancelled.
    const isOver = node.operator === "CANCEL" || node.subTasks.every(isSettled);
    if (!isOver) return;
    const isGood = node.operator !== "CANCEL" && node.subTasks.every(({ state }) => state === "SUCCEED");
    node.state = isGood ? "SUCCEED" : "FAILED";
    node.endedAt = now();
  }

  /** Does not wait for the steps: what is begun counts as failed from now on. Says whether it came to that. */
  function cancelNode(node: DagNode): boolean {
    if (options.isCancelStuck() && node.subTasks.some(({ state }) => state === "RUNNING")) return false;
    for (let at = queue.length - 1; at >= 0; at -= 1) if (queue[at]?.node === node) queue.splice(at, 1);
    for (const subTask of node.subTasks) {
      if (subTask.state !== "READY" && subTask.state !== "RUNNING") continue;
      addLog(subTask, "sub task cancelled");
      const { abort } = subTask;
      settle(subTask, "FAILED");
      abort?.abort(new Cancelled());
    }
    return true;
  }

  function leaveNode(dag: Dag, node: DagNode): void {
    if (node.state === "SUCCEED" && dag.stage < stageCount(dag)) {
      dag.stage += 1;
      return;
    }
    dag.state = node.state;
    dag.endedAt = now();
    active.delete(dag);
  }

  function addLog(subTask: SubTask, text: string): void {
    subTask.logs.push({ id: store.nextLogId(), executeTimes: subTask.executeTimes, text, at: now() });
  }

  function drain(): void {
    while (running < WORKERS && !halted) {
      const next = queue.shift();
      if (!next) return;
      void execute(next);
    }
  }

  async function execute({ node, dag, subTask }: Queued): Promise<void> {
    const bornIn = life;
    running += 1;
    const abort = new AbortController();
    subTask.abort = abort;
    // What goes on after a restart of its agent keeps the time of its start.
    if (subTask.state !== "RUNNING") subTask.startedAt = now();
    subTask.state = "RUNNING";
    const { signal } = abort;
    // A step that was cancelled ends at the next line that it would log.
    const log = (text: string): void => {
      signal.throwIfAborted();
      addLog(subTask, text);
    };
    timeline.limit(signal, SUB_TASK_TIMEOUT_MS, () => abort.abort(new TimedOut()));
    const sleep = timeline.pace(signal);
    let outcome: "SUCCEED" | "FAILED" = "SUCCEED";
    try {
      while (options.isHeld(node)) await sleep(TICK_MS);
      if (subTask.operator !== "ROLLBACK") {
        for (const line of options.firstLines(subTask)) log(line);
        await subTask.step({ dagId: options.dagIdOf(dag), signal, log, sleep });
      }
      signal.throwIfAborted();
    } catch (error) {
      outcome = "FAILED";
      if (life === bornIn && subTask.abort === abort) addLog(subTask, lineOf(error));
    }
    if (life !== bornIn) return;
    running -= 1;
    if (subTask.state === "RUNNING" && subTask.abort === abort) settle(subTask, outcome);
    drain();
  }

  const lineOf = (error: unknown): string =>
    error instanceof TimedOut ? "sub task timeout" : logLineOf(error, options.hasErrCodes);

  function settle(subTask: SubTask, state: "SUCCEED" | "FAILED"): void {
    subTask.state = state;
    subTask.endedAt = now();
    subTask.abort = null;
  }

  function halt(): void {
    if (halted) return;
    halted = true;
    life += 1;
    running = 0;
    queue.length = 0;
    for (const dag of active)
      for (const subTask of currentNode(dag)?.subTasks ?? []) subTask.abort?.abort(new Cancelled());
  }

  function resume(): void {
    if (!halted) return;
    halted = false;
    for (const dag of active) resumeNode(dag);
    if (active.size > 0) tickIn(TICK_MS);
  }

  function resumeNode(dag: Dag): void {
    const node = currentNode(dag);
    if (!node || node.state !== "RUNNING") return;
    for (const subTask of node.subTasks) {
      if (isSettled(subTask) || subTask.state === "PENDING") continue;
      if (node.abilities.resume) queue.push({ dag, node, subTask });
      else {
        addLog(subTask, lineOf(new Error("task unexpectedly interrupted and cannot continue")));
        settle(subTask, "FAILED");
      }
    }
    drain();
  }

  return {
    wake(dag) {
      active.add(dag);
      tickIn(options.phaseMs);
    },
    halt,
    resume,
    forget: () => active.clear(),
  };
}

class Cancelled extends Error {}
class TimedOut extends Error {}

const isSettled = (subTask: SubTask): boolean => subTask.state === "SUCCEED" || subTask.state === "FAILED";
