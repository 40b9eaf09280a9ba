import "server-only";
import { agentOf } from "../clusters/registry";
import { stopwatch } from "../clock";
import { lastTurn } from "../db/cluster-lock";
import type { Database } from "../db/tables";
import { storeNowMs } from "../db/store-clock";
import { AppError, isAppError } from "../errors";
import { log } from "../log";
import { beganAt } from "../obshell/began-at";
import type { Dag } from "../obshell/schema";
import { acceptIntent } from "./accept-intent";
import { approvalOf } from "./approvals";
import { cancelFirst } from "./cancel-first";
import { requireConfirmed, requireStillConfirmed, type Confirmer } from "./confirmed";
import { cancelOf, moveIntent, readIntent, type Intent } from "./intents";
import { judgeNow, requireNoWorse, type Judged } from "./judge-now";
import { freeCluster, openIntent, type LastWord } from "./open-intent";
import { beginOperation } from "./operate";
import { heldRequest } from "./prove-hold";
import type { PlanCall } from "./plan-call";
import { findPlan, type PlanRecord } from "./plans";
import type { Confirmation, Send } from "./schema";
import { isSending, whileSending } from "./watch-intents";

/** A process that stood still between judging and committing no longer knows what the cluster looks like. */
const STOOD_STILL_MS = 5_000;
const SEND_TIMEOUT_MS = 20_000;
/** After its cancel an escalation's stop is committed, or will not come, within this time. */
const FOLLOWS_MS = 30_000;

/**
 * Sends a confirmed plan, at most once (ux C-10). Judges it again first and refuses when anything that was reviewed has
 * changed. The intent is committed before the first byte goes out, and the outcome after. Throws what refused it; a plan
 * whose answer was lost resolves as `unknown` and is looked for.
 */
export async function confirmPlan(
  confirmation: Confirmation,
  { person, attemptId, requireStill }: { person: Confirmer; attemptId: string; requireStill?: LastWord },
): Promise<Send> {
  const { clusterId, planId } = confirmation;
  const record = await findPlan(clusterId, planId);
  if (await readIntent(planId)) throw new AppError("plan-used");
  requireConfirmed(record, await approvalOf(planId), confirmation, person, await storeNowMs());
  const lastWord = async (transaction: Database) => {
    await requireStill?.(transaction);
    await requireStillConfirmed(record, confirmation, transaction);
  };
  const names = { planId, clusterId, attemptId, person: person.name };
  return whileSending(planId, async () => {
    const judged = await judgeNow(record);
    const { cancels } = judged.opening;
    if (cancels === null) return commitAndSend(record, names, judged, lastWord);
    await cancelFirst({ ...names, ...judged.opening }, cancels, lastWord);
    try {
      await freeCluster(clusterId);
      const opening = { ...judged.opening, lookedAt: await lastTurn(clusterId) };
      await requireNoWorse(record, cancels);
      return await commitAndSend(record, names, { ...judged, opening, sinceJudged: stopwatch() }, lastWord);
    } catch (error) {
      // "Nothing was sent" would no longer be true.
      if (!isAppError(error)) throw error;
      throw new AppError("cancelled-only", error.facts, { cause: error, sent: error.sent, recorded: error.recorded });
    }
  });
}

async function commitAndSend(
  record: PlanRecord,
  names: Pick<Intent, "planId" | "clusterId" | "attemptId" | "person">,
  { opening, call, sinceJudged }: Judged,
  lastWord: LastWord,
): Promise<Send> {
  let intent = await openIntent({ ...names, ...opening }, lastWord);
  if (!intent) {
    // Another run stood in the way and was over; what was looked at before its end is old.
    ({ opening, call, sinceJudged } = await judgeNow(record));
    intent = await openIntent({ ...names, ...opening }, lastWord);
  }
  if (!intent) throw new AppError("stop-in-progress");
  if (intent.kind === "operation") return beginOperation(intent);
  return send(intent, call, sinceJudged());
}

async function send(intent: Intent, call: PlanCall, heldUpMs: number): Promise<Send> {
  const { coordinator } = intent;
  try {
    if (heldUpMs > STOOD_STILL_MS) throw new AppError("stood-still", {}, { sent: "no" });
    const { runId, began } = await post(intent, call);
    await settled(() => acceptIntent(intent, runId, began));
    return { state: "accepted", runId, coordinator, at: new Date().toISOString() };
  } catch (error) {
    if (!isAppError(error)) log.error({ planId: intent.planId, err: error }, "a plan was sent and its answer not read");
    // What is not known to have failed before the agent took it may have been taken.
    if (!isAppError(error) || error.sent === "maybe") {
      await settled(() => moveIntent(intent, ["open"], { state: "unknown" }, [{ by: "console", event: "unknown" }]));
      return { state: "unknown", coordinator, since: intent.openedAt, silent: [] };
    }
    const { agentCode, traceId } = error.facts;
    const outcome = { kind: error.kind, agentCode, traceId };
    const recorded = await settled(() => endAsNone(intent, outcome));
    throw new AppError(error.kind, error.facts, { cause: error, sent: error.sent, recorded });
  }
}

function endAsNone(intent: Intent, outcome: { kind: string; agentCode?: string; traceId?: string }) {
  const progress = JSON.stringify({ ...intent.progress, refused: true });
  const change = { state: "none", ends: true, records: true, zone_stop: 0, progress } as const;
  return moveIntent(intent, ["open", "unknown"], change, [{ by: intent.person, event: "refused", outcome }]);
}

/** The true outcome is told to the person also when it cannot be written: the intent stays open and is found again. */
async function settled(write: () => Promise<boolean>): Promise<boolean> {
  try {
    return await write();
  } catch (error) {
    log.error({ err: error }, "the outcome of a plan could not be written; its intent stays open and is looked after");
    return false;
  }
}

/** The one request. Answers the run that it made and when that began, or the run that it made go on. */
async function post(intent: Intent, call: PlanCall): Promise<{ runId: string; began: string | null }> {
  const { clusterId, coordinator, request } = intent;
  const agent = agentOf(clusterId, coordinator);
  const options = heldRequest(intent, SEND_TIMEOUT_MS);
  const made = (dag: Dag) => ({ runId: dag.id, began: beganAt(dag) });
  switch (call.call) {
    case "stop":
      return made(await agent.stop(call, options));
    case "zone-stop":
      return made(await agent.zoneStop(call.zone, call, options));
    case "start":
      return made(await agent.start(call, options));
    case "operate": {
      const [part] = call.parts;
      if (part?.does === "retry") await agent.operateDag(part.taskId, "RETRY", options);
      else if (part?.does === "pass-node") await agent.passNode(part.taskId, options);
      else throw new AppError("plan-blocked", {}, { sent: "no" });
      return { runId: request.runId, began: null };
    }
  }
}

/** No intent of its own: not sent, being judged, or behind the cancel that comes first. */
async function readBefore(planId: string): Promise<Send> {
  if (isSending(planId)) return { state: "sending" };
  const cancel = await readIntent(cancelOf(planId));
  if (!cancel) return { state: "none", why: "unsent" };
  const isOver = cancel.endedAt !== null && (await storeNowMs()) - Date.parse(cancel.endedAt) > FOLLOWS_MS;
  return isOver ? { state: "cancelled-only" } : { state: "sending" };
}

/** What became of the plan's one send, whichever process sent it. */
export async function readSend(clusterId: string, planId: string): Promise<Send> {
  const intent = await readIntent(planId);
  if (intent?.clusterId !== clusterId) {
    await findPlan(clusterId, planId); // throws `plan-unknown`
    return readBefore(planId);
  }
  const { coordinator, openedAt: since, silent, runId, endedAt, request, progress } = intent;
  if (intent.kind === "operation")
    return { state: "operating", isOver: endedAt !== null, runId: request.runId, parts: progress.parts };
  if (intent.state === "accepted" && runId !== null) return { state: "accepted", runId, coordinator, at: since };
  if (intent.state === "none" && progress.recordsLost === true) return { state: "none", why: "lost" };
  if (intent.state === "none") return progress.refused ? { state: "none", why: "refused" } : { state: "none" };
  if (endedAt !== null) return { state: "closed" };
  return intent.state === "open" ? { state: "sending" } : { state: "unknown", coordinator, since, silent };
}
