import type { Mark } from "@/components/ui/state-mark";
import type { Run, RunStage } from "@/lib/tasks/schema";

export type HeadlineKey =
  | "unknown"
  | "untold"
  | "failedSome"
  | "failedAt"
  | "cancelled"
  | "reached"
  | "reachedThen"
  | "missed"
  | "missedThen"
  | "waiting"
  | "notChecked"
  | "notReported"
  | "accepted"
  | "running";

/** What was judged at the end is not so any more. */
export const isPast = ({ now }: Run): boolean => now !== null && (now.away.length > 0 || now.there.length > 0);

/** Its coordinator was asked and gave no answer; one that answered and does not tell is not called silent. */
const isUnheard = ({ problems }: Run): boolean => problems.some(({ cause }) => cause === "coordinator-silent");

/** A start from here takes a stop back, which is no surprise. */
const isTakenBack = ({ kind, followUps }: Run): boolean =>
  kind === "stop" && followUps.some(({ action }) => action === "start");

/** Targets of a stop that run again, as far as it is known without anybody's start from here. */
export const startedElsewhere = (run: Run): number =>
  run.kind === "stop" && !isTakenBack(run) ? (run.now?.away.length ?? 0) : 0;

/** Worst news first (ux D-10). `SUCCEEDED` is not success before the servers have said so (H-1). */
export function headlineOf(run: Run): { mark: Mark; key: HeadlineKey } {
  switch (run.state) {
    case "UNKNOWN":
      return { mark: "unknown", key: isUnheard(run) ? "unknown" : "untold" };
    case "FAILED":
      return { mark: "failed", key: "failedAt" };
    case "CANCELLED":
      return { mark: "cancelled", key: "cancelled" };
    case "SUCCEEDED":
      return {
        reached: isPast(run)
          ? { mark: isTakenBack(run) ? "info" : "warning", key: "reachedThen" }
          : { mark: "done", key: "reached" },
        missed: { mark: "failed", key: isPast(run) ? "missedThen" : "missed" },
        waiting: { mark: "running", key: "waiting" },
        "not-checked": { mark: "done", key: "notChecked" },
        "not-reported": { mark: "done", key: "notReported" },
      }[run.outcome.state] as { mark: Mark; key: HeadlineKey };
    case "ACCEPTED":
      return { mark: "waiting", key: "accepted" };
    case "RUNNING":
      return run.counts.failed > 0 ? { mark: "failed", key: "failedSome" } : { mark: "running", key: "running" };
  }
}

export const isOver = (run: Run): boolean =>
  run.state === "FAILED" || run.state === "CANCELLED" || (run.state === "SUCCEEDED" && run.outcome.state !== "waiting");

/** A run of somebody else's has targets that nobody here knows, so no sentence may count them. */
export const kindInWords = (run: Run): Run["kind"] => (run.targets ? run.kind : "other");

export const currentStage = (run: Run): RunStage | undefined => run.stages[run.stage - 1];

/** Share of the work that is over, 0 to 1: tasks on targets, not stages (ux D-11). */
export function progressOf(run: Run): number {
  const { done, total } = run.counts;
  if (run.state === "SUCCEEDED") return 1;
  return total > 0 ? done / total : 0;
}

const SECONDS_UP_TO = 90;

/** A range of seconds as one would say it: to five seconds below a minute and a half, else whole minutes (ux D-13). */
export function roundedRange({ fromSeconds, toSeconds }: NonNullable<Run["estimate"]>) {
  const step = toSeconds <= SECONDS_UP_TO ? 5 : 60;
  const to = Math.max(1, Math.ceil(toSeconds / step));
  const from = Math.min(to - 1, Math.floor(fromSeconds / step));
  const unit = step === 5 ? ("leftSeconds" as const) : ("leftMinutes" as const);
  return step === 5 ? { unit, from: from * 5, to: to * 5 } : { unit, from, to };
}
