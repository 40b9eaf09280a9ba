import { createAgent, type World } from "./agent";
import { createDagStore } from "./dag-store";
import { createDatabase } from "./database";
import { createFaultBoard } from "./fault";
import { createMoments } from "./moments";
import { createRequestLog } from "./request-log";
import { isSince, type ScenarioName, type Version } from "./scenarios";
import { rememberJoining } from "./settle-faults";
import { createTenants, type TenantLayout } from "./tenant-layout";
import { createTimeline } from "./timeline";
import { createServers, createZones, type Place } from "./topology";

export interface WorldOptions {
  scenario: ScenarioName;
  /** The tenants beside sys; a layout named sys takes the place of the usual one. */
  tenants?: readonly TenantLayout[];
  /** 4.5.0.0 unless told otherwise. */
  version?: Version;
  /** 1 is real time, 10 is ten times faster. */
  timeScale?: number;
  password?: string;
  clusterName?: string;
  rsaBits?: 512 | 1024 | 2048;
}

const DEFAULT_VERSION: Version = "4.5.0.0";
const DEFAULT_PASSWORD = "Standdown#2026";
const COORDINATOR_LOST_AFTER_MS = 3_000;

/** A healthy cluster of agents at the given places, without any open port. */
export function createWorld(options: WorldOptions, zoneNames: readonly string[], places: readonly Place[]): World {
  const version = options.version ?? DEFAULT_VERSION;
  const timeline = createTimeline(options.timeScale ?? 1);
  const faults = createFaultBoard();
  const moments = createMoments();
  if (options.scenario === "coordinator-lost")
    moments.when("wait", ({ coordinator }) =>
      timeline.after(COORDINATOR_LOST_AFTER_MS, () => faults.set(coordinator, { kind: "silent" }, true)),
    );
  const rsaBits = options.rsaBits ?? (isSince(version, "4.4.2.0") ? 1024 : 512);
  const zones = createZones(zoneNames);
  const servers = createServers(places);
  const tenants = createTenants(servers, zones, options.tenants);
  const agents = places
    .filter(({ hasAgent }) => hasAgent)
    .map(({ ip, port, zone }, index) =>
      createAgent({ index, ip, port, zone, version, rsaBits, timeline, faults, moments }),
    );
  for (const agent of agents) rememberJoining(agent, agent.startedAt);
  const byAddress = new Map(agents.map((agent) => [agent.address, agent]));
  return {
    clusterName: options.clusterName ?? `demo-${options.scenario}`,
    clusterId: 1,
    version,
    password: options.password ?? DEFAULT_PASSWORD,
    rsaBits,
    timeline,
    faults,
    database: createDatabase({ servers, zones, tenants, faults, timeline }),
    agents,
    agent: (address) => byAddress.get(address),
    has: (since) => isSince(version, since),
    moments,
    peerRequests: createRequestLog(),
    clusterTasks: { store: createDagStore(), idOf: (localId) => `1${localId}` },
  };
}
