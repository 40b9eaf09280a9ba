import "server-only";
import type { AuditLine } from "../audit/schema";
import { clusterCard } from "../clusters/registry";
import { isAppError } from "../errors";
import { approvalOf, findApproval } from "./approvals";
import { findPlan, needsApproval, type PlanRecord } from "./plans";
import type { Approval, Decision } from "./schema";

type Opening = Omit<AuditLine, "at" | "by" | "event" | "outcome">;

interface Attempted {
  clusterId: string;
  planId: string;
  reason?: string;
  breakGlass?: boolean;
}

/**
 * The audit entry of something done with a plan. Its id is the plan's with an ending, so that a refused second click
 * never hides how the first one ended.
 */
export async function describeAttempt(action: AuditLine["action"], input: Attempted): Promise<Opening> {
  const { id: clusterId, name, environment } = clusterCard(input.clusterId);
  const cluster = { id: clusterId, name, environment };
  const id = `${input.planId}.${crypto.randomUUID().slice(0, 8)}`;
  let record: PlanRecord;
  try {
    record = await findPlan(input.clusterId, input.planId);
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { id, action, cluster, detail: { planId: input.planId, reason: input.reason ?? "" } };
  }
  const { draft, request } = record;
  const count = draft.targets.length;
  return {
    id,
    action,
    cluster,
    detail: {
      planId: record.id,
      reviewedAt: new Date(record.createdAtMs).toISOString(),
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
      checks: draft.checks.map(({ id: check, level }) => ({ id: check, level })),
      ...(action === "cluster.stop" ? secondPerson(record, await approvalOf(record.id), input.breakGlass) : {}),
    },
  };
}

/** The audit entry of a second person's word: about the plan that it was asked for. */
export async function describeDecision({ clusterId, approvalId }: Decision): Promise<Opening> {
  const approval = await findApproval(clusterId, approvalId);
  return describeAttempt("approval.decide", { clusterId, planId: approval?.planId ?? approvalId });
}

/** Who agreed, or that nobody was waited for (ux C-13). */
function secondPerson(record: PlanRecord, approval: Approval | null, breakGlass = false) {
  if (!needsApproval(record)) return {};
  if (approval?.state === "approved" && approval.decidedBy !== null) return { approvedBy: approval.decidedBy };
  return breakGlass ? { breakGlass } : {};
}
