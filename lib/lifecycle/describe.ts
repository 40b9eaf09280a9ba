import "server-only";
import type { AuditLine } from "../audit/schema";
import { clusterCard } from "../clusters/registry";
import { isAppError } from "../errors";
import { findPlan, type PlanRecord } from "./plans";

type Opening = Omit<AuditLine, "at" | "by" | "event" | "outcome">;

/**
 * The audit entry of something done with a plan. The attempt that may send the plan carries the plan's id; any further
 * attempt on it gets an id of its own, so that a refused second click never hides how the first one ended.
 */
export function describeAttempt(
  action: AuditLine["action"],
  input: { clusterId: string; planId: string; reason?: string },
): Opening {
  const cluster = clusterCard(input.clusterId);
  let record: PlanRecord;
  try {
    record = findPlan(input.clusterId, input.planId);
  } catch (error) {
    if (!isAppError(error)) throw error;
    return {
      id: `${input.planId}.${crypto.randomUUID().slice(0, 8)}`,
      action,
      cluster,
      detail: { reason: input.reason ?? "" },
    };
  }
  const { draft, request } = record;
  // Counted here, before anything is awaited: of two clicks at once only one may carry the plan's id.
  const first = action === "cluster.stop" && record.attempts++ === 0;
  const count = draft.targets.length;
  return {
    id: first ? record.id : `${record.id}.${crypto.randomUUID().slice(0, 8)}`,
    action,
    cluster,
    detail: {
      method: request.method,
      targets: draft.targets.map((server) => server.address),
      reason: input.reason ?? "",
      tier: draft.tier,
      fingerprint: draft.fingerprint,
      title: `${request.method === "force" ? "Force stop" : "Stop"} ${count} ${count === 1 ? "server" : "servers"} in ${cluster.name}`,
      request: draft.call
        ? { method: "POST", path: draft.call.path, body: JSON.stringify(draft.call.body) }
        : undefined,
      coordinator: draft.coordinator?.address ?? null,
      checks: draft.checks.map(({ id, level }) => ({ id, level })),
    },
  };
}
