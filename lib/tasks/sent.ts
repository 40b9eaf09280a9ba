import "server-only";
import { attemptOfRun } from "../audit/journal";
import type { Attempt } from "../audit/schema";
import { isAppError } from "../errors";
import { log } from "../log";
import { NOT_SENT_HERE, type SentFacts } from "./assemble-run";

const ASK_AGAIN_MS = 2_000;

/** What the audit knows of a run. A run can be watched also while the audit cannot be read. */
async function sentAttempt(clusterId: string, runId: string): Promise<Attempt | null> {
  try {
    return await attemptOfRun(clusterId, runId);
  } catch (error) {
    if (!isAppError(error)) throw error;
    log.warn({ clusterId, runId, err: error }, "the audit cannot be read: who sent a run is not known");
    return null;
  }
}

/**
 * The attempt of a run, and its facts as they are known at the moment. The entry of a run that was just accepted may be
 * closed a moment after its page is opened, so while there is none the facts are asked for again.
 */
export async function watchSent(
  clusterId: string,
  runId: string,
): Promise<{ attempt: Attempt | null; facts: () => SentFacts }> {
  const attempt = await sentAttempt(clusterId, runId);
  let facts = sentFacts(attempt);
  let askedMs = Date.now();
  const askAgain = () => {
    askedMs = Date.now();
    sentAttempt(clusterId, runId).then(
      (found) => (facts = sentFacts(found)),
      (error: unknown) => log.error({ clusterId, runId, err: error }, "who sent a run is not known"),
    );
  };
  return {
    attempt,
    facts: () => {
      if (facts === NOT_SENT_HERE && Date.now() - askedMs >= ASK_AGAIN_MS) askAgain();
      return facts;
    },
  };
}

export function sentFacts(attempt: Attempt | null): SentFacts {
  if (!attempt) return NOT_SENT_HERE;
  const { id, opened } = attempt;
  const { method = null, targets = null, reason = null, approvedBy = null, breakGlass = false } = opened.detail;
  // A further attempt on one plan carries the plan's id with an ending.
  return { method, targets, reason, approvedBy, breakGlass, by: opened.by, planId: id.split(".", 1)[0] ?? id };
}

/** When the agent took the run; null when that was not written down. */
export const acceptedAt = (attempt: Attempt | null): string | null =>
  attempt?.events.find(({ event, outcome }) => (event === "accepted" || event === "resolved") && outcome?.runId)?.at ??
  null;
