import type { Agent } from "./agent";
import { applyScenario } from "./apply-scenario";
import { createWorld, type WorldOptions } from "./create-world";
import { handleOf, type SimulatorHandle } from "./handle";
import { listen, type Listener, type ListenerContext } from "./listener";
import { createRequestLog, type SeenRequest } from "./request-log";
import { layoutOf, SCENARIOS as scenarioNames, VERSIONS as playedVersions } from "./scenarios";
import { manyTenants, type TenantLayout } from "./tenant-layout";
import { seatsOf, zoneNamesOf, type Layout } from "./topology";

/** What others of the product need to name a situation and a version. */
export const SCENARIOS = scenarioNames;

export const VERSIONS = playedVersions;

/** Where the scenario's own layout is not wanted, its parts are told. */
export interface SimulatorOptions extends Omit<WorldOptions, "tenants">, Partial<Layout> {
  /** The tenants beside sys, or how many there are. */
  tenants?: readonly TenantLayout[] | number;
  /** The first agent's port, the others follow; 0 takes any free ports. Agents on different IPs share their ports. */
  basePort?: number;
}

export type Simulator = SimulatorHandle;

/** Starts one HTTP listener per agent on the loopback interface and puts the cluster into the named situation. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const log = createRequestLog<SeenRequest>();
  const layout = { ...layoutOf(options.scenario), ...partsOf(options) };
  const zoneNames = zoneNamesOf(layout);
  const seats = seatsOf(layout);
  const { tenants } = options;
  let context: ListenerContext | null = null;
  const agentAt = (at: number) => (): { context: ListenerContext; agent: Agent } => {
    const agent = context?.world.agents[at];
    if (!context || !agent) throw new Error("the simulator is still starting");
    return { context, agent };
  };
  const basePort = options.basePort ?? 0;
  const occupied = seats.filter(({ hasAgent }) => hasAgent);
  const listeners = await openAll(
    occupied.map(
      ({ ip, nth }, at) =>
        () =>
          listen({ ip, port: basePort && basePort + nth }, agentAt(at)),
    ),
  );
  const portOf = (at: number): number => listeners[at]?.port ?? 0;
  try {
    const world = createWorld(
      { ...options, tenants: typeof tenants === "number" ? manyTenants(tenants, zoneNames) : tenants },
      zoneNames,
      seats.map((seat) => ({ ...seat, port: seat.hasAgent ? portOf(occupied.indexOf(seat)) : 0 })),
    );
    context = { world, log };
    applyScenario(world, options.scenario);
    return handleOf(world, log.entries, listeners);
  } catch (error) {
    await Promise.all(listeners.map((listener) => listener.close()));
    throw error;
  }
}

function partsOf({ zoneSizes, zoneNames, ips, agentless, ghosts }: Partial<Layout>): Partial<Layout> {
  const parts = { zoneSizes, zoneNames, ips, agentless, ghosts };
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined));
}

/** Either every port is open, or none is and the reason is thrown. */
async function openAll(opens: readonly (() => Promise<Listener>)[]): Promise<Listener[]> {
  const tried = await Promise.allSettled(opens.map((open) => open()));
  const listeners = tried.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
  const failure = tried.find((result) => result.status === "rejected");
  if (!failure) return listeners;
  await Promise.all(listeners.map((listener) => listener.close()));
  throw failure.reason;
}
