import { keysOf } from "@/lib/keys-of";
import type { RunTask } from "@/lib/tasks/schema";

export type TaskMark = "failed" | "unknown" | "stuck" | "running" | "waiting" | "cancelled" | "skipped" | "done";

/** Worst first (ux D-7). Cancelled and skipped share a place. */
const RANK: Record<TaskMark, number> = {
  failed: 0,
  unknown: 1,
  stuck: 2,
  running: 3,
  waiting: 4,
  cancelled: 5,
  skipped: 5,
  done: 6,
};
export const TASK_MARKS = keysOf(RANK);
export const rankOf = (mark: TaskMark): number => RANK[mark];
/** Worse than running: what an operator has to look at. */
export const isAlarming = (mark: TaskMark): boolean => RANK[mark] < RANK.running;
export const isTaskMark = (word: string): word is TaskMark => Object.hasOwn(RANK, word);

type Facts = Pick<RunTask, "state" | "operator" | "stuck">;

/** Cancelled is FAILED + CANCEL, skipped is SUCCEED + PASS (ux E9). A stuck task is late, not failed (D-9). */
export function markOf({ state, operator, stuck }: Facts): TaskMark {
  switch (state) {
    case "PENDING":
    case "READY":
      return "waiting";
    case "RUNNING":
      return stuck ? "stuck" : "running";
    case "FAILED":
      return operator === "CANCEL" ? "cancelled" : "failed";
    case "SUCCEED":
      return operator === "PASS" ? "skipped" : "done";
    case "UNKNOWN":
      return "unknown";
  }
}

/** Milliseconds a task took, or has taken until `nowMs` on the engine's clock; null before it began. */
export function durationOf(task: Pick<RunTask, "startedAt" | "endedAt">, nowMs: number): number | null {
  if (!task.startedAt) return null;
  const end = task.endedAt ? Date.parse(task.endedAt) : nowMs;
  return Math.max(0, end - Date.parse(task.startedAt));
}

const units = new Map<string, Intl.NumberFormat>();
function unit(locale: string, name: "hour" | "minute" | "second"): Intl.NumberFormat {
  const key = `${locale} ${name}`;
  let format = units.get(key);
  if (!format)
    units.set(key, (format = new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "long" })));
  return format;
}

/** A duration in words, for speech: "2 minutes 5 seconds". */
export function spokenDuration(ms: number, locale: string): string {
  const seconds = Math.floor(ms / 1000);
  const parts: string[] = [];
  if (seconds >= 3600) parts.push(unit(locale, "hour").format(Math.floor(seconds / 3600)));
  if (seconds >= 60) parts.push(unit(locale, "minute").format(Math.floor((seconds % 3600) / 60)));
  if (seconds < 3600) parts.push(unit(locale, "second").format(seconds % 60));
  return parts.join(" ");
}
