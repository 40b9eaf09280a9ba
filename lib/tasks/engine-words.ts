import type { Dag, DagNode, SubTask } from "../obshell/schema";
import type { Run, RunStage } from "./schema";

type StageKey = RunStage["key"];

/** The engine's stage names, exact. Source: OBShell protocol §7.1, §7.7. */
const KEY_BY_NAME: Readonly<Record<string, StageKey>> = {
  "Inform all agents to prepare to stop observer": "prepare",
  "Inform all agents to start observer": "prepare",
  "Make sure all agents are ready": "ready",
  "Minor freeze before stop server": "flush",
  "Advance agents to execute the task": "advance",
  "Wait for all agents to execute tasks successfully": "wait",
  "Execute stop sql": "sql",
  "Start Zone": "startZone",
  "Inform all agents to end the task": "end",
};

const KIND_BY_NAME: Readonly<Record<string, Run["kind"]>> = { "Stop OB": "stop", "Start OB": "start" };

export const stageKeyOf = (name: string): StageKey =>
  Object.hasOwn(KEY_BY_NAME, name) ? (KEY_BY_NAME[name] ?? "other") : "other";

export const kindOfRun = (name: string): Run["kind"] =>
  Object.hasOwn(KIND_BY_NAME, name) ? (KIND_BY_NAME[name] ?? "other") : "other";

/** These stages have one task per agent, also where the cluster has one agent only. */
export const isParallel = (node: DagNode): boolean =>
  node.subTasks.length > 1 || ["prepare", "wait"].includes(stageKeyOf(node.name));

/** Cancelled is FAILED + CANCEL (ux E9). A READY run is live: accepted, not yet begun. */
export function runStateOf({ state, operator, stage }: Pick<Dag, "state" | "operator" | "stage">): Run["state"] {
  switch (state) {
    case "SUCCEED":
      return "SUCCEEDED";
    case "FAILED":
      return operator === "CANCEL" ? "CANCELLED" : "FAILED";
    case "RUNNING":
      return "RUNNING";
    case "PENDING":
    case "READY":
      // After RETRY or CANCEL it is READY again, in the middle of its work.
      return stage > 1 || operator === "CANCEL" ? "RUNNING" : "ACCEPTED";
    case "UNKNOWN":
      return "UNKNOWN";
  }
}

/** The line of a sub task that was at work, or in the queue, when its run was cancelled. Source: obshell task_handler.go, cancelSubTask. */
const CANCELLED_LINE = "sub task cancelled";

/**
 * Whether a sub task was cancelled, and did not fail: only the run and the node at which it stood carry CANCEL, so its log
 * tells. What a cancelled one had begun may write on, so in a cancelled node the line counts wherever it stands. One that
 * failed before the cancel came, or failed when it was tried again after it, ends with its error.
 */
export function wasCancelled({ state, operator, logs }: SubTask, node: Pick<DagNode, "operator"> | null): boolean {
  if (state !== "FAILED") return false;
  if (operator === "CANCEL" || logs.at(-1) === CANCELLED_LINE) return true;
  return node?.operator === "CANCEL" && logs.includes(CANCELLED_LINE);
}

export const isLive = (state: Run["state"]): boolean => state === "ACCEPTED" || state === "RUNNING";
export const hasEnded = ({ state }: Pick<Dag, "state">): boolean => state === "SUCCEED" || state === "FAILED";
