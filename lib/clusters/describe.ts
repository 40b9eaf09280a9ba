import "server-only";
import type { AuditLine } from "../audit/schema";
import { clusterCard } from "./registry";
import type { ClusterDraft, TestStep } from "./schema";

type Opening = Omit<AuditLine, "at" | "by" | "event" | "outcome">;

/** First line of an attempt on a registered cluster. */
export function describeCluster(
  action: AuditLine["action"],
  clusterId: string,
  detail: AuditLine["detail"] = {},
): Opening {
  const { id, name, environment } = clusterCard(clusterId);
  return { id: crypto.randomUUID(), action, cluster: { id, name, environment }, detail };
}

/** First line of an attempt on a cluster that is not registered (yet). Nothing secret. */
export function describeUnsaved(
  action: "cluster.add" | "cluster.test",
  { clusterId, name, environment, agents }: ClusterDraft & { clusterId: string },
): Opening {
  const cluster = clusterId === "" ? null : { id: clusterId, name, environment };
  return { id: crypto.randomUUID(), action, cluster, detail: { targets: agents } };
}

/** How a test ended: checked, or blocked at the first step that failed. */
export function describeTest(steps: readonly TestStep[]): Pick<AuditLine, "event" | "outcome"> {
  const failed = steps.find(({ state }) => state === "failed");
  return failed
    ? { event: "blocked", outcome: { kind: failed.failure?.kind ?? failed.said ?? failed.id } }
    : { event: "checked" };
}
