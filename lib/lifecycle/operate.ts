import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import { stopwatch } from "../clock";
import { agentOf } from "../clusters/registry";
import { isAppError } from "../errors";
import { inParallel } from "../in-parallel";
import { log } from "../log";
import type { AgentClient } from "../obshell/client";
import type { Dag } from "../obshell/schema";
import { singleton } from "../singleton";
import { hasEnded } from "../tasks/engine-words";
import { gaveNoAnswer } from "../tasks/untold";
import { holdIntent, type Intent } from "./intents";
import { endOperation, joinWrites, settleParts } from "./operation-story";
import { heldRequest } from "./prove-hold";
import type { PartResult, Send } from "./schema";

const TIMEOUT_MS = 20_000;
const READ_TIMEOUT_MS = 5_000;
const POLL_MS = 500;
/** The engine ends a cancelled run within seconds (protocol §7.6). */
const CANCEL_MS = 60_000;
/** A kill under way is waited for as long as the engine itself would; after that whatever has not begun is not sent. */
const OPERATION_MS = 300_000;
const HOLD_EVERY_MS = 5_000;
/** Begun later than this after the confirmation, an operation is no longer what was confirmed. */
const LATE_MS = 15_000;

/** Operations that this process has begun, and how long ago: only who begins one sends its requests, so none goes out twice. */
const begun = () => singleton("lifecycle.operations", () => new Map<string, () => number>());

/** From here on the operation runs by itself; whoever asks is told how far it is. */
export function beginOperation(intent: Intent): Send {
  begun().set(intent.planId, stopwatch());
  return { state: "operating", isOver: false, runId: intent.request.runId, parts: intent.progress.parts };
}

/** Whether this process began the operation just now, and has not yet been at work on it. */
export function takeBegun(planId: string): boolean {
  const sinceBegun = begun().get(planId);
  begun().delete(planId);
  return sinceBegun !== undefined && sinceBegun() <= LATE_MS;
}

/**
 * Cancels the run where that is asked for and waits for its end, then releases every agent's part of it (protocol §7.6):
 * each request once, written down before it goes out and after. What was not done for some agents is told per agent.
 */
export async function runOperation(intent: Intent): Promise<PartResult[]> {
  const parts = intent.progress.parts.map((part) => ({ ...part }));
  const work: Work = {
    intent,
    settle: joinWrites(() => settleParts(intent, parts)),
    sinceBegun: stopwatch(),
  };
  const keepHold = setInterval(() => void holdIntent(intent).catch(() => undefined), HOLD_EVERY_MS);
  keepHold.unref();
  try {
    const first = parts.filter((part) => part.does !== "release");
    const rest = parts.filter((part) => part.does === "release");
    for (const part of first) await operate(work, part);
    // A run that may still be going keeps its agents: releasing them would let its stop go on unwatched.
    const mayRelease = first.every((part) => part.result === "done" || part.result === "already");
    if (mayRelease) await inParallel(rest, (part) => operate(work, part));
    for (const part of parts) if (part.result === "waiting") part.result = "not-sent";
    await endOperation(intent, parts);
    return parts;
  } finally {
    clearInterval(keepHold);
  }
}

interface Work {
  intent: Intent;
  /** Writes down how far the operation is; false when it is somebody else's by now. */
  settle: () => Promise<boolean>;
  sinceBegun: () => number;
}

/** Marks the request as being sent before it is, and what became of it after. */
async function operate(work: Work, part: PartResult): Promise<void> {
  if (work.sinceBegun() > OPERATION_MS) return;
  part.result = "sending";
  if (!(await work.settle())) {
    part.result = "not-sent"; // another process has brought the operation to its end meanwhile
    return;
  }
  try {
    part.result = await (part.does === "release" ? release(work, part) : cancel(work, part));
  } catch (error) {
    if (!isAppError(error))
      log.error({ planId: work.intent.planId, part, err: error }, "a request of an operation failed");
    // A CANCEL may have gone out before what failed: only a refusal is certain.
    if (isAppError(error) && error.kind === "stood-still") {
      part.result = "not-sent";
      await work.settle();
      return;
    }
    const refusal = isAppError(error) && error.sent !== "maybe" && !gaveNoAnswer(error) ? error : null;
    part.result = refusal ? "refused" : gaveNoAnswer(error) ? "silent" : "not-seen";
    part.agentCode = refusal?.facts.agentCode ?? null;
  }
  await work.settle();
}

async function cancel({ intent, sinceBegun }: Work, part: PartResult): Promise<PartResult["result"]> {
  const agent = agentOf(intent.clusterId, part.agent);
  const before = await agent.dag(part.taskId, { details: false, timeoutMs: READ_TIMEOUT_MS });
  if (hasEnded(before)) return "already";
  if (before.operator !== "CANCEL") await agent.operateDag(part.taskId, "CANCEL", heldRequest(intent, TIMEOUT_MS));
  const { dag, answered } = await waitForEnd(agent, part.taskId, Math.min(CANCEL_MS, OPERATION_MS - sinceBegun()));
  return dag ? "done" : answered ? "not-seen" : "silent";
}

async function release({ intent, settle, sinceBegun }: Work, part: PartResult): Promise<PartResult["result"]> {
  const agent = agentOf(intent.clusterId, part.agent);
  const before = await agent.dag(part.taskId, { details: false, timeoutMs: READ_TIMEOUT_MS });
  if (before.state === "SUCCEED") return "already";
  if (before.state !== "FAILED") {
    if (before.operator !== "CANCEL") await agent.operateDag(part.taskId, "CANCEL", heldRequest(intent, TIMEOUT_MS));
    const { dag, answered } = await waitForEnd(agent, part.taskId, OPERATION_MS - sinceBegun());
    if (!dag) return answered ? "not-seen" : "silent";
    if (dag.state === "SUCCEED") return "already";
    // That may have taken minutes: nothing more is sent when the operation is no longer ours.
    if (!(await settle())) return "not-seen";
  }
  await agent.operateDag(part.taskId, "PASS", heldRequest(intent, TIMEOUT_MS));
  return "done";
}

/** `dag` null: its agent did not tell; `isSilent`: because it gave no answer at all. */
const readPart = (agent: AgentClient, taskId: string): Promise<{ dag: Dag | null; isSilent: boolean }> =>
  agent.dag(taskId, { details: false, timeoutMs: READ_TIMEOUT_MS }).then(
    (dag) => ({ dag, isSilent: false }),
    (error: unknown) => ({ dag: null, isSilent: gaveNoAnswer(error) }),
  );

/** `dag` null: it did not end in time; `answered`: whether its agent told that, the last time that it was asked. */
async function waitForEnd(agent: AgentClient, taskId: string, patienceMs: number) {
  const waited = stopwatch();
  let answered = true;
  while (waited() < patienceMs) {
    const { dag, isSilent } = await readPart(agent, taskId);
    if (dag && hasEnded(dag)) return { dag, answered: true };
    answered = !isSilent;
    await sleep(POLL_MS, undefined, { ref: false });
  }
  return { dag: null, answered };
}

/**
 * Brings an operation to its end whose process is gone: sends nothing more, only reads what each agent shows, so that
 * whatever had been sent is told, and the rest is told as not sent.
 */
export async function recoverOperation(intent: Intent): Promise<PartResult[]> {
  const parts = intent.progress.parts.map((part) => ({ ...part }));
  await inParallel(parts, async (part) => {
    if (part.result === "waiting") part.result = "not-sent";
    if (part.result !== "sending") return;
    const agent = agentOf(intent.clusterId, part.agent);
    const { dag, isSilent } = await readPart(agent, part.taskId);
    const isDone = dag && (part.does === "release" ? dag.state === "SUCCEED" : hasEnded(dag));
    // It was about to be sent, so it may have been.
    part.result = isDone ? "done" : isSilent ? "silent" : "not-seen";
  });
  await endOperation(intent, parts);
  return parts;
}

/** Ends an operation whose cluster is gone: nobody can be asked what became of what was sent. */
export async function abandonOperation(intent: Intent): Promise<void> {
  const parts = intent.progress.parts.map((part) => ({ ...part }));
  for (const part of parts) {
    if (part.result === "waiting") part.result = "not-sent";
    if (part.result === "sending") part.result = "not-seen";
  }
  await endOperation(intent, parts);
}
