import { createAgent, type Agent, type World } from "./agent";
import { applyScenario } from "./apply-scenario";
import { createDatabase } from "./database";
import { createFaultBoard, type Fault } from "./fault";
import { listen, type Listener, type ListenerContext } from "./listener";
import { createRequestLog, type SeenRequest } from "./request-log";
import { isSince, SCENARIOS as scenarioNames, VERSIONS as playedVersions, zoneSizesOf } from "./scenarios";
import { createTimeline } from "./timeline";
import { createServers, createTenants, createZones, zoneNamesOf, type Place } from "./topology";

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
  rsaBits?: 512 | 1024 | 2048;
}

export type ObserverState = "serving" | "service-stopped" | "process-stopped";

export interface Simulator {
  cluster: string;
  password: string;
  agents: { address: string; zone: string }[];
  /** Every authenticated or refused request in order, as decrypted at the agent; the newest 20 000. */
  requests: SeenRequest[];
  setFault(address: string | "*", fault: Fault, on?: boolean): void;
  clearFaults(): void;
  setObserver(address: string, state: ObserverState): void;
  close(): Promise<void>;
}

const DEFAULT_VERSION: Version = "4.5.0.0";
const DEFAULT_PASSWORD = "Standdown#2026";

/** Starts one HTTP listener per agent on the loopback interface and puts the cluster into the named situation. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const log = createRequestLog();
  const places = zonePlaces(options.scenario);
  let context: ListenerContext | null = null;
  const agentAt = (at: number) => (): { context: ListenerContext; agent: Agent } => {
    const agent = context?.world.agents[at];
    if (!context || !agent) throw new Error("the simulator is still starting");
    return { context, agent };
  };
  const basePort = options.basePort ?? 0;
  const listeners = await openAll(places.map((_zone, at) => () => listen(basePort && basePort + at, agentAt(at))));
  const world = createWorld(
    options,
    places.map((zone, at) => ({ zone, port: listeners[at]?.port ?? 0 })),
  );
  context = { world, log };
  applyScenario(world, options.scenario);
  return handleOf(world, log.entries, listeners);
}

const zonePlaces = (scenario: ScenarioName): string[] => {
  const sizes = zoneSizesOf(scenario);
  return zoneNamesOf(sizes).flatMap((zone, at) => Array.from({ length: sizes[at] ?? 0 }, () => zone));
};

/** Either every port is open, or none is and the reason is thrown. */
async function openAll(opens: readonly (() => Promise<Listener>)[]): Promise<Listener[]> {
  const tried = await Promise.allSettled(opens.map((open) => open()));
  const listeners = tried.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
  const failure = tried.find((result) => result.status === "rejected");
  if (!failure) return listeners;
  await Promise.all(listeners.map((listener) => listener.close()));
  throw failure.reason;
}

function createWorld(options: SimulatorOptions, places: readonly Place[]): World {
  const version = options.version ?? DEFAULT_VERSION;
  const timeline = createTimeline(options.timeScale ?? 1);
  const faults = createFaultBoard();
  const rsaBits = options.rsaBits ?? (isSince(version, "4.4.2.0") ? 1024 : 512);
  const zones = createZones(zoneSizesOf(options.scenario));
  const servers = createServers(places);
  const tenants = createTenants(servers, zones);
  const agents = places.map(({ port, zone }, index) =>
    createAgent({ index, port, zone, version, rsaBits, timeline, faults }),
  );
  const byAddress = new Map(agents.map((agent) => [agent.address, agent]));
  let isFirstWait = true;
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
    enteredWait(coordinator) {
      if (options.scenario !== "coordinator-lost" || !isFirstWait) return;
      isFirstWait = false;
      timeline.after(COORDINATOR_LOST_AFTER_MS, () => faults.set(coordinator.address, { kind: "silent" }, true));
    },
  };
}

const COORDINATOR_LOST_AFTER_MS = 3_000;

function handleOf(world: World, requests: SeenRequest[], listeners: readonly Listener[]): Simulator {
  const { faults, database, timeline } = world;
  const reached = (address: string): readonly (readonly [Agent, Listener])[] =>
    world.agents.flatMap((agent, at) => {
      const listener = listeners[at];
      return listener && (address === "*" || address === agent.address) ? [[agent, listener] as const] : [];
    });
  /** Brings the agents' processes in line with the faults that are set. */
  const settleDeaths = (): void => {
    for (const [agent, listener] of reached("*")) {
      if (!faults.has(agent.address, "agent-down")) agent.scheduler.resume();
      else {
        agent.scheduler.halt();
        listener.cutConnections();
      }
    }
  };
  settleDeaths();
  return {
    cluster: world.clusterName,
    password: world.password,
    agents: world.agents.map(({ address, zone }) => ({ address, zone })),
    requests,
    setFault(address, fault, on = true) {
      if (address !== "*" && !world.agent(address)) throw new Error(`no agent ${address} in this cluster`);
      if (fault.kind === "key-change") {
        if (on) for (const [agent] of reached(address)) agent.changeKey();
        return;
      }
      faults.set(address, fault, on);
      if (fault.kind === "agent-down") settleDeaths();
    },
    clearFaults() {
      faults.clear();
      settleDeaths();
    },
    setObserver(address, state) {
      const server = database.server(address);
      if (!server) throw new Error(`no observer of agent ${address} in this cluster`);
      if (state === "process-stopped") database.kill(address);
      else database.boot(address);
      if (state !== "process-stopped") server.stopTime = state === "service-stopped" ? Date.now() : null;
    },
    async close() {
      timeline.close();
      await Promise.all(listeners.map((listener) => listener.close()));
    },
  };
}
