import "server-only";
import { agentOf } from "../clusters/registry";
import { AppError, isAppError } from "../errors";
import type { Dag } from "../obshell/schema";
import { singleton } from "../singleton";
import { ageOf, findPlan, isExpired, lookAgain, type PlanRecord } from "./plans";
import { resolveSend } from "./resolve-send";
import type { Confirmation, Send } from "./schema";
import type { StopCall } from "./stop-request";

const MAX_AGE_MS = 15_000;
/** Only a look that begins after the confirmation counts: a change of the last second must not slip through. */
const NOW_MS = 0;
const MIN_REASON = 5;
const SEND_TIMEOUT_MS = 20_000;

/** Clusters on which a stop is being sent, or may have been: no second one goes out meanwhile. */
const busy = () => singleton("lifecycle.busy", () => new Set<string>());

/**
 * Sends a confirmed plan, at most once (ux C-10). Judges it again first and refuses when anything that was reviewed has
 * changed. Throws what refused it; a plan whose answer was lost resolves as `unknown` and is looked for.
 */
export async function confirmStop(confirmation: Confirmation, attemptId: string): Promise<Send> {
  const { clusterId, planId, fingerprint } = confirmation;
  const record = findPlan(clusterId, planId);
  if (record.send) throw new AppError("plan-used");
  if (busy().has(clusterId)) throw new AppError("stop-in-progress");
  if (isExpired(record)) throw new AppError("plan-expired");
  if (fingerprint !== record.draft.fingerprint) throw new AppError("plan-changed");
  requireConfirmed(record, confirmation);
  // From here to the send no second caller passes: the set and the record are claimed before the first await.
  busy().add(clusterId);
  record.send = { state: "sending" };
  try {
    // Young facts from before the confirmation are not enough: what cannot be looked at now is not stopped now.
    if (!(await lookAgain(record, NOW_MS))) throw new AppError("plan-blocked");
    requireUnchanged(record);
    return (record.send = await send(record, attemptId));
  } catch (error) {
    // Nothing was sent, so the same plan may be confirmed again. A refusal by the agent uses the plan up all the same.
    if (!isAppError(error) || error.sent !== undefined || !error.facts.agentCode) record.send = null;
    else record.send = { state: "none" };
    throw error;
  } finally {
    if (record.send?.state !== "unknown") busy().delete(clusterId);
  }
}

/** What became of the plan's one send. */
export function readSend(clusterId: string, planId: string): Send {
  const { send: state } = findPlan(clusterId, planId);
  return state ?? { state: "none" };
}

function requireConfirmed(record: PlanRecord, { reason, typedName }: Confirmation): void {
  const { tier, topology } = record.draft;
  if (tier >= 2 && reason.trim().length < MIN_REASON)
    throw new AppError("confirmation-missing", { params: { what: "reason" } });
  if (tier === 3 && typedName.trim() !== topology.cluster.name)
    throw new AppError("confirmation-missing", { params: { what: "name" } });
}

function requireUnchanged(record: PlanRecord): void {
  const { draft, latest } = record;
  const running = latest.checks.find((check) => check.id === "nobody-else" && check.level === "block");
  if (running) throw new AppError("stop-in-progress");
  if (latest.fingerprint !== draft.fingerprint) throw new AppError("plan-changed");
  if (
    ageOf(record) > MAX_AGE_MS ||
    latest.impact.blocks.length > 0 ||
    latest.checks.some((check) => check.level === "block")
  ) {
    throw new AppError("plan-blocked");
  }
}

async function send(record: PlanRecord, attemptId: string): Promise<Send> {
  const { call, coordinator } = record.draft;
  if (!call || !coordinator) throw new AppError("plan-blocked");
  const { clusterId } = record.request;
  const sentAtMs = Date.now();
  try {
    const dag = await post(clusterId, coordinator.address, call);
    return { state: "accepted", runId: dag.id, coordinator: coordinator.address, at: new Date().toISOString() };
  } catch (error) {
    if (!isAppError(error) || error.sent !== "maybe") throw error;
    const unknown: Send = {
      state: "unknown",
      coordinator: coordinator.address,
      since: new Date(sentAtMs).toISOString(),
      silent: [],
    };
    void resolveSend(record, attemptId, coordinator.address, sentAtMs, () => busy().delete(clusterId));
    return unknown;
  }
}

function post(clusterId: string, address: string, call: StopCall): Promise<Dag> {
  const agent = agentOf(clusterId, address);
  const options = { timeoutMs: SEND_TIMEOUT_MS };
  return call.call === "zone-stop" ? agent.zoneStop(call.zone, call, options) : agent.stop(call, options);
}
