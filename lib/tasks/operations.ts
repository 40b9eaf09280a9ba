import { supports } from "../obshell/wire/version";
import type { Run, RunStage } from "./schema";

/** What the engine knows to do with a run of a start or a stop (protocol §6.5). PASS and ROLLBACK of the whole run it refuses always. */
export type Operation = "cancel" | "retry" | "skip" | "release";

export interface OperationFacts {
  kind: Run["kind"];
  state: Run["state"];
  /** Somebody has asked for its cancellation already. */
  isCancelling: boolean;
  /** The stage at which it stands. */
  stage: RunStage["key"] | null;
  /** Version of the agent that holds it; null when not known. */
  version: string | null;
  /** How many agents it holds; null when that could not be asked. */
  held: number | null;
}

/** Why the engine would refuse it, or why it would be for nothing; null when it can be offered. */
export type WhyNot = "not-a-run" | "over" | "going" | "cancelling" | "stage" | "version" | "nothing-held" | "unknown";

const isLive = (state: Run["state"]): boolean => state === "ACCEPTED" || state === "RUNNING";

/** Pure: the same answer on the run page and before something is sent (ux V-1). */
export function whyNot(operation: Operation, facts: OperationFacts): WhyNot | null {
  const { kind, state, stage, version, held } = facts;
  if (kind === "other") return "not-a-run";
  if (operation === "cancel") {
    if (state === "UNKNOWN") return "unknown";
    if (!isLive(state)) return "over";
    return facts.isCancelling ? "cancelling" : null;
  }
  if (isLive(state)) return "going";
  if (operation === "release") return held === 0 ? "nothing-held" : null;
  if (state === "UNKNOWN") return "unknown";
  if (state === "SUCCEEDED") return "over";
  if (operation === "retry") return stage === "flush" || stage === "startZone" ? null : "stage";
  if (stage !== "flush") return "stage";
  return version !== null && supports(version, "flushPass") ? null : "version";
}
