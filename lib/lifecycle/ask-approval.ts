import "server-only";
import { appendLine } from "../audit/journal";
import { clusterCard } from "../clusters/registry";
import { requireRegistered } from "../clusters/registered";
import { decide } from "../db/cluster-lock";
import { storeNow, storeNowMs } from "../db/store-clock";
import type { Database } from "../db/tables";
import { AppError, type FailureKind } from "../errors";
import { APPROVAL_LIFE_MS, approvalOf, findApproval } from "./approvals";
import type { LastWord } from "./open-intent";
import { findPlan, needsApproval, readPlan, type Maker } from "./plans";
import type { Approval, ApprovalRequest, Decision, Plan } from "./schema";

/** Asks for a second person's word on one's own plan (ux C-13). Asking twice is asking once. */
export async function requestApproval(
  asked: ApprovalRequest,
  person: Maker,
  tell?: (transaction: Database) => Promise<void>,
): Promise<Approval> {
  const record = await findPlan(asked.clusterId, asked.planId);
  if (record.person !== person.name) throw new AppError("plan-of-another", { params: { name: record.person } });
  const plan = await readPlan(asked.clusterId, asked.planId);
  const known = await approvalOf(asked.planId);
  if (known) return known;
  if (plan.state !== "open") throw new AppError(STATE_FAILURES[plan.state]);
  if (!needsApproval(record)) throw new AppError("plan-blocked");
  return decide(asked.clusterId, async (transaction) => {
    await requireRegistered(asked.clusterId, transaction);
    await requireUnsent(asked.planId, "plan-used", transaction);
    const already = await approvalOf(asked.planId, transaction);
    if (already) return already;
    const nowMs = await storeNowMs(transaction);
    await transaction
      .insertInto("approval")
      .values({
        id: crypto.randomUUID(),
        plan_id: asked.planId,
        cluster_id: asked.clusterId,
        requested_by: person.name,
        reason: asked.reason,
        requested_at: new Date(nowMs).toISOString(),
        expires_at: new Date(nowMs + APPROVAL_LIFE_MS).toISOString(),
      })
      .execute();
    const made = await approvalOf(asked.planId, transaction);
    if (!made) throw new AppError("approval-unknown");
    await tell?.(transaction);
    return made;
  });
}

/** Under the cluster's lock. Throws this failure for a plan that was sent. */
async function requireUnsent(planId: string, failure: FailureKind, transaction: Database): Promise<void> {
  const sent = transaction.selectFrom("intent").select("plan_id").where("plan_id", "=", planId);
  if (await sent.executeTakeFirst()) throw new AppError(failure);
}

const STATE_FAILURES = { expired: "plan-expired", changed: "plan-changed", sent: "plan-used" } as const;

/** The request with its plan as it stands now, for the second person and for whoever asked. */
export async function readApproval(clusterId: string, approvalId: string): Promise<{ approval: Approval; plan: Plan }> {
  const approval = await findApproval(clusterId, approvalId);
  if (!approval) throw new AppError("approval-unknown");
  const plan = await readPlan(clusterId, approval.planId);
  return { approval: plan.approval ?? approval, plan };
}

/**
 * A second person's word, once. It is about the plan as it was reviewed, so a plan that has changed meanwhile is not
 * approved. The audit is told together with it.
 */
export async function decideApproval(
  { clusterId, approvalId, decision }: Decision,
  { person, attemptId, requireStill }: { person: Maker; attemptId: string; requireStill?: LastWord },
): Promise<Approval> {
  const { approval, plan } = await readApproval(clusterId, approvalId);
  if (approval.requestedBy === person.name) throw new AppError("approval-own");
  if (decision === "approved" && plan.state === "changed") throw new AppError("plan-changed");
  await writeDecision(approval, { clusterId, decision, attemptId, by: person.name }, requireStill);
  return { ...approval, decidedBy: person.name, state: decision };
}

/** The word itself, if the request still waits for one and its plan was not sent meanwhile. Throws `approval-over`. */
export async function writeDecision(
  { id, planId }: Approval,
  { clusterId, decision, attemptId, by }: Pick<Decision, "clusterId" | "decision"> & { attemptId: string; by: string },
  requireStill?: LastWord,
): Promise<void> {
  const cluster = clusterCard(clusterId);
  await decide(clusterId, async (transaction) => {
    await requireRegistered(clusterId, transaction);
    await requireStill?.(transaction);
    await requireUnsent(planId, "approval-over", transaction);
    const found = await findApproval(clusterId, id, transaction);
    if (found?.state !== "waiting") throw new AppError("approval-over");
    await transaction
      .updateTable("approval")
      .set({ decision, decided_by: by, decided_at: await storeNow(transaction) })
      .where("id", "=", id)
      .execute();
    const line = { id: attemptId, action: "approval.decide" as const, by, cluster };
    await appendLine({ ...line, event: decision, detail: { planId } }, transaction);
  });
}
