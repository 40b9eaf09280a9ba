import type { ReportedCluster, ReportedServer, ReportedZone } from "../obshell/schema";
import { supports } from "../obshell/wire/version";
import type { Probe } from "./probe";
import type { ClusterFacts } from "./read-facts";
import type { Overdue, Server, Topology, Zone } from "./schema";
import { isStoppedBySql, serverState } from "./server-state";

const byAddress = (left: { address: string }, right: { address: string }): number =>
  left.address.localeCompare(right.address, "en", { numeric: true });

/** Pure: what was found about a cluster, in our words. Its age is the caller's to say. */
export function assembleTopology(cluster: Topology["cluster"], facts: ClusterFacts): Topology {
  const { base, answer, probes } = facts;
  const reported = withLastAnswer(base.reported, answer);
  const { runs: activeRuns, notAsked } = facts.maintenance;
  const runGoing = activeRuns === null || activeRuns.some((run) => !run.holdsMaintenance);
  const lastInnerStatus = lastTold(answer.last, probes);
  const zones = reported.zones.map((zone): Zone => ({
    name: zone.name,
    region: zone.region,
    idc: zone.idc,
    innerStatus: reported.fromDatabase ? zone.innerStatus : "",
    lastInnerStatus: zone.innerStatus || (lastInnerStatus.get(zone.name) ?? ""),
    rootServer: zone.servers.some((server) => server.rootServer),
    servers: [...zone.servers].sort(byAddress).map((server): Server => {
      const probe = server.agentless === null ? probes.get(server.address) : undefined;
      const obState = probe?.status?.obState ?? null;
      const state = serverState({
        reported: server,
        zoneInnerStatus: zone.innerStatus,
        obState,
        fromDatabase: reported.fromDatabase,
        // A stop or start of its zone says of it what becomes of agents alone (protocol §4.4, §7.2).
        runGoing: runGoing && server.agentless === null,
      });
      return {
        address: server.address,
        agentless: server.agentless,
        ip: server.ip,
        zone: zone.name,
        sqlPort: server.sqlPort,
        svrPort: server.svrPort,
        state,
        innerStatus: server.innerStatus,
        obState,
        since: server.stoppedAt ?? (state === "SERVING" ? server.startedAt : null),
        rootServer: server.rootServer,
        stoppedBySql: isStoppedBySql(server),
        agent: server.agentless === null ? agentFrom(probe) : null,
        taskId: server.taskId,
        setAside: null,
      };
    }),
  }));
  const statuses = [...probes.values()].flatMap(({ status }) => status ?? []);
  const anyDatabase = statuses.some(({ obState }) => obState === 3);
  const agentVersion = probes.get(base.by)?.status?.version ?? null;
  const databaseReachable = reported.fromDatabase && anyDatabase;
  const reportsTenants = agentVersion !== null && supports(agentVersion, "clusterInfo");
  return {
    cluster,
    version: 1,
    ageMs: 0,
    readAt: new Date(base.atMs).toISOString(),
    overdue: databaseReachable && reportsTenants ? overdueOf(facts) : null,
    answeredBy: base.by,
    databaseReachable,
    agentVersion,
    abilities: {
      checksZones: statuses.some(({ obState, version }) => obState === 3 && supports(version, "zoneStop")),
      reportsTenants,
    },
    obVersion: reported.obVersion,
    zones: zones.sort((left, right) => left.name.localeCompare(right.name, "en", { numeric: true })),
    tenants: reported.tenants,
    activeRuns,
    notAsked: [...notAsked].sort((left, right) => left.localeCompare(right, "en", { numeric: true })),
    clusterTasks: facts.clusterTasks,
  };
}

/**
 * What each zone was told as last. That one was active says nothing of what can be counted on in it while a server of it was
 * not serving yet, or may have been started anew since: it takes minutes to read its logs.
 */
function lastTold(last: ClusterFacts["answer"]["last"], probes: ClusterFacts["probes"]): ReadonlyMap<string, string> {
  const isInDoubt = ({ address, hasBegunService }: ReportedServer) =>
    hasBegunService === false || (probes.get(address)?.unwellMs ?? 0) > (last?.askedAtMs ?? 0);
  const word = ({ innerStatus, servers }: ReportedZone) =>
    innerStatus === "ACTIVE" && servers.some(isInDoubt) ? "" : innerStatus;
  return new Map(last?.reported.zones.map((zone) => [zone.name, word(zone)]));
}

function agentFrom(probe: Probe | undefined): NonNullable<Server["agent"]> {
  const status = probe?.status ?? null;
  const iso = (ms: number | null | undefined) => (ms ? new Date(ms).toISOString() : null);
  return {
    answers: status !== null,
    condition: probe?.condition ?? "silent",
    since: status === null ? iso(probe?.sinceMs) : null,
    homePath: probe?.homePath ?? "",
    lastAnswerAt: status === null ? iso(probe?.lastAnswerMs) : null,
    version: status?.version ?? null,
    identity: status?.identity ?? null,
    state: status?.state ?? null,
    underMaintenance: status?.underMaintenance ?? false,
    skewMs: probe?.skewMs ?? null,
  };
}

/**
 * Members alone, completed with what the cluster-wide answer told last. What does not change by itself (region, ports) is
 * taken however old it is, tenants too, for they say how old; times and whether a zone is stopped only while it counts
 * as an answer of now.
 */
function withLastAnswer(reported: ReportedCluster, { last, isCurrent }: ClusterFacts["answer"]): ReportedCluster {
  if (reported.isWhole || !last) return reported;
  const zones = new Map(last.reported.zones.map((zone) => [zone.name, zone]));
  const servers = new Map(
    last.reported.zones.flatMap((zone) => zone.servers).map((server) => [server.address, server]),
  );
  const completed = (server: ReportedServer): ReportedServer => {
    const before = servers.get(server.address);
    if (!before) return server;
    const { startedAt, hasBegunService } = before;
    return {
      ...server,
      svrPort: server.svrPort || before.svrPort,
      sqlPort: server.sqlPort || before.sqlPort,
      ...(isCurrent ? { startedAt, hasBegunService } : {}),
    };
  };
  return {
    ...reported,
    tenants: reported.fromDatabase ? last.reported.tenants : null,
    zones: reported.zones.map((zone) => {
      const before = zones.get(zone.name);
      return {
        ...zone,
        region: before?.region ?? "",
        idc: before?.idc ?? "",
        innerStatus: isCurrent && reported.fromDatabase ? (before?.innerStatus ?? "") : "",
        servers: zone.servers.map(completed),
      };
    }),
  };
}

function overdueOf({ base, answer }: ClusterFacts): Overdue | null {
  const { last, refused, isCurrent, sinceMs, asked } = answer;
  if (base.reported.isWhole || isCurrent) return null;
  return {
    since: new Date(sinceMs ?? base.atMs).toISOString(),
    asked: asked ?? base.by,
    why: refused ? "refused" : "no-answer",
    readAt: last ? new Date(last.askedAtMs).toISOString() : null,
  };
}
