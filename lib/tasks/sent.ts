import "server-only";
import { attemptOfRun } from "../audit/journal";
import type { Attempt } from "../audit/schema";
import { isAppError } from "../errors";
import { log } from "../log";
import { NOT_SENT_HERE, type SentFacts } from "./assemble-run";

/** What the audit knows of a run. A run can be watched also while the audit file cannot be read. */
export function sentAttempt(clusterId: string, runId: string): Attempt | null {
  try {
    return attemptOfRun(clusterId, runId);
  } catch (error) {
    if (!isAppError(error)) throw error;
    log.warn({ clusterId, runId, err: error }, "the audit cannot be read: who sent a run is not known");
    return null;
  }
}

export function sentFacts(attempt: Attempt | null): SentFacts {
  if (!attempt) return NOT_SENT_HERE;
  const { id, opened } = attempt;
  const { method = null, targets = null, reason = null } = opened.detail;
  // A further attempt on one plan carries the plan's id with an ending.
  return { method, targets, reason, by: opened.by, planId: id.split(".", 1)[0] ?? id };
}

/** When the agent took the run; null when that was not written down. */
export const acceptedAt = (attempt: Attempt | null): string | null =>
  attempt?.events.find(({ event, outcome }) => (event === "accepted" || event === "resolved") && outcome?.runId)?.at ??
  null;
