import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import { agentOf } from "../clusters/registry";
import { isAppError } from "../errors";
import { log } from "../log";
import type { Dag } from "../obshell/schema";
import { singleton } from "../singleton";
import { hasEnded } from "../tasks/engine-words";
import { holdIntent, type Intent } from "./intents";
import { endOperation, settlePart } from "./operation-story";
import type { PartResult, Send } from "./schema";

const TIMEOUT_MS = 20_000;
const READ_TIMEOUT_MS = 5_000;
const POLL_MS = 500;
/** The engine ends a cancelled run within seconds; a kill under way is waited for as long as the engine itself would (protocol §7.6). */
const CANCEL_MS = 300_000;
const AT_ONCE = 8;
const HOLD_EVERY_MS = 5_000;
/** Begun later than this after the confirmation, an operation is no longer what was confirmed. */
const LATE_MS = 15_000;

/** Operations that this process has begun: only who begins one sends its requests, so none goes out twice. */
const begun = () => singleton("lifecycle.operations", () => new Set<string>());

/** From here on the operation runs by itself; whoever asks is told how far it is. */
export function beginOperation(intent: Intent): Send {
  begun().add(intent.planId);
  return { state: "operating", isOver: false, runId: intent.request.runId, parts: intent.progress.parts };
}

/** Whether this process began the operation and has not yet been at work on it. */
export const takeBegun = (planId: string): boolean => begun().delete(planId);

/**
 * Cancels the run where that is asked for and waits for its end, then releases every agent's part of it (protocol §7.6):
 * each request once, written down before it goes out and after. What was not done for some agents is told per agent.
 */
export async function runOperation(intent: Intent): Promise<PartResult[]> {
  if (Date.now() - Date.parse(intent.openedAt) > LATE_MS) return recoverOperation(intent);
  const parts = intent.progress.parts.map((part) => ({ ...part }));
  const keepHold = setInterval(() => void holdIntent(intent).catch(() => undefined), HOLD_EVERY_MS);
  keepHold.unref();
  try {
    const first = parts.filter((part) => part.does !== "release");
    const rest = parts.filter((part) => part.does === "release");
    for (const part of first) await operate(intent, parts, part);
    // A run that may still be going keeps its agents: releasing them would let its stop go on unwatched.
    const mayRelease = first.every((part) => part.result === "done" || part.result === "already");
    if (!mayRelease) for (const part of rest) part.result = "not-sent";
    else await inParallel(rest, (part) => operate(intent, parts, part));
    await endOperation(intent, parts);
    return parts;
  } finally {
    clearInterval(keepHold);
  }
}

/** Marks the request as being sent before it is, and what became of it after. */
async function operate(intent: Intent, parts: readonly PartResult[], part: PartResult): Promise<void> {
  part.result = "sending";
  if (!(await settlePart(intent, parts))) {
    part.result = "not-sent"; // another process has brought the operation to its end meanwhile
    return;
  }
  try {
    part.result = await (part.does === "release" ? release(intent, part) : cancel(intent, part));
  } catch (error) {
    if (!isAppError(error)) log.error({ planId: intent.planId, part, err: error }, "a request of an operation failed");
    const refused = isAppError(error) && error.sent !== "maybe" && error.facts.agentCode !== undefined;
    part.result = refused ? "refused" : isAppError(error) && error.sent === "no" ? "not-sent" : "silent";
    part.agentCode = isAppError(error) ? (error.facts.agentCode ?? null) : null;
  }
  await settlePart(intent, parts);
}

async function cancel({ clusterId }: Intent, { agent: address, taskId }: PartResult): Promise<PartResult["result"]> {
  const agent = agentOf(clusterId, address);
  const before = await agent.dag(taskId, { details: false, timeoutMs: READ_TIMEOUT_MS });
  if (hasEnded(before)) return "already";
  if (before.operator !== "CANCEL") await agent.operateDag(taskId, "CANCEL", { timeoutMs: TIMEOUT_MS });
  return (await waitForEnd(clusterId, address, taskId)) ? "done" : "silent";
}

async function release({ clusterId }: Intent, { agent: address, taskId }: PartResult): Promise<PartResult["result"]> {
  const agent = agentOf(clusterId, address);
  const read = () => agent.dag(taskId, { details: false, timeoutMs: READ_TIMEOUT_MS });
  const before = await read();
  if (before.state === "SUCCEED") return "already";
  if (before.state !== "FAILED") {
    if (before.operator !== "CANCEL") await agent.operateDag(taskId, "CANCEL", { timeoutMs: TIMEOUT_MS });
    const ended = await waitForEnd(clusterId, address, taskId);
    if (!ended) return "silent";
    if (ended.state === "SUCCEED") return "already";
  }
  await agent.operateDag(taskId, "PASS", { timeoutMs: TIMEOUT_MS });
  return "done";
}

/** null: it did not end, or its agent did not tell, for as long as the engine itself would wait. */
async function waitForEnd(clusterId: string, address: string, taskId: string): Promise<Dag | null> {
  const untilMs = Date.now() + CANCEL_MS;
  const agent = agentOf(clusterId, address);
  while (Date.now() < untilMs) {
    const dag = await agent.dag(taskId, { details: false, timeoutMs: READ_TIMEOUT_MS }).catch(() => null);
    if (dag && hasEnded(dag)) return dag;
    await sleep(POLL_MS, undefined, { ref: false });
  }
  return null;
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
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
    const dag = await agent.dag(part.taskId, { details: false, timeoutMs: READ_TIMEOUT_MS }).catch(() => null);
    const isDone = dag && (part.does === "release" ? dag.state === "SUCCEED" : hasEnded(dag));
    part.result = dag === null ? "silent" : isDone ? "done" : "not-sent";
  });
  await endOperation(intent, parts);
  return parts;
}
