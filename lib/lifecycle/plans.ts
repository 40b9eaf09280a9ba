import "server-only";
import { createCoalescer } from "../coalesce";
import { AppError } from "../errors";
import { readTopology } from "../clusters/topology";
import { singleton } from "../singleton";
import { draftStop, type Draft } from "./draft";
import { compareAddresses } from "./impact";
import { planChanges } from "./plan-changes";
import type { Change, Plan, Send, StopRequest } from "./schema";
import { commandLine } from "./stop-request";

export const PLAN_LIFE_MS = 5 * 60_000;
const KEPT_MS = 60 * 60_000;
const KEPT_PLANS = 500;
/** A plan is made on facts at most this old. */
const MAKE_MAX_AGE_MS = 2_000;
const WATCH_MAX_AGE_MS = 5_000;

/** A plan in this process: the draft that was reviewed never changes; `latest` is the last look at the cluster. */
export interface PlanRecord {
  id: string;
  request: StopRequest;
  draft: Draft;
  createdAtMs: number;
  latest: Draft;
  changes: Change[];
  /** Confirmations of this plan so far, refused ones included. */
  attempts: number;
  /** null until it is confirmed. Set once, before anything is sent. */
  send: Send | null;
}

const records = () => singleton("lifecycle.plans", () => new Map<string, PlanRecord>());
const looks = () => singleton("lifecycle.looks", () => createCoalescer<boolean>(1_000));

/** Reviews a selection: reads the cluster, judges, remembers the plan. Sends nothing. Throws `target-unknown`. */
export async function makePlan(request: StopRequest): Promise<Plan> {
  const topology = await readTopology(request.clusterId, { maxAgeMs: MAKE_MAX_AGE_MS });
  const known = new Set(topology.zones.flatMap((zone) => zone.servers.map((server) => server.address)));
  const unknown = request.servers.filter((server) => !known.has(server));
  if (unknown.length > 0) throw new AppError("target-unknown", { params: { what: unknown.join(", ") } });
  const draft = await draftStop(
    { ...request, servers: [...new Set(request.servers)].sort(compareAddresses) },
    topology,
  );
  const record: PlanRecord = {
    id: crypto.randomUUID(),
    request,
    draft,
    createdAtMs: Date.now(),
    latest: draft,
    changes: [],
    attempts: 0,
    send: null,
  };
  forgetOld();
  records().set(record.id, record);
  return toPlan(record);
}

/** The plan with its checks run again on the cluster as it stands. Throws `plan-unknown`. */
export async function readPlan(clusterId: string, planId: string): Promise<Plan> {
  const record = findPlan(clusterId, planId);
  if (record.send === null) await looks()(planId, () => lookAgain(record, WATCH_MAX_AGE_MS));
  return toPlan(record);
}

/**
 * Judges the plan's request anew; afterwards `record.changes` tells whether what was reviewed still holds. False when
 * the cluster could not be read: then nothing is new, and the age of the old facts tells.
 */
export async function lookAgain(record: PlanRecord, maxAgeMs: number): Promise<boolean> {
  const topology = await readTopology(record.request.clusterId, { maxAgeMs }).catch(() => null);
  if (!topology) return false;
  record.latest = await draftStop(record.request, topology);
  record.changes = planChanges(record.draft, record.latest);
  return true;
}

export function findPlan(clusterId: string, planId: string): PlanRecord {
  const record = records().get(planId);
  if (record?.request.clusterId !== clusterId) throw new AppError("plan-unknown");
  return record;
}

export const ageOf = (record: PlanRecord): number => Date.now() - Date.parse(record.latest.topology.readAt);
export const isExpired = (record: PlanRecord): boolean => Date.now() - record.createdAtMs > PLAN_LIFE_MS;

function forgetOld(): void {
  for (const [id, record] of records()) {
    const unsure = record.send?.state === "unknown" || record.send?.state === "sending";
    if (!unsure && (Date.now() - record.createdAtMs > KEPT_MS || records().size >= KEPT_PLANS)) records().delete(id);
  }
}

function toPlan(record: PlanRecord): Plan {
  const { draft, latest, request } = record;
  const { scope } = draft.impact;
  const expiresAtMs = record.createdAtMs + PLAN_LIFE_MS;
  return {
    id: record.id,
    fingerprint: draft.fingerprint,
    cluster: draft.topology.cluster,
    method: request.method,
    targets: draft.targets.map(({ address, zone, state, agent, rootServer }) => ({
      address,
      zone,
      state,
      agentAnswers: agent.answers,
      rootServer,
    })),
    impact: draft.impact,
    checks: latest.checks,
    tier: draft.tier,
    tierReasons: draft.tierReasons,
    coordinator: draft.coordinator?.address ?? null,
    closesRuns: draft.closes,
    request: {
      method: "POST",
      path: draft.call?.path ?? "",
      body: draft.call ? JSON.stringify(draft.call.body, null, 2) : "",
    },
    commandLine: scope ? commandLine(scope, request.method) : "",
    createdAt: new Date(record.createdAtMs).toISOString(),
    expiresAt: new Date(expiresAtMs).toISOString(),
    expiresInMs: Math.max(0, expiresAtMs - Date.now()),
    ageMs: ageOf(record),
    changes: record.changes,
    state: record.send
      ? "sent"
      : record.changes.length > 0 || latest.fingerprint !== draft.fingerprint
        ? "changed"
        : isExpired(record)
          ? "expired"
          : "open",
  };
}
