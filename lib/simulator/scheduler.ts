import { failed, logLineOf } from "./agent-error";
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
    for (const dag of active) advance(dag);
    if (active.size > 0) tickIn(TICK_MS);
  }

  function advance(dag: Dag): void {
    const node = currentNode(dag);
    if (!node || dag.state === "SUCCEED" || dag.state === "FAILED") {
      active.delete(dag);
      return;
    }
    if (dag.state === "READY") {
      dag.state = "RUNNING";
      dag.startedAt = now();
      if (dag.operator === "CANCEL") cancelNode(node);
      else if (node.state === "PENDING") startNode(dag, node);
      return;
    }
    if (dag.operator === "CANCEL") interrupt(node);
    if (node.state === "PENDING") startNode(dag, node);
    else if (node.subTasks.every(isSettled)) closeNode(dag, node);
  }

  function startNode(dag: Dag, node: DagNode): void {
    node.state = "RUNNING";
    node.startedAt = node.endedAt = now();
    for (const subTask of node.subTasks) {
      if (isSettled(subTask)) continue;
      subTask.state = "READY";
      queue.push({ dag, node, subTask });
    }
    options.entered(dag, node);
    drain();
  }

  function cancelNode(node: DagNode): void {
    node.operator = "CANCEL";
    node.state = "RUNNING";
    node.startedAt = node.endedAt = now();
    for (let at = queue.length - 1; at >= 0; at -= 1) if (queue[at]?.node === node) queue.splice(at, 1);
    for (const subTask of node.subTasks) {
      if (subTask.state !== "RUNNING" && !isSettled(subTask)) settle(subTask, "FAILED");
      if (subTask.state !== "SUCCEED") subTask.operator = "CANCEL";
    }
    interrupt(node);
  }

  function interrupt(node: DagNode): void {
    if (options.isCancelStuck()) return;
    for (const subTask of node.subTasks)
      if (subTask.state === "RUNNING") subTask.abort?.abort(new Error("task is canceled"));
  }

  function closeNode(dag: Dag, node: DagNode): void {
    const isGood = dag.operator !== "CANCEL" && node.subTasks.every((subTask) => subTask.state === "SUCCEED");
    node.state = isGood ? "SUCCEED" : "FAILED";
    node.endedAt = now();
    if (isGood && dag.stage < stageCount(dag)) {
      dag.stage += 1;
      return;
    }
    dag.state = node.state;
    dag.endedAt = now();
    active.delete(dag);
  }

  function drain(): void {
    while (running < WORKERS && !halted) {
      const next = queue.shift();
      if (!next) return;
      void execute(next);
    }
  }

  async function execute({ dag, node, subTask }: Queued): Promise<void> {
    const bornIn = life;
    running += 1;
    const abort = new AbortController();
    subTask.abort = abort;
    subTask.state = "RUNNING";
    subTask.startedAt = now();
    // A retried step is rolled back first; that run counts, though none of the steps here undoes anything.
    subTask.executeTimes += subTask.operator === "RETRY" ? 2 : 1;
    const log = (text: string): void => {
      subTask.logs.push({ id: store.nextLogId(), executeTimes: subTask.executeTimes, text, at: now() });
    };
    const { signal } = abort;
    timeline.limit(signal, SUB_TASK_TIMEOUT_MS, () => abort.abort(failed("Common.Unexpected", "timeout")));
    const sleep = timeline.pace(signal);
    let outcome: "SUCCEED" | "FAILED" = "SUCCEED";
    try {
      for (const line of options.firstLines(subTask)) log(line);
      while (options.isHeld(node)) await sleep(TICK_MS);
      await subTask.step({ dagId: options.dagIdOf(dag), signal, log, sleep });
      signal.throwIfAborted();
    } catch (error) {
      outcome = "FAILED";
      if (life === bornIn) log(logLineOf(error, options.hasErrCodes));
    }
    if (life !== bornIn) return;
    running -= 1;
    settle(subTask, outcome);
    drain();
  }

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
      for (const subTask of currentNode(dag)?.subTasks ?? []) subTask.abort?.abort(new Error("agent exited"));
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
      if (isSettled(subTask)) continue;
      if (node.abilities.resume && dag.operator !== "CANCEL") {
        subTask.state = "READY";
        queue.push({ dag, node, subTask });
      } else {
        const text = logLineOf(
          failed("Common.Unexpected", "task is interrupted by agent restart"),
          options.hasErrCodes,
        );
        subTask.logs.push({ id: store.nextLogId(), executeTimes: subTask.executeTimes, text, at: now() });
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

const isSettled = (subTask: SubTask): boolean => subTask.state === "SUCCEED" || subTask.state === "FAILED";
