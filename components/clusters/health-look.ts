import type { Mark } from "@/components/ui/state-mark";
import type { ClusterHealth, ClusterSummary } from "@/lib/clusters/schema";

const MARK: Record<ClusterHealth, Mark> = {
  credentialsLost: "warning",
  passwordRejected: "warning",
  keyChanged: "warning",
  unreachable: "unavailable",
  unreadable: "unavailable",
  databaseOut: "unavailable",
  someDown: "warning",
  agentsUnheard: "warning",
  notReadYet: "waiting",
  allRunning: "runs",
  allServing: "serving",
};

/** What was stopped from here is no alarm: it stands as stopped, not as broken. */
export function healthMark({ health, servers, downByUs }: ClusterSummary): Mark {
  if (health !== "someDown" || !servers) return MARK[health];
  const down = servers.total - servers.serving - servers.unclear;
  if (servers.changing > 0) return "changing";
  return downByUs === down ? "processStopped" : MARK[health];
}

const NO_PROBLEM: ReadonlySet<ClusterHealth> = new Set(["notReadYet", "allRunning", "allServing"]);

export const isProblem = ({ health }: ClusterSummary): boolean => !NO_PROBLEM.has(health);
