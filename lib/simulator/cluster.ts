import type { Agent } from "./agent";
import { applyScenario } from "./apply-scenario";
import { createWorld, type WorldOptions } from "./create-world";
import { handleOf, type SimulatorHandle } from "./handle";
import { listen, type Listener, type ListenerContext } from "./listener";
import { createRequestLog } from "./request-log";
import { SCENARIOS as scenarioNames, VERSIONS as playedVersions, zoneSizesOf } from "./scenarios";
import { zoneNamesOf } from "./topology";

/** What others of the product need to name a situation and a version. */
export const SCENARIOS = scenarioNames;

export const VERSIONS = playedVersions;

export interface SimulatorOptions extends Omit<WorldOptions, "zoneSizes"> {
  /** How many observers zone1, zone2 and so on hold, where the scenario's own sizes are not wanted. */
  zoneSizes?: readonly number[];
  /** The first agent's port, the others follow; 0 takes any free ports. */
  basePort?: number;
}

export type Simulator = SimulatorHandle;

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
