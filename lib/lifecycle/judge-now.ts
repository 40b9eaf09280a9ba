import "server-only";
import { stopwatch } from "../clock";
import { agentOf } from "../clusters/registry";
import { readTopology } from "../clusters/topology";
import { lastTurn } from "../db/cluster-lock";
import { storeNowMs } from "../db/store-clock";
import { AppError, isAppError, nullIfAppError } from "../errors";
import { requireUnchanged } from "./confirmed";
import { draftPlan } from "./draft";
import { inScope } from "./in-scope";
import type { IntentOpening } from "./open-intent";
import { lookAgain, showAs, type PlanRecord } from "./plans";
import type { PlanCall } from "./plan-call";

/** Only a look that begins after the confirmation counts: a change of the last second must not slip through. */
const NOW_MS = 0;
const CLOCK_TIMEOUT_MS = 3_000;

export interface Judged {
  opening: Pick<IntentOpening, "kind" | "coordinator" | "request" | "parts" | "cancels" | "lookedAt">;
  call: PlanCall;
  /** How long ago that was. */
  sinceJudged: () => number;
}

/** The plan on facts of this moment, ready to be sent. Throws what speaks against it. */
export async function judgeNow(record: PlanRecord): Promise<Judged> {
  const lookedAt = await lastTurn(record.request.clusterId);
  const clock = clockOf(record);
  // Young facts from before the confirmation are not enough: what cannot be looked at now is not stopped now.
  const look = await lookAgain(record, NOW_MS).catch((cause: unknown) => {
    throw isAppError(cause) ? new AppError("plan-blocked", {}, { cause }) : cause;
  });
  showAs(record, look);
  requireUnchanged(record.draft, look.latest);
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
    stoodAt: isOperation ? (look.latest.run?.endedAt ?? null) : null,
    sentAtMs: await storeNowMs(),
    coordinatorMs: (await clock)?.() ?? null,
  };
  const parts = isOperation ? call.parts : [];
  const kind = asked.action === "cancel" || asked.action === "release" ? "operation" : "run";
  const cancels = asked.action === "stop" ? asked.cancels : null;
  return {
    opening: { kind, coordinator: address, request, parts, cancels, lookedAt },
    call,
    sinceJudged: stopwatch(),
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

/** What the coordinator's clock shows whenever that is asked, from one reading of it; null: it did not tell. */
async function clockOf({ draft: { call, coordinator, run }, request }: PlanRecord): Promise<(() => number) | null> {
  const address = call?.call === "operate" ? run?.coordinator : coordinator?.address;
  if (!address) return null;
  try {
    const { skewMs } = await agentOf(request.clusterId, address).clock({ timeoutMs: CLOCK_TIMEOUT_MS });
    const [shownMs, since] = [Date.now() + skewMs, stopwatch()];
    return () => shownMs + since();
  } catch (error) {
    return nullIfAppError(error);
  }
}
