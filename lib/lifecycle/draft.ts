import "server-only";
import { createHash } from "node:crypto";
import { compareKey } from "../clusters/known-keys";
import { agentOf } from "../clusters/registry";
import type { Server, Topology } from "../clusters/schema";
import { isAppError } from "../errors";
import { judgeChecks, type CheckFacts } from "./checks";
import { chooseCoordinator } from "./coordinator";
import { impactOf } from "./impact";
import type { Check, Impact, Majority, StopRequest, Tier } from "./schema";
import { stopCall, type StopCall } from "./stop-request";
import { tierOf } from "./tier";

const CHECK_TIMEOUT_MS = 10_000;
const KEY_TIMEOUT_MS = 3_000;
/** The cluster refused the very stop that is planned; a fault of the call itself says nothing about the majority. */
const REFUSALS: ReadonlySet<string> = new Set([
  "majority-lost",
  "other-zone-stopped",
  "target-unknown",
  "force-required",
]);

/** A plan before it has an id: what would be sent to this cluster now, and everything that speaks for and against it. */
export interface Draft {
  impact: Impact;
  checks: Check[];
  tier: Tier;
  tierReasons: string[];
  coordinator: Server | null;
  closes: { id: string; name: string; agents: number }[];
  call: StopCall | null;
  targets: Server[];
  fingerprint: string;
  topology: Topology;
}

/** Judges a stop against the cluster as it stands. Asks the agents only what the topology cannot tell; sends nothing. */
export async function draftStop(request: StopRequest, topology: Topology): Promise<Draft> {
  const picked = new Set(request.servers);
  const targets = topology.zones.flatMap((zone) => zone.servers.filter((server) => picked.has(server.address)));
  const estimated = impactOf(topology, picked, request.method);
  const { scope } = estimated;
  const coordinator = scope ? chooseCoordinator(topology, scope, request.method, picked) : null;
  const facts = await askAgents(request, estimated, coordinator);
  const impact = { ...estimated, majority: withClusterVerdict(estimated.majority, facts) };
  const checks = judgeChecks(topology, request.method, impact, coordinator, facts);
  const held = (topology.activeRuns ?? []).filter((run) => run.holdsMaintenance);
  const agents = topology.zones
    .flatMap((zone) => zone.servers)
    .filter((server) => server.agent.underMaintenance).length;
  const closes = held.map((run) => ({ id: run.id, name: run.name, agents }));
  const version = coordinator?.agent.version ?? topology.agentVersion;
  const call = scope
    ? stopCall(
        scope,
        request.method,
        closes.map((run) => run.id),
        version,
      )
    : null;
  const { tier, reasons } = tierOf(topology.cluster.environment, request.method, impact, checks);
  const draft = { impact, checks, tier, tierReasons: reasons, coordinator, closes, call, targets, topology };
  return { ...draft, fingerprint: fingerprintOf(request, draft) };
}

async function askAgents(request: StopRequest, impact: Impact, coordinator: Server | null): Promise<CheckFacts> {
  if (!coordinator) return { clusterVerdict: null, agentKey: null };
  const agent = agentOf(request.clusterId, coordinator.address);
  const { scope } = impact;
  const zone =
    request.method !== "force" && scope?.type === "ZONE" && scope.target.length === 1 ? scope.target[0] : undefined;
  const [clusterVerdict, agentKey] = await Promise.all([
    zone === undefined || impact.blocks.length > 0
      ? null
      : agent.zoneStopCheck(zone, { timeoutMs: CHECK_TIMEOUT_MS }).then(
          () => ({ ok: true as const }),
          (error: unknown) =>
            isAppError(error) && REFUSALS.has(error.kind)
              ? { ok: false as const, kind: error.kind, code: error.facts.agentCode ?? error.kind }
              : null,
        ),
    agent.publicKey({ timeoutMs: KEY_TIMEOUT_MS }).then(
      (key) => compareKey(request.clusterId, coordinator.address, key),
      () => null,
    ),
  ]);
  return { clusterVerdict, agentKey };
}

/** The cluster's own yes replaces "lost" and "not known"; that no spare is left it does not say, so our estimate stands. */
function withClusterVerdict(majority: Majority, { clusterVerdict }: CheckFacts): Majority {
  if (!clusterVerdict) return majority;
  if (!clusterVerdict.ok)
    return clusterVerdict.kind === "majority-lost"
      ? { ...majority, verdict: "lost", source: "cluster", why: null }
      : majority;
  const verdict = majority.verdict === "kept" || majority.verdict === "no-spare" ? majority.verdict : "kept";
  return { ...majority, verdict, source: "cluster", why: null };
}

/** That a key was met for the first time, or a clock offset corrected, changes nothing about the stop; a warning does. */
export const isConcern = (check: Check): boolean =>
  check.id !== "fresh" && (check.level === "warn" || check.level === "block");

/** Everything that the confirmation shows (ux C-1, G-4): when it changes, what was reviewed is no longer what would run. */
function fingerprintOf(request: StopRequest, draft: Omit<Draft, "fingerprint">): string {
  const { impact, coordinator, closes, call, targets, checks, tier } = draft;
  const seen = {
    cluster: request.clusterId,
    method: request.method,
    targets: targets.map((server) => [server.address, server.state, server.rootServer]),
    zones: impact.zones,
    staying: impact.staying,
    majority: [impact.majority.verdict, impact.majority.tenants],
    coordinator: coordinator?.address,
    closes: closes.map((run) => run.id),
    call,
    tier,
    checks: checks.filter(isConcern).map((check) => [check.id, check.level, check.message, check.items]),
  };
  return createHash("sha256").update(JSON.stringify(seen)).digest("hex");
}
