import "server-only";
import type { AuditLine } from "../audit/schema";
import { clusterCard } from "../clusters/registry";
import { isAppError } from "../errors";
import { approvalOf, findApproval } from "./approvals";
import { AUDIT_ACTION } from "./intents";
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
 * never hides how the first one ended. `action` null: what the plan itself would do.
 */
export async function describeAttempt(action: AuditLine["action"] | null, input: Attempted): Promise<Opening> {
  const { id: clusterId, name, environment } = clusterCard(input.clusterId);
  const cluster = { id: clusterId, name, environment };
  const id = `${input.planId}.${crypto.randomUUID().slice(0, 8)}`;
  let record: PlanRecord;
  try {
    record = await findPlan(input.clusterId, input.planId);
  } catch (error) {
    if (!isAppError(error)) throw error;
    return {
      id,
      action: action ?? "cluster.stop",
      cluster,
      detail: { planId: input.planId, reason: input.reason ?? "" },
    };
  }
  const { draft, request } = record;
  const { call, run, blockers } = draft;
  const releases = blockers.filter((blocker) => blocker.chosen).map((blocker) => blocker.id);
  return {
    id,
    action: action ?? AUDIT_ACTION[request.action],
    cluster,
    detail: {
      planId: record.id,
      planned: AUDIT_ACTION[request.action],
      reviewedAt: new Date(record.createdAtMs).toISOString(),
      ...(request.action === "stop" ? { method: request.method } : {}),
      ...(run ? { continues: run.id } : {}),
      ...(releases.length > 0 ? { releases } : {}),
      targets: draft.targets.map((server) => server.address),
      ...(draft.impact.outOfReach.length > 0 ? { outOfReach: draft.impact.outOfReach } : {}),
      reason: input.reason ?? "",
      tier: draft.tier,
      fingerprint: draft.fingerprint,
      title: titleOf(record, cluster.name),
      request:
        call && call.call !== "operate"
          ? { method: "POST", path: call.path, body: JSON.stringify(call.body) }
          : undefined,
      ...(call?.call === "operate" ? { text: call.parts.map(({ does, agent }) => `${does} ${agent}`).join(", ") } : {}),
      coordinator: draft.coordinator?.address ?? null,
      checks: draft.checks.map(({ id: check, level }) => ({ id: check, level })),
      ...(action === null ? secondPerson(record, await approvalOf(record.id), input.breakGlass) : {}),
    },
  };
}

const VERBS = {
  start: "Start",
  cancel: "Cancel",
  retry: "Retry",
  skip: "Skip the flush of",
  release: "Release",
} as const;

/** The record is English, like the engine's own words: the screens say it in the reader's language. */
function titleOf({ draft, request }: PlanRecord, cluster: string): string {
  if (request.action !== "stop" && request.action !== "start") return `${VERBS[request.action]} run in ${cluster}`;
  const count = draft.targets.length;
  const verb = request.action === "start" ? VERBS.start : request.method === "force" ? "Force stop" : "Stop";
  return `${verb} ${count} ${count === 1 ? "server" : "servers"} in ${cluster}`;
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
