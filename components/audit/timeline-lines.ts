import type { Attempt } from "@/lib/audit/schema";
import { isOfPlan } from "./attempt-end";

type Step = Attempt["events"][number];

/** A line of the timeline, or a time without data. `to` null: it goes on. */
export type TimelineLine =
  | { kind: "reviewed"; at: string; by: string }
  | { kind: "step"; at: string; step: Step }
  | { kind: "gap"; at: string; to: string | null };

/** Reviewed → Confirmed → Accepted → steps, failures, recovery → Finished, with what nobody could tell as gaps (ux A-3). */
export function timelineOf({ opened, outcome, events }: Attempt): TimelineLine[] {
  const lines: TimelineLine[] = [];
  const { reviewedAt } = opened.detail;
  // A second person's word, or a click on somebody else's plan, is not the reviewer's.
  const isReviewers = isOfPlan(opened.action) && outcome?.kind !== "plan-of-another";
  if (reviewedAt && isReviewers) lines.push({ kind: "reviewed", at: reviewedAt, by: opened.by });
  let gap: Extract<TimelineLine, { kind: "gap" }> | null = null;
  for (const step of events) {
    if (step.event === "silent") {
      if (gap) continue;
      gap = { kind: "gap", at: step.at, to: null };
      lines.push(gap);
      continue;
    }
    if (gap) {
      gap.to = step.at; // whatever is told next ends it
      gap = null;
    }
    if (step.event !== "heard") lines.push({ kind: "step", at: step.at, step });
  }
  return lines;
}
