import { failed, mysqlError } from "../agent-error";
import type { Agent, World } from "../agent";
import { clusterInfo, observerInfo, zonesInfo } from "../cluster-info";
import { agentWithDatabase, answeringPeers } from "../peer-call";
import { agentVersion, BUILD_VERSION, identityOf, OB_VERSION, requireClusterAgent, statusOf } from "./open";
import { PartialFailure, type Call, type Route } from "./route";

export const topologyRoutes: readonly Route[] = [
  { method: "GET", path: "ob/info", asksDatabase: true, handle: obInfo },
  {
    method: "GET",
    path: "ob/agents",
    asksDatabase: true,
    handle: ({ world }) => world.agents.map(({ ip, port }) => ({ ip, port })),
  },
  { method: "GET", path: "agents/status", asksDatabase: true, handle: agentsStatus },
  { method: "GET", path: "obcluster/info", since: "4.3.0.0", asksDatabase: true, handle: readCluster },
  { method: "GET", path: "obcluster/statistics", since: "4.3.0.0", asksDatabase: true, handle: statistics },
  { method: "GET", path: "obcluster/topology/info", since: "4.4.1.0", asksDatabase: true, handle: readTopology },
  {
    method: "GET",
    path: "observer/info",
    since: "4.4.1.0",
    asksDatabase: true,
    handle: ({ world, agent }) => observerInfo(world, agent),
  },
];

function obInfo({ world, agent }: Call): unknown {
  const isUp = world.database.stateAt(agent.address) === 3;
  return {
    agent_info: world.agents.map((peer) => ({
      ip: peer.ip,
      port: peer.port,
      zone: peer.zone,
      identity: identityOf(world, peer),
      version: agentVersion(world),
    })),
    obcluster_info: {
      id: world.clusterId,
      name: world.clusterName,
      version: isUp ? OB_VERSION : "",
      ...(world.has("4.4.2.0") ? { is_shared_storage: false } : {}),
      topology: isUp ? topologyByZone(world) : null,
    },
  };
}

function topologyByZone({ database }: World): Record<string, unknown[]> {
  const root = database.rootServer();
  const zones: Record<string, unknown[]> = Object.fromEntries(database.zones.map((zone) => [zone.name, []]));
  for (const server of database.servers)
    zones[server.zone]?.push({
      svr_ip: server.ip,
      svr_port: server.rpcPort,
      sql_port: server.sqlPort,
      agent_port: server.agentPort,
      with_rootserver: server === root ? "YES" : "NO",
      status: server.stopTime === null ? database.innerStatus(server) : "STOPPED",
      build_version: BUILD_VERSION,
    });
  return zones;
}

/** Agents that do not answer are simply missing. */
async function agentsStatus({ world, agent }: Call): Promise<unknown> {
  const peers = await answeringPeers(world, agent, "/api/v1/status");
  return Object.fromEntries(peers.map((peer) => [peer.address, statusOf(world, peer)]));
}

async function readCluster({ world, agent }: Call): Promise<unknown> {
  requireClusterAgent(world, agent);
  const answering = await answeringAgent(world, agent);
  if (world.faults.has(answering.address, "cluster-info-error")) {
    const partial = { ...clusterInfo(world, answering, new Set()), zones: null, tenants: null, tenant_stats: null };
    throw new PartialFailure(mysqlError(1146, "Table 'oceanbase.DBA_OB_TENANTS' doesn't exist"), partial);
  }
  const info = clusterInfo(world, answering, await answeringObservers(world, answering));
  if (!world.has("4.4.1.0") && world.database.stateAt(agent.address) !== 3)
    throw new PartialFailure(failed("Agent.OceanBase.Useless", "The current database is useless"), {
      ...info,
      zones: null,
    });
  return info;
}

async function readTopology({ world, agent }: Call): Promise<unknown> {
  requireClusterAgent(world, agent);
  const answering = await answeringAgent(world, agent);
  if (world.faults.has(answering.address, "cluster-info-error")) return { zones: null };
  return { zones: zonesInfo(world, answering, await answeringObservers(world, answering)) };
}

/** Since 4.4.1.0 an agent without a usable database lets the first one that has one answer. */
const answeringAgent = async (world: World, agent: Agent): Promise<Agent> =>
  world.has("4.4.1.0") ? agentWithDatabase(world, agent) : agent;

/** Since 4.4.1.0 every server's own agent is asked how its observer is, one after the other. */
async function answeringObservers(world: World, agent: Agent): Promise<ReadonlySet<Agent>> {
  const peers = world.has("4.4.1.0") ? await answeringPeers(world, agent, "/api/v1/observer/info") : world.agents;
  return new Set(peers);
}

function statistics({ world, agent }: Call): unknown {
  return {
    telemetryEnabled: false,
    clusterId: String(world.clusterId),
    reporter: "obshell-dashboard",
    obshellVersion: world.version,
    obshellRevision: "1",
    reportTime: Math.floor(agent.now() / 1_000),
    telemetryVersion: 1,
    hosts: [],
    instances: [],
  };
}
