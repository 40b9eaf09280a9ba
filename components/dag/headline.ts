import type { Mark } from "@/components/ui/state-mark";
import type { Run, RunStage } from "@/lib/tasks/schema";

export type HeadlineKey =
  | "unknown"
  | "failedSome"
  | "failedAt"
  | "cancelled"
  | "reached"
  | "missed"
  | "waiting"
  | "notChecked"
  | "accepted"
  | "running";

/** Worst news first (ux D-10). `SUCCEEDED` is not success before the servers have said so (H-1). */
export function headlineOf(run: Run): { mark: Mark; key: HeadlineKey } {
  switch (run.state) {
    case "UNKNOWN":
      return { mark: "unknown", key: "unknown" };
    case "FAILED":
      return { mark: "failed", key: "failedAt" };
    case "CANCELLED":
      return { mark: "cancelled", key: "cancelled" };
    case "SUCCEEDED":
      return {
        reached: { mark: "done", key: "reached" },
        missed: { mark: "failed", key: "missed" },
        waiting: { mark: "running", key: "waiting" },
        "not-checked": { mark: "done", key: "notChecked" },
      }[run.outcome.state] as { mark: Mark; key: HeadlineKey };
    case "ACCEPTED":
      return { mark: "waiting", key: "accepted" };
    case "RUNNING":
      return run.counts.failed > 0 ? { mark: "failed", key: "failedSome" } : { mark: "running", key: "running" };
  }
}

export const isOver = (run: Run): boolean =>
  run.state === "FAILED" || run.state === "CANCELLED" || (run.state === "SUCCEEDED" && run.outcome.state !== "waiting");

export const currentStage = (run: Run): RunStage | undefined => run.stages[run.stage - 1];

/** Share of the work that is over, 0 to 1: tasks on targets, not stages (ux D-11). */
export function progressOf(run: Run): number {
  const { done, total } = run.counts;
  if (run.state === "SUCCEEDED") return 1;
  return total > 0 ? done / total : 0;
}

/** Servers that are, or should be, where the run wants them: what the closing sentence says in numbers (ux H-3). */
export const missedCount = (run: Run): number => run.outcome.failed + run.outcome.notReported;
