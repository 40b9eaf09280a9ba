import { isAppError, type FailureKind } from "../errors";

/** Kinds of whoever was asked and gave no answer at all. Only of those it is said that they are silent. */
const NO_ANSWER: ReadonlySet<FailureKind> = new Set(["agent-unreachable", "agent-timeout", "tls-failed"]);

export const gaveNoAnswer = (error: unknown): boolean => isAppError(error) && NO_ANSWER.has(error.kind);

/** Why an agent that was asked about a run did not tell about it: no answer, no knowledge, or another reason of its own. */
export type Untold = "silent" | "forgotten" | "untold";

export function whyUntold(kind: FailureKind): Untold {
  if (kind === "task-not-found") return "forgotten";
  return NO_ANSWER.has(kind) ? "silent" : "untold";
}
