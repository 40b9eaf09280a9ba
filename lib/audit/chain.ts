import "server-only";
import { createHash } from "node:crypto";
import type { Tables } from "../db/tables";
import { isFailure } from "./attempt";
import type { AuditLine } from "./schema";

export type AuditRow = Tables["audit"];

/** What the first row names as the hash before it. */
export const FIRST_PREVIOUS = "0".repeat(64);

/** The columns that repeat what stands in the line, so that it can be searched. */
export function columnsOf(line: AuditLine) {
  return {
    attempt_id: line.id,
    at: line.at,
    event: line.event,
    action: line.action,
    person: line.by,
    cluster_id: line.cluster?.id ?? null,
    run_id: line.outcome?.runId ?? null,
    is_force: line.detail.method === "force" ? 1 : 0,
    is_failure: isFailure(line) ? 1 : 0,
  };
}

/** SHA-256 over every other column, in an order that never changes. */
export function hashOf(row: Omit<AuditRow, "hash">): string {
  const { seq, attempt_id, at, event, action, person, cluster_id, run_id } = row;
  const { is_first, is_force, is_failure, line, previous } = row;
  const texts = [attempt_id, at, event, action, person, cluster_id, run_id];
  return createHash("sha256")
    .update(JSON.stringify([seq, ...texts, is_first, is_force, is_failure, line, previous]))
    .digest("hex");
}
