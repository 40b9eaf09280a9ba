import type { AgentServer } from "../has-agent";
import type { ActiveRun, AgentCondition, Server, Topology, Zone } from "../schema";

/** For tests: a healthy cluster of `zones` x `servers`, agents at 10.0.<zone>.<n>:2886, tenants sys and pay on all zones. */
export function exampleTopology(zones = 3, servers = 3, change: Partial<Topology> = {}): Topology {
  const names = Array.from({ length: zones }, (_, at) => `zone${at + 1}`);
  const locality = names.map((name) => `FULL{1}@${name}`).join(", ");
  return {
    cluster: { id: "c1", name: "core", environment: "TEST" },
    version: 1,
    ageMs: 0,
    readAt: new Date().toISOString(),
    overdue: null,
    answeredBy: "10.0.1.1:2886",
    databaseReachable: true,
    agentVersion: "4.5.0.0",
    abilities: { checksZones: true, reportsTenants: true },
    obVersion: "4.3.5.3",
    zones: names.map((name, at) => exampleZone(name, at + 1, servers)),
    tenants: ["sys", "pay"].map((tenant, at) => ({
      name: tenant,
      id: at + 1,
      status: "NORMAL",
      locality,
      primaryZone: "RANDOM",
    })),
    activeRuns: [],
    notAsked: [],
    clusterTasks: [],
    ...change,
  };
}

/** A stop that is going, and holds nobody yet. */
export const exampleRun = (change: Partial<ActiveRun> = {}): ActiveRun => ({
  id: "201677721710288617",
  name: "Stop OB",
  state: "RUNNING",
  operator: "RUN",
  stage: 2,
  maxStage: 6,
  startedAt: null,
  holdsMaintenance: false,
  coordinator: "10.0.0.11:2886",
  holds: [],
  releasable: true,
  ...change,
});

function exampleZone(name: string, number: number, servers: number): Zone {
  return {
    name,
    region: "shanghai",
    idc: `idc-${number}`,
    innerStatus: "ACTIVE",
    lastInnerStatus: "ACTIVE",
    rootServer: number === 1,
    servers: Array.from({ length: servers }, (_, at): Server => {
      const ip = `10.0.${number}.${at + 1}`;
      return {
        address: `${ip}:2886`,
        agentless: null,
        ip,
        zone: name,
        sqlPort: 2881,
        svrPort: 2882,
        state: "SERVING",
        innerStatus: "ACTIVE",
        obState: 3,
        since: null,
        rootServer: number === 1 && at === 0,
        stoppedBySql: false,
        agent: {
          answers: true,
          condition: "answers",
          since: null,
          homePath: "/home/admin/oceanbase",
          lastAnswerAt: null,
          version: "4.5.0.0",
          identity: "CLUSTER AGENT",
          state: 2,
          underMaintenance: false,
          skewMs: 0,
        },
        taskId: null,
        setAside: null,
      };
    }),
  };
}

/** The same cluster with one server changed. */
export function withServer(
  topology: Topology,
  address: string,
  change: Partial<Omit<Server, "agent">> & { agent?: Partial<AgentServer["agent"]> },
): Topology {
  const zones = topology.zones.map((zone) => ({
    ...zone,
    servers: zone.servers.map((server) =>
      server.address === address
        ? { ...server, ...change, agent: server.agent && { ...server.agent, ...change.agent } }
        : server,
    ),
  }));
  return { ...topology, zones };
}

/** The same cluster with an agent that does not say its own status, and says a home if it ever did. */
export const withUnheard = (topology: Topology, address: string, condition: AgentCondition, since: string): Topology =>
  withServer(topology, address, { obState: null, agent: { ...UNHEARD, condition, since } });

const UNHEARD = { answers: false, identity: null, version: null, state: null, skewMs: null };

/** The same cluster with one server that has no agent, which goes by another name then. */
export function withoutAgent(topology: Topology, address: string, change: Partial<Server> = {}): Topology {
  const zones = topology.zones.map((zone) => ({
    ...zone,
    servers: zone.servers.map((server): Server =>
      server.address === address
        ? { ...server, address: agentlessName(address), agentless: "none", agent: null, obState: null, ...change }
        : server,
    ),
  }));
  return { ...topology, zones };
}

export const agentlessName = (address: string): string => address.replace(/:\d+$/, ":2882");
