import type { Agent, World } from "./agent";
import type { Moment, TaskState } from "./dag";
import type { Fault } from "./fault";
import type { Listener } from "./listener";
import type { MomentOf } from "./moments";
import type { PeerRequest, SeenRequest } from "./request-log";
import { isEvent, LASTING, settleFaults, strike } from "./settle-faults";

export type ObserverState = "serving" | "service-stopped" | "process-stopped";

/** What an agent's maintenance lock is held by. */
export interface Lock {
  address: string;
  dagId: string;
  /** null: the holder is no start or stop. */
  mainDagId: string | null;
  state: TaskState;
  stage: number;
}

/** An observer as it is, whatever anybody says about it. */
export interface ObserverTruth {
  address: string;
  zone: string;
  isRunning: boolean;
  /** STOP SERVER was run for it. */
  isServiceStopped: boolean;
  /** STOP ZONE was run for its zone. */
  isZoneStopped: boolean;
}

/** A running cluster, to be changed and looked at from the same process. */
export interface SimulatorHandle {
  cluster: string;
  password: string;
  agents: { address: string; zone: string }[];
  /**
   * Tells once when the next main DAG begins a stage, before any of its steps runs there: "create" and "ready" are the
   * first two, "freeze" and "sql" where a plan has them, "zone" is Start Zone. Returns what takes the wish back.
   */
  when(moment: { stage: Moment }, run: (of: MomentOf) => void): () => void;
  /** Every authenticated or refused request in order of arrival, as decrypted at the agent; the newest 20 000. */
  requests: SeenRequest[];
  /** What agents asked each other so that they could answer those; the newest 20 000. */
  peerRequests: PeerRequest[];
  setFault(address: string | "*", fault: Fault, on?: boolean): void;
  clearFaults(): void;
  setObserver(address: string, state: ObserverState): void;
  /** The locks that are held now, of dead agents as well. */
  locks(): Lock[];
  observers(): ObserverTruth[];
  close(): Promise<void>;
}

export function handleOf(world: World, requests: SeenRequest[], listeners: readonly Listener[]): SimulatorHandle {
  const { faults, database, timeline } = world;
  const cut = (agent: Agent): void => listeners[agent.index]?.cutConnections();
  settleFaults(world, cut);
  return {
    cluster: world.clusterName,
    password: world.password,
    agents: world.agents.map(({ address, zone }) => ({ address, zone })),
    requests,
    peerRequests: world.peerRequests.entries,
    setFault(address, fault, on = true) {
      if (address !== "*" && !world.agent(address) && !database.server(address))
        throw new Error(`no agent ${address} in this cluster`);
      if (fault.kind === "cluster-task" && address !== "*") throw new Error("a cluster-task is set for all agents: *");
      if (isEvent(fault)) {
        const struck = world.agents.filter((agent) => address === "*" || address === agent.address);
        if (on) for (const agent of struck) strike(agent, fault, cut);
        return;
      }
      // A frozen process can be killed, so each is frozen for itself.
      if (address === "*" && fault.kind === "observer-frozen" && on)
        for (const { address: each } of world.agents) faults.set(each, fault, true);
      else faults.set(address, fault, on);
      if (!LASTING.has(fault.kind)) return;
      try {
        settleFaults(world, cut);
      } catch (error) {
        faults.set(address, fault, false);
        throw error;
      }
    },
    clearFaults() {
      faults.clear();
      settleFaults(world, cut);
    },
    when: ({ stage }, run) => world.moments.when(stage, run),
    setObserver(address, state) {
      const server = database.server(address);
      if (!server) throw new Error(`no observer of agent ${address} in this cluster`);
      if (server.isGhost) throw new Error(`the host of ${address} is gone for good`);
      if (state === "process-stopped") database.kill(address);
      else database.boot(address);
      if (state !== "process-stopped") server.stopTime = state === "service-stopped" ? Date.now() : null;
    },
    locks: () => world.agents.flatMap((agent) => lockOf(agent) ?? []),
    observers: () =>
      database.servers.map(({ address, zone, isRunning, stopTime }) => ({
        address,
        zone,
        isRunning,
        isServiceStopped: stopTime !== null,
        isZoneStopped: database.zone(zone)?.isActive === false,
      })),
    async close() {
      faults.clear();
      timeline.close();
      await Promise.all(listeners.map((listener) => listener.close()));
    },
  };
}

function lockOf(agent: Agent): Lock | undefined {
  const dag = agent.store.lockHolder();
  if (!dag) return undefined;
  const mainDagId = dag.work.kind === "sub" ? dag.work.mainDagId : null;
  return { address: agent.address, dagId: agent.idOf(dag.id), mainDagId, state: dag.state, stage: dag.stage };
}
