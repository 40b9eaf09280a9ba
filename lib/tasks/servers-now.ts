import { hasAgent } from "../clusters/has-agent";
import type { Server, ServerState, Topology } from "../clusters/schema";
import { unheardAt, unheardOf } from "../clusters/unheard";
import { keysOf } from "../keys-of";
import { changedSince, wasStartedSince } from "./outcome";
import type { Run, ServersNow } from "./schema";

/** The worst first, as everywhere (ux P6). */
const ORDER = keysOf<ServerState>({
  UNAVAILABLE: 0,
  NOT_REPORTED: 1,
  DELETING: 2,
  STOPPING: 3,
  STARTING: 4,
  NOT_SERVING_YET: 5,
  PROCESS_STOPPED: 6,
  SERVICE_STOPPED: 7,
  SERVICE_NOT_REPORTED: 8,
  SERVING: 9,
});

export const serversOf = (topology: Topology) => topology.zones.flatMap((zone) => zone.servers);

/** Agents that a run still holds, as they say themselves; null: that is not known. */
export function heldBy(topology: Topology | null, runId: string): string[] | null {
  if (!topology?.activeRuns) return null;
  const run = topology.activeRuns.find((one) => one.id === runId);
  if (!run) return [];
  // It is listed because agents are held, whoever they are.
  return run.holds.length > 0 ? run.holds.map((hold) => hold.agent) : null;
}

/** What the servers of a run do now, from the newest picture of the cluster alone (ux V-4). */
export function serversNow(
  run: Pick<Run, "id" | "kind" | "targets" | "startedAt" | "outcome">,
  topology: Topology,
): ServersNow {
  const all = serversOf(topology);
  const known = new Map(all.map((server) => [server.address, server]));
  const addresses = run.targets ?? all.map((server) => server.address);
  const byState = new Map<ServerState, string[]>();
  const zones = new Set<string>();
  for (const address of addresses) {
    const server = known.get(address);
    const state = server?.state ?? "NOT_REPORTED";
    byState.set(state, [...(byState.get(state) ?? []), address]);
    if (server) zones.add(server.zone);
  }
  return {
    checkedAt: topology.readAt,
    of: run.targets ? "targets" : "cluster",
    groups: ORDER.flatMap((state) => {
      const servers = byState.get(state);
      return servers ? [{ state, servers }] : [];
    }),
    stoppedZones: topology.zones
      .filter((zone) => zone.innerStatus === "INACTIVE" && zones.has(zone.name))
      .map((zone) => zone.name),
    outOfReach: run.targets
      ? all
          .filter((server) => !hasAgent(server) && zones.has(server.zone) && server.innerStatus !== "INACTIVE")
          .map((server) => server.address)
      : [],
    held: heldBy(topology, run.id),
    notAsked: topology.notAsked,
    silent: all.flatMap((server) => (unheardAt(server) ? [server.address] : [])),
    unheard: unheardOf(topology),
    ...changedSince(run.outcome, run.targets, topology),
    again: run.kind === "stop" && run.targets ? startedAgain(addresses, known, run.startedAt) : [],
    otherRun: topology.activeRuns?.find((one) => one.id !== run.id && !one.holdsMaintenance)?.id ?? null,
  };
}

const startedAgain = (addresses: readonly string[], known: ReadonlyMap<string, Server>, began: string | null) =>
  addresses.flatMap((address) => {
    const server = known.get(address);
    return server?.since && wasStartedSince(server, began) ? [{ server: address, at: server.since }] : [];
  });
