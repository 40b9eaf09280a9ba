import "server-only";
import { createCoalescer } from "../coalesce";
import { hasAgent } from "../clusters/has-agent";
import { clusterCard } from "../clusters/registry";
import type { Topology } from "../clusters/schema";
import { readTopology } from "../clusters/topology";
import { unheardOf } from "../clusters/unheard";
import type { Person } from "../auth/schema";
import { storeNowMs } from "../db/store-clock";
import { AppError, nullIfAppError } from "../errors";
import { parseAddress } from "../address";
import { singleton } from "../singleton";
import { APPROVAL_LIFE_MS, approvalOf } from "./approvals";
import { draftPlan, type Draft } from "./draft";
import { compareAddresses } from "./impact";
import { readIntent } from "./intents";
import { planChanges } from "./plan-changes";
import { commandLine, requestsOf } from "./plan-call";
import type { Approval, Change, Plan, PlanRequest } from "./schema";
import { loadPlan, storePlan, type StoredPlan } from "./stored-plan";

/** Whoever acts, as far as plans care. */
export type Maker = Pick<Person, "name">;

export const PLAN_LIFE_MS = 5 * 60_000;
/** Each holds the cluster twice, as reviewed and as last seen. */
const KEPT_PLANS = 50;
/** A plan is made on facts at most this old. */
const MAKE_MAX_AGE_MS = 2_000;
const WATCH_MAX_AGE_MS = 5_000;

/** A stored plan and, of this process alone, the last look at its cluster. */
export interface PlanRecord extends StoredPlan {
  latest: Draft;
  changes: Change[];
}

const records = () => singleton("lifecycle.plans", () => new Map<string, PlanRecord>());
const looks = () => singleton("lifecycle.looks", () => createCoalescer<Look>(1_000));

/** Reviews a request: reads the cluster, judges, stores the plan. Sends nothing. Throws `target-unknown`. */
export async function makePlan(request: PlanRequest, person: Maker): Promise<Plan> {
  // A start, or what is done with a run, follows right after something was done: a picture of before is another cluster.
  const maxAgeMs = request.action === "stop" ? MAKE_MAX_AGE_MS : 0;
  const topology = await readTopology(request.clusterId, { maxAgeMs });
  const asked = canonical(request, topology);
  const draft = await draftPlan(asked, topology);
  const stored = {
    id: crypto.randomUUID(),
    person: person.name,
    request: asked,
    draft,
    createdAtMs: await storeNowMs(),
  };
  for (const dropped of await storePlan(stored)) records().delete(dropped);
  return toPlan(keep(stored), { approval: null, isSent: false, nowMs: stored.createdAtMs });
}

/** Everything that is picked once and in order, so that nothing goes out twice; all servers must be of this cluster. */
function canonical(request: PlanRequest, topology: Topology): PlanRequest {
  if (request.action === "release") {
    const agents = request.agents && once(request.agents);
    return { ...request, runIds: once(request.runIds), agents };
  }
  if (!("servers" in request)) return request;
  requireReachable(request.servers, topology);
  return { ...request, servers: once(request.servers), releases: once(request.releases) };
}

/** Throws `target-agentless` for what the cluster has and nothing reaches, `target-unknown` for all else. */
function requireReachable(targets: readonly string[], { zones }: Topology): void {
  const servers = zones.flatMap((zone) => zone.servers);
  const known = new Set(servers.filter(hasAgent).map(({ address }) => address));
  const unknown = targets.filter((target) => !known.has(target));
  if (unknown.length === 0) return;
  const agentless = servers.filter((server) => !hasAgent(server));
  const outOfReach = unknown.filter((target) =>
    agentless.some(({ address, ip }) => target === address || parseAddress(target)?.ip === ip),
  );
  if (outOfReach.length > 0)
    throw new AppError("target-agentless", { params: { n: outOfReach.length, list: outOfReach.join(", ") } });
  throw new AppError("target-unknown", { params: { what: unknown.join(", ") } });
}

const once = (picked: readonly string[]): string[] => [...new Set(picked)].sort(compareAddresses);

/** The plan with its checks run again on the cluster as it stands, for whoever may see it. Throws `plan-unknown`. */
export async function readPlan(clusterId: string, planId: string): Promise<Plan> {
  const record = await findPlan(clusterId, planId);
  const [intent, approval, nowMs] = await Promise.all([readIntent(planId), approvalOf(planId), storeNowMs()]);
  if (!intent) {
    // Where the cluster cannot be read nothing is new, and the age of the old facts tells.
    const look = await looks()(planId, () => lookAgain(record, WATCH_MAX_AGE_MS)).catch(nullIfAppError);
    if (look) showAs(record, look);
  }
  return toPlan(record, { approval, isSent: intent !== null, nowMs });
}

/** A plan's request as it is judged now, and in what that differs from what was reviewed. */
export type Look = Pick<PlanRecord, "latest" | "changes">;

/** Judges the plan's request anew. Throws what keeps the cluster from being read. */
export async function lookAgain({ request, draft }: StoredPlan, maxAgeMs: number): Promise<Look> {
  const latest = await draftPlan(request, await readTopology(request.clusterId, { maxAgeMs }));
  return { latest, changes: planChanges(draft, latest) };
}

/** From here on the plan is shown like this. */
export const showAs = (record: PlanRecord, { latest, changes }: Look): void =>
  void Object.assign(record, { latest, changes });

/** A plan of any process. Throws `plan-unknown`. */
export async function findPlan(clusterId: string, planId: string): Promise<PlanRecord> {
  let record = records().get(planId);
  if (!record) {
    const stored = await loadPlan(planId);
    record = stored ? (records().get(planId) ?? keep(stored)) : undefined;
  }
  if (record?.request.clusterId !== clusterId) throw new AppError("plan-unknown");
  return record;
}

/**
 * What this process remembers is a copy, which is read again when it is asked for: what nobody can send any more goes,
 * and above the limit the oldest.
 */
function keep(stored: StoredPlan): PlanRecord {
  const record = { ...stored, latest: stored.draft, changes: [] };
  const kept = records();
  const overMs = stored.createdAtMs - PLAN_LIFE_MS - APPROVAL_LIFE_MS;
  for (const { id, createdAtMs } of kept.values()) if (createdAtMs < overMs) kept.delete(id);
  kept.set(stored.id, record);
  const [oldest] = kept.keys();
  if (kept.size > KEPT_PLANS && oldest !== undefined) kept.delete(oldest);
  return record;
}

/** By the clock of this process, which has looked itself. */
export const ageOf = ({ latest }: Pick<PlanRecord, "latest">): number =>
  Date.now() - Date.parse(latest.topology.readAt);

/** A plan that waits for a second person lives as long as that person has. */
export const expiresAtMs = ({ createdAtMs }: StoredPlan, approval: Approval | null): number =>
  Math.max(createdAtMs + PLAN_LIFE_MS, approval && approval.state !== "declined" ? Date.parse(approval.expiresAt) : 0);

/** A critical plan on a cluster that wants two people for it. */
export const needsApproval = ({ draft, request }: StoredPlan): boolean =>
  draft.tier === 3 && clusterCard(request.clusterId).twoPerson === true;

function toPlan(
  record: PlanRecord,
  { approval, isSent, nowMs }: { approval: Approval | null; isSent: boolean; nowMs: number },
): Plan {
  const { draft, latest, request } = record;
  const unheard = unheardOf(latest.topology);
  const unheardBy = new Map(unheard.map(({ address, condition, since }) => [address, { condition, since }]));
  const endMs = expiresAtMs(record, approval);
  return {
    id: record.id,
    action: request.action,
    person: record.person,
    fingerprint: draft.fingerprint,
    cluster: draft.topology.cluster,
    method: request.action === "stop" ? request.method : null,
    run: draft.run,
    continues: "continues" in request ? request.continues : null,
    cancels: request.action === "stop" ? request.cancels : null,
    targets: draft.targets.map(({ address, zone, state, agent, rootServer }) => ({
      address,
      zone,
      state,
      agentAnswers: agent?.answers ?? false,
      unheard: unheardBy.get(address) ?? null,
      rootServer,
    })),
    impact: draft.impact,
    checks: latest.checks,
    tier: draft.tier,
    tierReasons: draft.tierReasons,
    coordinator: draft.coordinator?.address ?? null,
    blockers: draft.blockers,
    notAsked: latest.topology.notAsked,
    toldAt: draft.topology.overdue?.readAt ?? null,
    unheard,
    parts: draft.call?.call === "operate" ? draft.call.parts : [],
    requests: requestsOf(draft.call, draft.coordinator?.address ?? null),
    // An escalation cancels a run before it sends its stop, which no command does.
    commandLine: request.action === "stop" && request.cancels !== null ? "" : commandLine(draft.call),
    createdAt: new Date(record.createdAtMs).toISOString(),
    expiresAt: new Date(endMs).toISOString(),
    expiresInMs: Math.max(0, endMs - nowMs),
    ageMs: ageOf(record),
    changes: record.changes,
    needsApproval: needsApproval(record),
    approval,
    state: isSent
      ? "sent"
      : record.changes.length > 0 || latest.fingerprint !== draft.fingerprint
        ? "changed"
        : nowMs > endMs
          ? "expired"
          : "open",
  };
}
