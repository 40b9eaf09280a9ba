import { hasAgent } from "../clusters/has-agent";
import type { Server, ServerState, Topology, Zone } from "../clusters/schema";
import type { Scope } from "../obshell/schema";
import { estimateMajority, type IsGone } from "./majority";
import type { Block, Impact, Majority, Method } from "./schema";

/** Nothing reaches a server without an agent of its own: it can be neither stopped nor started from here. */
const WHY_AGENTLESS = { none: "no-agent", unclear: "agent-unclear" } as const;
export const whyOutOfReach = ({ agentless }: Server) => (agentless === null ? null : WHY_AGENTLESS[agentless]);

/** Why a row cannot be picked (ux K-4), or null. Service-stopped servers can be picked: their process still runs. */
export function whyNotSelectable(
  server: Server,
): "no-agent" | "agent-unclear" | "already-stopped" | "deleting" | "in-a-run" | null {
  const outOfReach = whyOutOfReach(server);
  if (outOfReach !== null) return outOfReach;
  if (server.state === "PROCESS_STOPPED") return "already-stopped";
  if (server.state === "DELETING") return "deleting";
  if (server.state === "STOPPING" || server.state === "STARTING") return "in-a-run";
  return null;
}

const SERVES: ReadonlySet<ServerState> = new Set(["SERVING", "STARTING", "SERVICE_NOT_REPORTED"]);

/** Known not to serve, or not known to run; an unanswering agent alone does not make a server down when the database calls it active. */
const isDown = (server: Server): boolean =>
  !SERVES.has(server.state) && !(server.state === "NOT_REPORTED" && server.innerStatus === "ACTIVE");

/**
 * A zone is stopped as a whole when nothing else of it would be touched. Every other server's process is already gone;
 * of one without an agent the process is never touched, and its service is only where STOP ZONE would end it.
 */
export const isWhole = (zone: Zone, picked: ReadonlySet<string>): boolean =>
  zone.servers.every(
    (server) =>
      picked.has(server.address) || server.state === "PROCESS_STOPPED" || (!hasAgent(server) && !mayServe(server)),
  );

/** As far as the database tells: it serves, or nobody says that it does not. */
const mayServe = ({ state, innerStatus }: Server): boolean => state !== "SERVICE_STOPPED" && innerStatus !== "INACTIVE";

/**
 * The scope that a selection is sent as: the whole cluster, whole zones, or servers. Targets are canonical, sorted and
 * unique. With no database only servers and the whole cluster can be stopped (ux E-6), so zones become their servers.
 */
export function scopeOf(topology: Topology, picked: ReadonlySet<string>): Scope | null {
  const touched = topology.zones.filter((zone) => zone.servers.some((server) => picked.has(server.address)));
  if (touched.length === 0) return null;
  if (topology.zones.every((zone) => isWhole(zone, picked))) return { type: "GLOBAL" };
  if (topology.databaseReachable && touched.every((zone) => isWhole(zone, picked))) {
    return { type: "ZONE", target: touched.map((zone) => zone.name).sort() };
  }
  const target = touched.flatMap((zone) =>
    zone.servers.filter((server) => picked.has(server.address)).map((server) => server.address),
  );
  return { type: "SERVER", target: target.sort(compareAddresses) };
}

// Kept: made anew for each comparison it would cost more than all the rest of an impact.
const byNumbers = new Intl.Collator("en", { numeric: true });

/** Address order: hosts by their numbers, then ports. */
export const compareAddresses = (left: string, right: string): number => byNumbers.compare(left, right);

/** Silent agents whose servers the database calls active: up by its word alone, where another word is missing. */
const isUpByWord = (server: Server): boolean => hasAgent(server) && !server.agent.answers && !isDown(server);

/**
 * Zones whose replicas cannot be counted on once these servers are stopped: any server of it is picked, does not serve
 * (also one that only starts, or of which that is not reported), or is none of the cluster's; and zones that the topology
 * does not know. A member that is set aside is as if it was not there. Where only the cluster-wide answer is missing, a
 * zone counts as it was told last; the verdict says so.
 */
export function goneAfter(topology: Topology, picked: ReadonlySet<string>): IsGone {
  const isUp = (server: Server, zone: Zone) =>
    !isDown(server) &&
    server.state !== "STARTING" &&
    (server.state !== "SERVICE_NOT_REPORTED" || zone.lastInnerStatus === "ACTIVE") &&
    !picked.has(server.address);
  const whole = topology.zones.filter((zone) => {
    const members = zone.servers.filter(({ setAside }) => setAside === null);
    const status = zone.innerStatus || zone.lastInnerStatus;
    return status !== "INACTIVE" && members.length > 0 && members.every((server) => isUp(server, zone));
  });
  const left = new Set(whole.map((zone) => zone.name));
  return (zone) => !left.has(zone);
}

/**
 * Only the zone endpoint and, since the same version, a plain stop of a zone are checked by the agents; a plain stop of
 * servers, or by older agents, meets the database's own rule in its statement; a kill meets nothing (ux E5).
 */
function guardOf(method: Method, scope: Scope | null, { checksZones }: Topology["abilities"]): Majority["guard"] {
  const isOneZone = scope?.type === "ZONE" && scope.target.length === 1;
  if (method !== "force" && isOneZone && checksZones) return "cluster";
  return method === "stop" ? "database" : "nobody";
}

function judgeMajority(topology: Topology, picked: ReadonlySet<string>, guard: Majority["guard"]): Majority {
  const majority = { ...estimateMajority(topology, goneAfter(topology, picked)), guard };
  const isByWord = topology.zones.some((zone) =>
    zone.servers.some((server) => isUpByWord(server) && !picked.has(server.address)),
  );
  if (majority.verdict === "unknown") return majority;
  const doubts = [
    ...majority.doubts,
    ...(isByWord ? (["silent"] as const) : []),
    ...(topology.overdue ? (["old"] as const) : []),
  ];
  return { ...majority, doubts };
}

/** What stopping these servers with this method would do, from the topology alone. Pure; the same in browser and plan. */
export function impactOf(topology: Topology, picked: ReadonlySet<string>, method: Method): Impact {
  const blocks: Block[] = [];
  const notStoppable: string[] = [];
  let stopping = 0;
  let total = 0;
  let staying = 0;
  let rootServerStops = false;
  const zones = topology.zones.map((zone) => {
    let inZone = 0;
    let down = 0;
    for (const server of zone.servers) {
      total += 1;
      const isPicked = picked.has(server.address);
      if (isPicked) {
        inZone += 1;
        rootServerStops ||= server.rootServer;
        if (whyNotSelectable(server) !== null || (method === "stop" && server.state === "SERVICE_STOPPED"))
          notStoppable.push(server.address);
      }
      const alreadyDown = isDown(server);
      if (alreadyDown) down += 1;
      if (!isPicked && !alreadyDown) staying += 1;
    }
    stopping += inZone;
    return { zone: zone.name, stopping: inZone, down, total: zone.servers.length };
  });
  const scope = scopeOf(topology, picked);
  const touchedZones = zones.filter((zone) => zone.stopping > 0).map((zone) => zone.zone);
  const block = (reason: Block["reason"], inZones: string[] = [], servers: string[] = []) =>
    blocks.push({ reason, zones: inZones, servers });
  if (topology.activeRuns?.some((run) => !run.holdsMaintenance)) block("run-in-progress");
  if (stopping === 0) block("nothing-selected");
  if (notStoppable.length > 0) block("not-stoppable", [], notStoppable);
  if (method !== "force" && !topology.databaseReachable) block("database-unreachable");
  const guard = guardOf(method, scope, topology.abilities);
  if (method === "stop" && scope?.type === "GLOBAL") block("global-needs-mode");
  else if (method === "stop" && touchedZones.length > 1) block("spans-zones", touchedZones);
  // The zone endpoint holds a flush of a whole zone to the same rule (protocol §5.2).
  if (method === "stop" || guard === "cluster") {
    const stoppedElsewhere = topology.zones
      .filter(
        (zone) =>
          !touchedZones.includes(zone.name) &&
          (zone.innerStatus === "INACTIVE" || zone.servers.some((server) => server.stoppedBySql)),
      )
      .map((zone) => zone.name);
    if (stopping > 0 && stoppedElsewhere.length > 0) block("other-zone-stopped", stoppedElsewhere);
  }
  const majority = judgeMajority(topology, picked, guard);
  const outOfReach = topology.zones
    .filter((zone) => touchedZones.includes(zone.name))
    .flatMap((zone) => zone.servers.filter((server) => !hasAgent(server) && server.innerStatus !== "INACTIVE"))
    .map((server) => server.address);
  return { stopping, staying, unclear: 0, total, outOfReach, zones, scope, majority, rootServerStops, blocks };
}
