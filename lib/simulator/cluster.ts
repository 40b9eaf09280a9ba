import { createAgent, type Agent, type World } from "./agent";
import { applyScenario } from "./apply-scenario";
import { createDatabase } from "./database";
import { createDagStore } from "./dag-store";
import { createFaultBoard } from "./fault";
import { handleOf, type SimulatorHandle } from "./handle";
import { listen, type Listener, type ListenerContext } from "./listener";
import { createMoments } from "./moments";
import { createRequestLog } from "./request-log";
import { isSince, SCENARIOS as scenarioNames, VERSIONS as playedVersions, zoneSizesOf } from "./scenarios";
import { createTimeline } from "./timeline";
import { createTenants, type TenantLayout } from "./tenant-layout";
import { createServers, createZones, zoneNamesOf, type Place } from "./topology";

/** What others of the product need to name a situation and a version. */
export const SCENARIOS = scenarioNames;
export type ScenarioName = (typeof SCENARIOS)[number];
export const VERSIONS = playedVersions;
export type Version = (typeof VERSIONS)[number];

export interface SimulatorOptions {
  scenario: ScenarioName;
  /** 4.5.0.0 unless told otherwise. */
  version?: Version;
  /** The first agent's port, the others follow; 0 takes any free ports. */
  basePort?: number;
  /** 1 is real time, 10 is ten times faster. */
  timeScale?: number;
  password?: string;
  clusterName?: string;
  /** How many observers zone1, zone2 and so on hold, where the scenario's own sizes are not wanted. */
  zoneSizes?: readonly number[];
  /** The tenants beside sys; a layout named sys takes the place of the usual one. */
  tenants?: readonly TenantLayout[];
  rsaBits?: 512 | 1024 | 2048;
}

export type Simulator = SimulatorHandle;

const DEFAULT_VERSION: Version = "4.5.0.0";
const DEFAULT_PASSWORD = "Standdown#2026";

/** Starts one HTTP listener per agent on the loopback interface and puts the cluster into the named situation. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const log = createRequestLog();
  const sizes = options.zoneSizes ?? zoneSizesOf(options.scenario);
  const places = zonePlaces(sizes);
  let context: ListenerContext | null = null;
  const agentAt = (at: number) => (): { context: ListenerContext; agent: Agent } => {
    const agent = context?.world.agents[at];
    if (!context || !agent) throw new Error("the simulator is still starting");
    return { context, agent };
  };
  const basePort = options.basePort ?? 0;
  const listeners = await openAll(places.map((_zone, at) => () => listen(basePort && basePort + at, agentAt(at))));
  try {
    const world = createWorld(
      { ...options, zoneSizes: sizes },
      places.map((zone, at) => ({ zone, port: listeners[at]?.port ?? 0 })),
    );
    context = { world, log };
    applyScenario(world, options.scenario);
    return handleOf(world, log.entries, listeners);
  } catch (error) {
    await Promise.all(listeners.map((listener) => listener.close()));
    throw error;
  }
}

const zonePlaces = (sizes: readonly number[]): string[] =>
  zoneNamesOf(sizes).flatMap((zone, at) => Array.from({ length: sizes[at] ?? 0 }, () => zone));

/** Either every port is open, or none is and the reason is thrown. */
async function openAll(opens: readonly (() => Promise<Listener>)[]): Promise<Listener[]> {
  const tried = await Promise.allSettled(opens.map((open) => open()));
  const listeners = tried.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
  const failure = tried.find((result) => result.status === "rejected");
  if (!failure) return listeners;
  await Promise.all(listeners.map((listener) => listener.close()));
  throw failure.reason;
}

function createWorld(options: SimulatorOptions & { zoneSizes: readonly number[] }, places: readonly Place[]): World {
  const version = options.version ?? DEFAULT_VERSION;
  const timeline = createTimeline(options.timeScale ?? 1);
  const faults = createFaultBoard();
  const moments = createMoments();
  if (options.scenario === "coordinator-lost")
    moments.when("wait", ({ coordinator }) =>
      timeline.after(COORDINATOR_LOST_AFTER_MS, () => faults.set(coordinator, { kind: "silent" }, true)),
    );
  const rsaBits = options.rsaBits ?? (isSince(version, "4.4.2.0") ? 1024 : 512);
  const zones = createZones(options.zoneSizes);
  const servers = createServers(places);
  const tenants = createTenants(servers, zones, options.tenants);
  const agents = places.map(({ port, zone }, index) =>
    createAgent({ index, port, zone, version, rsaBits, timeline, faults, moments }),
  );
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
    clusterTasks: { store: createDagStore(), idOf: (localId) => `1${localId}` },
  };
}

const COORDINATOR_LOST_AFTER_MS = 3_000;
