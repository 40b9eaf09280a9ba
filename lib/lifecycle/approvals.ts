import "server-only";
import type { Selectable } from "kysely";
import { openStore } from "../db/store";
import { storeNowMs } from "../db/store-clock";
import type { Database, Tables } from "../db/tables";
import type { Approval } from "./schema";

export const APPROVAL_LIFE_MS = 10 * 60_000;

function fromRow(row: Selectable<Tables["approval"]>, nowMs: number): Approval {
  const expiresInMs = Math.max(0, Date.parse(row.expires_at) - nowMs);
  return {
    id: row.id,
    planId: row.plan_id,
    requestedBy: row.requested_by,
    reason: row.reason,
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    expiresInMs,
    decidedBy: row.decided_by,
    // An approval is not for ever either: the cluster of ten minutes ago is another one.
    state: row.decision === "declined" ? "declined" : expiresInMs === 0 ? "expired" : (row.decision ?? "waiting"),
  };
}

/** The request for approval of a plan; a plan has one at most. */
export async function approvalOf(planId: string, on?: Database): Promise<Approval | null> {
  const db = on ?? (await openStore()).db;
  const row = await db.selectFrom("approval").selectAll().where("plan_id", "=", planId).executeTakeFirst();
  return row ? fromRow(row, await storeNowMs(on)) : null;
}

export async function findApproval(clusterId: string, approvalId: string, on?: Database): Promise<Approval | null> {
  const db = on ?? (await openStore()).db;
  const row = await db
    .selectFrom("approval")
    .selectAll()
    .where("id", "=", approvalId)
    .where("cluster_id", "=", clusterId)
    .executeTakeFirst();
  return row ? fromRow(row, await storeNowMs(on)) : null;
}

/** Requests of a cluster that somebody can still decide, or act upon. */
export async function openApprovals(clusterId: string): Promise<Approval[]> {
  const { db } = await openStore();
  const nowMs = await storeNowMs();
  const rows = await db
    .selectFrom("approval")
    .selectAll()
    .where("cluster_id", "=", clusterId)
    .where("expires_at", ">", new Date(nowMs).toISOString())
    .where("decision", "is", null)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom("intent").select("intent.plan_id").whereRef("intent.plan_id", "=", "approval.plan_id"))),
    )
    .orderBy("requested_at")
    .execute();
  return rows.map((row) => fromRow(row, nowMs));
}
