import type { Server, Topology } from "../clusters/schema";
import { checkId, type Blocker, type Check, type Impact, type Method } from "./schema";

/** Facts that the agents had to be asked for; everything else is in the topology. */
export interface CheckFacts {
  /** The cluster's own verdict of `/stop/check`: null when it was not asked, because the stop is no single whole zone. */
  clusterVerdict: { ok: true } | { ok: false; kind: string; code: string } | null;
  agentKey: { state: "known" | "first" | "changed"; since: string } | null;
}

const FRESH_SECONDS = 15;
const CLOCK_WARN_MS = 8_000;

type Judged = Omit<Check, "id" | "checkedAt" | "items" | "params"> & Partial<Pick<Check, "items" | "params">>;

/** A stop or a start whose pre-checks are judged. */
interface Planned {
  action: "stop" | "start";
  method: Method | null;
  impact: Impact;
  coordinator: Server | null;
  facts: CheckFacts;
  blockers: readonly Blocker[];
}

/** The pre-checks of ux §6, each as a row. Pure. `checkedAt` is when the topology behind them was read. */
export function judgeChecks(topology: Topology, planned: Planned): Check[] {
  const { action, method, impact, coordinator, facts, blockers } = planned;
  const servers = topology.zones.flatMap((zone) => zone.servers);
  const common: Partial<Record<Check["id"], Judged>> = {
    fresh: judgeFresh(topology),
    "nobody-else": judgeNobodyElse(topology, blockers),
    "agents-answer": judgeAgents(servers),
    "clocks-agree": judgeClocks(servers),
    coordinator: judgeCoordinator(topology, planned),
    "agent-key": judgeKey(coordinator, facts),
  };
  const ofStop: Partial<Record<Check["id"], Judged>> =
    action === "stop"
      ? {
          majority: judgeMajority(impact, facts),
          "one-zone": judgeOneZone(method, impact),
          "root-service": judgeRootService(topology, impact, servers),
        }
      : {};
  const judged = { ...common, ...ofStop };
  return checkId.options.flatMap((id) => {
    const row = judged[id];
    return row ? [{ id, params: {}, items: [], checkedAt: topology.readAt, ...row }] : [];
  });
}

function judgeFresh(topology: Topology): Judged {
  const seconds = Math.round(topology.ageMs / 1000);
  return seconds <= FRESH_SECONDS
    ? { level: "ok", message: "ok", params: { seconds } }
    : { level: "block", message: "stale", params: { seconds } };
}

function judgeNobodyElse(topology: Topology, blockers: readonly Blocker[]): Judged {
  if (topology.activeRuns === null) return { level: "warn", message: "unknown" };
  const about = (found: readonly Blocker[]) => ({
    params: { run: found[0]?.id ?? "", agents: new Set(found.flatMap((blocker) => blocker.agents)).size },
    items: found.map((blocker) => blocker.id),
  });
  const going = blockers.filter((blocker) => blocker.isGoing);
  if (going.length > 0) return { level: "block", message: "running", ...about(going) };
  const foreign = blockers.filter((blocker) => !blocker.releasable);
  if (foreign.length > 0) return { level: "block", message: "foreign", ...about(foreign) };
  const open = blockers.filter((blocker) => !blocker.chosen);
  if (open.length > 0) return { level: "block", message: "choose", ...about(open) };
  if (topology.notAsked.length > 0)
    return {
      level: "warn",
      message: "not-asked",
      params: { count: topology.notAsked.length },
      items: topology.notAsked,
    };
  if (blockers.length > 0) return { level: "warn", message: "holds", ...about(blockers) };
  return { level: "ok", message: "ok" };
}

function judgeAgents(servers: Server[]): Judged {
  const silent = servers.filter((server) => !server.agent.answers).map((server) => server.address);
  return silent.length === 0
    ? { level: "ok", message: "ok", params: { count: servers.length } }
    : { level: "warn", message: "silent", params: { count: silent.length, total: servers.length }, items: silent };
}

function judgeClocks(servers: Server[]): Judged {
  const measured = servers.flatMap((server) =>
    server.agent.skewMs === null ? [] : [{ address: server.address, skewMs: server.agent.skewMs }],
  );
  const sorted = measured.sort((left, right) => left.skewMs - right.skewMs);
  const first = sorted[0];
  const last = sorted.at(-1);
  if (!first || !last) return { level: "info", message: "unknown" };
  const apartMs = last.skewMs - first.skewMs;
  if (apartMs >= CLOCK_WARN_MS) {
    const params = { first: last.address, second: first.address, seconds: Math.round(apartMs / 1000) };
    return { level: "warn", message: "apart", params, items: [last.address, first.address] };
  }
  const middle = sorted[Math.floor(sorted.length / 2)] ?? first;
  const offset = Math.round(Math.abs(middle.skewMs) / 1000);
  return offset >= 2
    ? { level: "info", message: "offset", params: { seconds: offset } }
    : { level: "ok", message: "ok" };
}

function judgeMajority({ majority }: Impact, { clusterVerdict }: CheckFacts): Judged {
  if (clusterVerdict && !clusterVerdict.ok)
    return { level: "block", message: "refused", params: { code: clusterVerdict.code } };
  const tenants = majority.tenants.join(", ");
  if (majority.verdict === "kept") return { level: "ok", message: "kept" };
  if (majority.verdict === "no-spare")
    return { level: "info", message: "no-spare", params: { tenants }, items: majority.tenants };
  if (majority.verdict === "lost")
    return { level: "warn", message: "lost", params: { tenants }, items: majority.tenants };
  return { level: "warn", message: "unknown", params: { why: majority.why ?? "" } };
}

function judgeOneZone(method: Method | null, impact: Impact): Judged {
  const block = (reason: string) => impact.blocks.find((candidate) => candidate.reason === reason);
  if (method !== "stop") return { level: "ok", message: "not-needed" };
  if (block("global-needs-mode")) return { level: "block", message: "global" };
  const spans = block("spans-zones");
  if (spans) return { level: "block", message: "spans", params: { zones: spans.zones.join(", ") }, items: spans.zones };
  const other = block("other-zone-stopped");
  if (other)
    return { level: "block", message: "other-stopped", params: { zones: other.zones.join(", ") }, items: other.zones };
  return { level: "ok", message: "ok" };
}

function judgeRootService(topology: Topology, impact: Impact, servers: Server[]): Judged {
  if (!impact.rootServerStops) return { level: "ok", message: "ok" };
  const address = servers.find((server) => server.rootServer)?.address ?? topology.cluster.name;
  return { level: "info", message: "stops", params: { address } };
}

function judgeCoordinator(topology: Topology, { method, coordinator, impact }: Planned): Judged {
  if (!coordinator) return { level: "block", message: "none" };
  const params = { address: coordinator.address };
  if (!topology.databaseReachable && method === "force") return { level: "info", message: "database", params };
  const { scope } = impact;
  const isTarget =
    scope?.type === "GLOBAL" ||
    (scope?.type === "ZONE" ? scope.target.includes(coordinator.zone) : scope?.target.includes(coordinator.address));
  return isTarget ? { level: "info", message: "target", params } : { level: "ok", message: "ok", params };
}

function judgeKey(coordinator: Server | null, { agentKey }: CheckFacts): Judged {
  const address = coordinator?.address ?? "";
  if (agentKey?.state === "changed")
    return { level: "block", message: "changed", params: { address, since: agentKey.since } };
  if (agentKey?.state === "first") return { level: "info", message: "first", params: { address } };
  // Without an answer there is no coordinator to send through, which blocks by itself.
  return { level: "ok", message: "ok", params: { address } };
}
