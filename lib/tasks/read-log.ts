import "server-only";
import { ageOf } from "../clock";
import { createCoalescer } from "../coalesce";
import { AppError, isAppError } from "../errors";
import type { SubTask } from "../obshell/schema";
import { taskOwner } from "../obshell/wire/task-id";
import { singleton } from "../singleton";
import { askOwner } from "./agents";
import { peekReader } from "./read-run";
import type { TaskLog } from "./schema";

const FRESH_MS = 1_000;
const FIRST_LINES = 500;
const TIMEOUT_MS = 10_000;

interface SeenTask {
  task: SubTask;
  atMs: number;
}
const reads = () => singleton("tasks.logs", () => createCoalescer<SeenTask>(FRESH_MS));

/** Which lines are wanted: from `from`, up to but without `to`; without `from` the last 500. */
export interface LogSpan {
  from?: number;
  to?: number;
}

/**
 * The log of one task. The agent always sends all of it, so the cursor is kept here (ux E14, D-19): without `from` the
 * last 500 lines, with it the lines from there on. While the agent is silent, the lines that the run's reader has seen.
 */
export async function readTaskLog(
  clusterId: string,
  runId: string,
  taskId: string,
  { from, to }: LogSpan = {},
): Promise<TaskLog> {
  const { task, atMs } = await readTask(clusterId, runId, taskId);
  const total = task.logs.length;
  const first = Math.min(from ?? Math.max(0, total - FIRST_LINES), total);
  return {
    taskId,
    total,
    from: first,
    lines: task.logs.slice(first, to),
    attempt: task.executeTimes,
    state: task.state,
    ageMs: ageOf(atMs),
  };
}

/** All lines of a task as one text, for a file. */
export async function readWholeLog(clusterId: string, runId: string, taskId: string): Promise<string> {
  const { task } = await readTask(clusterId, runId, taskId);
  return task.logs.map((line) => `${line}\n`).join("");
}

async function readTask(clusterId: string, runId: string, taskId: string): Promise<SeenTask> {
  if (taskOwner(taskId) !== taskOwner(runId)) throw new AppError("task-not-found", { params: { id: taskId } });
  try {
    return await reads()(`${clusterId} ${taskId}`, async () => {
      const task = await askOwner(clusterId, taskId, (agent) => agent.subTask(taskId, { timeoutMs: TIMEOUT_MS }));
      return { task, atMs: Date.now() };
    });
  } catch (error) {
    const reader = await peekReader(clusterId, runId);
    const task = reader?.task(taskId);
    if (!reader || !task || !isAppError(error)) throw error;
    return { task, atMs: Date.now() - reader.ageMs() };
  }
}
