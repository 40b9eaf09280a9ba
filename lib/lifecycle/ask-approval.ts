import "server-only";
import { appendLine } from "../audit/journal";
import { clusterCard } from "../clusters/registry";
import { isDuplicate } from "../db/engine";
import { openStore } from "../db/store";
import { AppError } from "../errors";
import { APPROVAL_LIFE_MS, approvalOf, findApproval } from "./approvals";
import { readIntent } from "./intents";
import { findPlan, needsApproval, readPlan, type Maker } from "./plans";
import type { Approval, ApprovalRequest, Decision, Plan } from "./schema";

/** Asks for a second person's word on one's own plan (ux C-13). Asking twice is asking once. */
export async function requestApproval(asked: ApprovalRequest, person: Maker): Promise<Approval> {
  const record = await findPlan(asked.clusterId, asked.planId);
  if (record.person !== person.name) throw new AppError("plan-of-another", { params: { name: record.person } });
  const plan = await readPlan(asked.clusterId, asked.planId);
  const known = await approvalOf(asked.planId);
  if (known) return known;
  if (plan.state !== "open") throw new AppError(STATE_FAILURES[plan.state]);
  if (!needsApproval(record)) throw new AppError("plan-blocked");
  const { db } = await openStore();
  const now = Date.now();
  try {
    await db
      .insertInto("approval")
      .values({
        id: crypto.randomUUID(),
        plan_id: asked.planId,
        cluster_id: asked.clusterId,
        requested_by: person.name,
        reason: asked.reason,
        requested_at: new Date(now).toISOString(),
        expires_at: new Date(now + APPROVAL_LIFE_MS).toISOString(),
      })
      .execute();
  } catch (error) {
    if (!isDuplicate(error)) throw error;
  }
  const made = await approvalOf(asked.planId);
  if (!made) throw new AppError("approval-unknown");
  return made;
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
  { person, attemptId }: { person: Maker; attemptId: string },
): Promise<Approval> {
  const { approval, plan } = await readApproval(clusterId, approvalId);
  if (approval.requestedBy === person.name) throw new AppError("approval-own");
  if (decision === "approved" && plan.state === "changed") throw new AppError("plan-changed");
  if (approval.state !== "waiting" || (await readIntent(approval.planId))) throw new AppError("approval-over");
  const { db } = await openStore();
  const cluster = clusterCard(clusterId);
  await db.transaction().execute(async (transaction) => {
    const decided = await transaction
      .updateTable("approval")
      .set({ decision, decided_by: person.name, decided_at: new Date().toISOString() })
      .where("id", "=", approvalId)
      .where("decided_at", "is", null)
      .where("expires_at", ">", new Date().toISOString())
      .executeTakeFirst();
    if (decided.numUpdatedRows === 0n) throw new AppError("approval-over");
    const line = { id: attemptId, action: "approval.decide" as const, by: person.name, cluster };
    await appendLine({ ...line, event: decision, detail: { planId: approval.planId } }, transaction);
  });
  return { ...approval, decidedBy: person.name, state: decision };
}
