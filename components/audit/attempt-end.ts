import type { Mark } from "@/components/ui/state-mark";
import type { Attempt } from "@/lib/audit/schema";

/** How an attempt ended, as far as anybody wrote it down. Key below `audit.end.` */
export type End =
  "accepted" | "refused" | "blocked" | "cancelled" | "checked" | "unknown" | "found" | "none" | "done" | "opened";

export const END_MARK: Record<End, Mark> = {
  accepted: "info", // not done: what became of it is on the run's page
  found: "info",
  done: "done",
  checked: "done",
  refused: "failed",
  blocked: "failed",
  cancelled: "cancelled",
  none: "cancelled",
  unknown: "unknown",
  opened: "unknown",
};

export function endOf({ event, outcome, opened }: Attempt): End {
  if (event === "resolved") return outcome?.runId ? "found" : "none";
  if (event === "checked" && opened.action === "agent.trust-key") return "done";
  return event;
}

export const FILTERS = ["all", "sent", "unsent", "force", "open"] as const;
export type Filter = (typeof FILTERS)[number];

export const toFilter = (value: string | string[] | undefined): Filter =>
  FILTERS.find((filter) => filter === value) ?? "all";

/** Filters live in the address, so that a link shows the same lines (ux A-4). */
export function isShown(attempt: Attempt, filter: Filter): boolean {
  const end = endOf(attempt);
  switch (filter) {
    case "all":
      return true;
    case "sent":
      return end === "accepted" || end === "found";
    case "unsent":
      return end === "cancelled" || end === "checked" || end === "blocked" || end === "refused" || end === "none";
    case "force":
      return attempt.opened.detail.method === "force";
    case "open":
      return end === "unknown" || end === "opened";
  }
}
