import type { Server, Topology, Unheard, ZoneRecord } from "../clusters/schema";
import { hasAgent, type AgentServer } from "../clusters/has-agent";
import { endFrozen, unheardOf } from "../clusters/unheard";
import { passedOver } from "./coordinator";
import { judgeOtherZones, judgeZoneStatus } from "./zone-checks";
import { judgeClocks, judgeClusterTask, judgeMembers, judgeStartOrder } from "./member-checks";
import { toChecks, type Judged } from "./judgement";
import type { Blocker, Check, Impact, Method } from "./schema";

/** Facts that the agents had to be asked for; everything else is in the topology. */
export interface CheckFacts {
  /** The cluster's own verdict of `/stop/check`: null when it was not asked, because the stop is no single whole zone. */
  clusterVerdict: { ok: true } | { ok: false; kind: string; code: string } | null;
  agentKey: { state: "known" | "first" | "changed"; since: string } | null;
}

const FRESH_SECONDS = 15;

/** A stop or a start whose pre-checks are judged. */
interface Planned {
  action: "stop" | "start";
  method: Method | null;
  impact: Impact;
  coordinator: Server | null;
  facts: CheckFacts;
  blockers: readonly Blocker[];
  /** Servers that are stopped or started. */
  picked: ReadonlySet<string>;
  /** Zones that were stopped from here, where nobody tells whether they still are. */
  records: readonly ZoneRecord[];
}

/** The pre-checks of ux §6, each as a row. Pure. `checkedAt` is when the topology behind them was read. */
export function judgeChecks(topology: Topology, planned: Planned): Check[] {
  const { action, impact, coordinator, facts, blockers } = planned;
  const servers = topology.zones.flatMap((zone) => zone.servers);
  const members = servers.filter(hasAgent);
  const isStop = action === "stop";
  const judged: Partial<Record<Check["id"], Judged>> = {
    fresh: judgeFresh(topology),
    "nobody-else": judgeNobodyElse(topology, blockers),
    "agents-answer": judgeAgents(members, topology.zones),
    members: judgeMembers(members),
    "clocks-agree": judgeClocks(members),
    "cluster-task": judgeClusterTask(topology),
    majority: isStop ? judgeMajority(impact, facts) : undefined,
    "one-zone": isStop ? judgeOneZone(topology, planned) : undefined,
    "root-service": isStop ? judgeRootService(topology, impact, servers) : undefined,
    "start-order": isStop ? undefined : judgeStartOrder(topology, planned.picked, impact.scope?.type === "GLOBAL"),
    "zone-status": isStop ? undefined : judgeZoneStatus(topology, planned),
    coordinator: judgeCoordinator(topology, planned),
    "agent-key": judgeKey(coordinator, facts),
  };
  return toChecks(topology, action, judged);
}

/** A plan rests on a picture that is seconds old. */
export function judgeFresh(topology: Topology): Judged {
  const seconds = Math.round(topology.ageMs / 1000);
  return seconds <= FRESH_SECONDS
    ? { level: "ok", message: "ok", params: { seconds } }
    : { level: "block", message: "stale", params: { seconds } };
}

/** Nobody could be told from those that could not be asked; a leftover that is not chosen fails the plan at its step 2. */
function judgeNobodyElse(topology: Topology, blockers: readonly Blocker[]): Judged {
  const about = (found: readonly Blocker[]) => ({
    params: {
      run: found[0]?.id ?? "",
      name: found[0]?.name ?? "",
      agents: new Set(found.flatMap((blocker) => blocker.agents)).size,
      from: found[0]?.by ? "here" : "elsewhere",
      by: found[0]?.by ?? "",
      ...(found[0]?.since ? { since: found[0].since } : {}),
    },
    items: found.map((blocker) => blocker.id),
  });
  const going = blockers.filter((blocker) => blocker.work === "going" && blocker.releasable);
  if (going.length > 0) return { level: "block", message: "running", ...about(going) };
  const foreign = blockers.filter((blocker) => !blocker.releasable);
  if (foreign.length > 0) return { level: "block", message: "foreign", ...about(foreign) };
  const open = blockers.filter((blocker) => !blocker.chosen);
  const isUnknown = ({ work }: Blocker) => work === "unknown";
  const [worst] = [open.filter(isUnknown), open].filter((found) => found.length > 0);
  if (worst) return { level: "block", message: worst.some(isUnknown) ? "choose-unknown" : "choose", ...about(worst) };
  const unknown = blockers.filter(isUnknown);
  if (unknown.length > 0) return { level: "warn", message: "holds-unknown", ...about(unknown) };
  const { notAsked } = topology;
  if (notAsked.length > 0)
    return { level: "warn", message: "not-asked", params: { count: notAsked.length }, items: notAsked };
  if (topology.activeRuns === null) return { level: "warn", message: "unknown" };
  if (blockers.length > 0) return { level: "warn", message: "holds", ...about(blockers) };
  return { level: "ok", message: "ok" };
}

/**
 * The engine makes every agent take part. It gives up a refusing one within seconds and a silent one after 3 × 3 minutes,
 * and waits for one whose observer is frozen as long as that lasts, at most 15 minutes (protocol §7.3, §7.4, findings A2).
 */
function judgeAgents(servers: readonly AgentServer[], zones: Topology["zones"]): Judged {
  const unheard = unheardOf({ zones });
  if (unheard.length === 0) return { level: "ok", message: "ok", params: { count: servers.length } };
  const count = (condition: Unheard["condition"]) => unheard.filter((one) => one.condition === condition).length;
  const params = { count: unheard.length, total: servers.length, silent: count("silent"), hangs: count("hangs") };
  return {
    level: "warn",
    message: params.hangs === unheard.length ? "hangs" : "silent",
    params,
    items: unheard.map(({ address }) => address),
    commands: endFrozen(servers),
  };
}

const said = ({ doubts }: Impact["majority"], doubt: (typeof doubts)[number]) =>
  doubts.includes(doubt) ? "yes" : "no";

/** What a stop does to the tenants. */
export function judgeMajority({ majority }: Impact, { clusterVerdict }: CheckFacts): Judged {
  const items = majority.tenants;
  if (clusterVerdict && !clusterVerdict.ok && clusterVerdict.kind !== "other-zone-stopped")
    return { level: "block", message: "refused", params: { code: clusterVerdict.code, named: items.length }, items };
  const params = {
    tenants: items.join(", "),
    source: majority.source,
    guard: majority.guard,
    silent: said(majority, "silent"),
    aside: majority.setAside.length,
    old: said(majority, "old"),
  };
  if (majority.verdict === "kept") return { level: "ok", message: "kept", params };
  if (majority.verdict === "no-spare") return { level: "info", message: "no-spare", params, items };
  if (majority.verdict === "lost") return { level: "warn", message: "lost", params, items };
  const { guard, setAside } = majority;
  return {
    level: "warn",
    message: "unknown",
    params: { why: majority.why ?? "", guard, aside: setAside.length },
    items,
  };
}

function judgeOneZone(topology: Topology, { method, impact, facts, records }: Planned): Judged {
  const { clusterVerdict } = facts;
  const block = (reason: string) => impact.blocks.find((candidate) => candidate.reason === reason);
  const other = block("other-zone-stopped");
  if (other)
    return { level: "block", message: "other-stopped", params: { zones: other.zones.join(", ") }, items: other.zones };
  if (clusterVerdict && !clusterVerdict.ok && clusterVerdict.kind === "other-zone-stopped")
    return { level: "block", message: "refused", params: { code: clusterVerdict.code } };
  if (method !== "stop") return { level: "ok", message: "not-needed" };
  if (block("global-needs-mode")) return { level: "block", message: "global" };
  const spans = block("spans-zones");
  if (spans) return { level: "block", message: "spans", params: { zones: spans.zones.join(", ") }, items: spans.zones };
  const own = new Set(impact.zones.flatMap(({ zone, stopping }) => (stopping > 0 ? [zone] : [])));
  return judgeOtherZones(topology, records, own) ?? { level: "ok", message: "ok" };
}

/** Root Service lives in the sys tenant: without its majority there is nowhere to move to. */
function judgeRootService(topology: Topology, impact: Impact, servers: Server[]): Judged {
  const { majority, scope } = impact;
  if (majority.verdict === "lost" && majority.tenants.includes("sys") && scope?.type !== "GLOBAL")
    return { level: "info", message: "sys-lost" };
  if (!impact.rootServerStops) return { level: "ok", message: "ok" };
  const address = servers.find((server) => server.rootServer)?.address ?? topology.cluster.name;
  return { level: "info", message: "stops", params: { address } };
}

function judgeCoordinator(topology: Topology, { method, coordinator, impact, picked }: Planned): Judged {
  const { able, ...passed } = passedOver(topology, impact.scope, method);
  const counts = { silent: passed.silent.length, outside: passed.outside.length, database: passed.database.length };
  const items = [...passed.silent, ...passed.outside, ...passed.database];
  if (!coordinator) return { level: "block", message: "none", params: counts, items };
  const params = { address: coordinator.address, ...counts };
  const isTarget = picked.has(coordinator.address);
  if (isTarget && able.some((agent) => !picked.has(agent))) return { level: "info", message: "guard", params };
  if (isTarget) return { level: "info", message: "target", params, items };
  if (method === "force" && !topology.databaseReachable) return { level: "info", message: "database", params };
  if (coordinator.agent?.underMaintenance) return { level: "info", message: "held", params };
  return {
    level: able.length === 1 ? "info" : "ok",
    message: able.length === 1 ? "only" : "ok",
    params,
    items: able.length === 1 ? items : [],
  };
}

function judgeKey(coordinator: Server | null, { agentKey }: CheckFacts): Judged {
  const address = coordinator?.address ?? "";
  if (agentKey?.state === "changed")
    return { level: "block", message: "changed", params: { address, since: agentKey.since } };
  if (agentKey?.state === "first") return { level: "info", message: "first", params: { address } };
  // Without an answer there is no coordinator to send through, which blocks by itself.
  return { level: "ok", message: "ok", params: { address } };
}
