import "server-only";
import { readTopology } from "../clusters/topology";
import { AppError } from "../errors";
import { requireUnchanged } from "./confirmed";
import { draftPlan } from "./draft";
import { inScope } from "./in-scope";
import type { IntentOpening } from "./open-intent";
import { lookAgain, type PlanRecord } from "./plans";
import type { PlanCall } from "./plan-call";

/** Only a look that begins after the confirmation counts: a change of the last second must not slip through. */
const NOW_MS = 0;

export interface Judged {
  opening: Pick<IntentOpening, "kind" | "coordinator" | "request" | "parts" | "cancels" | "lookedAtMs">;
  call: PlanCall;
  startedMs: number;
}

/** The plan on facts of this moment, ready to be sent. Throws what speaks against it. */
export async function judgeNow(record: PlanRecord): Promise<Judged> {
  const lookedAtMs = Date.now();
  // Young facts from before the confirmation are not enough: what cannot be looked at now is not stopped now.
  if (!(await lookAgain(record, NOW_MS))) throw new AppError("plan-blocked");
  requireUnchanged(record);
  const { call, coordinator, run, impact, topology, targets } = record.draft;
  if (!call) throw new AppError("plan-blocked");
  const { request: asked } = record;
  const isOperation = call.call === "operate";
  const address = isOperation ? (run?.coordinator ?? "") : (coordinator?.address ?? "");
  if (address === "") throw new AppError("plan-blocked");
  const request = {
    cluster: topology.cluster,
    action: asked.action,
    method: asked.action === "stop" ? asked.method : null,
    targets: targets.map((server) => server.address),
    scope: impact.scope?.type ?? ("" as const),
    inScope: isOperation ? [] : inScope(topology, impact.scope),
    path: isOperation ? "" : call.path,
    body: isOperation ? "" : JSON.stringify(call.body),
    runId: isOperation ? (run?.id ?? "") : "",
    stoodAt: isOperation ? (record.latest.run?.endedAt ?? null) : null,
    sentAtMs: Date.now(),
    coordinatorMs: Date.now() + (coordinatorSkewMs(record) ?? 0),
  };
  const parts = isOperation ? call.parts : [];
  const kind = asked.action === "cancel" || asked.action === "release" ? "operation" : "run";
  const cancels = asked.action === "stop" ? asked.cancels : null;
  return {
    opening: { kind, coordinator: address, request, parts, cancels, lookedAtMs },
    call,
    startedMs: performance.now(),
  };
}

/**
 * After its cancel an escalation is judged once more: what the cluster has become meanwhile must not be worse than what
 * was confirmed. The cancelled run now holds what it left, and its successor releases that. Throws `plan-changed`.
 */
export async function requireNoWorse(record: PlanRecord, cancelled: string): Promise<void> {
  const { request, draft } = record;
  if (request.action !== "stop") return;
  const topology = await readTopology(request.clusterId, { maxAgeMs: NOW_MS });
  const after = await draftPlan({ ...request, cancels: null, releases: [...request.releases, cancelled] }, topology);
  const { majority, blocks } = after.impact;
  const before = draft.impact.majority;
  const isWorse =
    VERDICTS.indexOf(majority.verdict) > VERDICTS.indexOf(before.verdict) ||
    majority.tenants.some((tenant) => !before.tenants.includes(tenant));
  const isBlocked = blocks.length > 0 || after.checks.some((check) => check.level === "block");
  if (isWorse || isBlocked || after.coordinator?.address !== draft.coordinator?.address)
    throw new AppError("plan-changed");
}

const VERDICTS = ["kept", "no-spare", "unknown", "lost"];

const coordinatorSkewMs = ({ latest, draft }: PlanRecord): number | null | undefined =>
  (latest.coordinator ?? draft.coordinator)?.agent?.skewMs;
