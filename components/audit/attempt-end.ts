import type { Mark } from "@/components/ui/state-mark";
import type { Attempt, AuditLine } from "@/lib/audit/schema";

/** How an attempt ended, as far as anybody wrote it down. Key below `audit.end.` */
export type End =
  | Exclude<Attempt["event"], "resolved" | "confirmed" | "step" | "silent" | "heard">
  // the answer was lost, and then:
  | "found"
  | "none"
  | "done";

export const END_MARK: Record<End, Mark> = {
  accepted: "info", // not done: what became of it is on the run's page
  found: "info",
  done: "done",
  checked: "done",
  finished: "done",
  approved: "info",
  requested: "waiting",
  closed: "info",
  refused: "failed",
  failed: "failed",
  declined: "cancelled",
  expired: "cancelled",
  blocked: "failed",
  cancelled: "cancelled",
  none: "cancelled",
  unknown: "unknown",
  opened: "unknown",
};

const OF_PLANS: ReadonlySet<string> = new Set([
  "cluster.stop",
  "plan.check",
  "plan.cancel",
] satisfies AuditLine["action"][]);
/** Told by one line, which is also the end. */
const AT_ONCE: ReadonlySet<string> = new Set(["session.sign-in", "session.sign-out"] satisfies AuditLine["action"][]);

export function endOf({ event, outcome, opened }: Attempt): End {
  if (event === "resolved") return outcome?.runId ? "found" : "none";
  if (event === "finished" && outcome?.kind !== undefined) return "failed";
  if (!OF_PLANS.has(opened.action) && (event === "checked" || event === "accepted")) return "done";
  if (event === "opened" && AT_ONCE.has(opened.action)) return "done";
  // A line of a run whose attempt begins elsewhere: nobody wrote down how that one stands.
  return event === "confirmed" || event === "step" || event === "silent" || event === "heard" ? "opened" : event;
}
