import { hasAgent } from "../clusters/has-agent";
import type { Server, ServerState, Topology, Zone } from "../clusters/schema";
import type { Scope } from "../obshell/schema";
import { compareAddresses, whyOutOfReach } from "./impact";
import { estimateMajority } from "./majority";
import type { Block, Impact } from "./schema";

/**
 * Why a server cannot be started, or null. One that does not serve yet was started already, and no request makes it
 * faster. One whose agent is silent can be asked for: it may be down. So can one that runs where nobody reports whether
 * its zone is stopped, since the agents take a start of any zone (protocol §5.3).
 */
export const whyNotStartable = (server: Server) => whyOutOfReach(server) ?? whyNoStart(server.state);

function whyNoStart(state: ServerState): "serving" | "not-serving-yet" | "deleting" | "in-a-run" | null {
  if (state === "SERVING") return "serving";
  if (state === "NOT_SERVING_YET") return "not-serving-yet";
  if (state === "DELETING") return "deleting";
  if (state === "STOPPING" || state === "STARTING") return "in-a-run";
  return null;
}

/** Stopped by STOP ZONE: only a start of the whole zone takes that back (protocol §5.3). */
export const isStoppedZone = (zone: Zone): boolean => zone.innerStatus === "INACTIVE";

/** It runs, and whether its zone is stopped is not reported: all that can be started of it is the whole zone. */
export const startsWithZone = (server: Server): boolean => server.state === "SERVICE_NOT_REPORTED";

const isStartable = (server: Server): boolean => whyNotStartable(server) === null;
/** It wants a start, whether or not it can have one from here. */
export const isDown = (server: Server): boolean => whyNoStart(server.state) === null && !startsWithZone(server);

/** Everything of it that can be started is picked. */
const isWhole = (zone: Zone, picked: ReadonlySet<string>): boolean =>
  zone.servers.every((server) => picked.has(server.address) || !isStartable(server));

/**
 * The scope that a start is sent with: as it was stopped (protocol §5.3). A cluster that is down as a whole starts as
 * GLOBAL, because a minority of servers waits for a database in vain; a stopped zone starts as a zone; the rest as
 * servers. Whether a zone is stopped is not told without a database, nor by agents before 4.3.0.0, so there a whole zone
 * starts as one.
 */
export function startScopeOf(topology: Topology, picked: ReadonlySet<string>): Scope | null {
  const touched = topology.zones.filter((zone) => zone.servers.some((server) => picked.has(server.address)));
  if (touched.length === 0) return null;
  const all = topology.zones.flatMap((zone) => zone.servers);
  if (all.every((server) => (picked.has(server.address) || !hasAgent(server)) && isDown(server)))
    return { type: "GLOBAL" };
  const isUntold = (zone: Zone) => zone.innerStatus === "";
  const areWhole = touched.every((zone) => isWhole(zone, picked));
  // Stopped zones and whole other ones go together as zones; what serves already is not harmed by it.
  if (areWhole && (touched.some(isStoppedZone) || touched.every(isUntold)))
    return { type: "ZONE", target: touched.map((zone) => zone.name).sort() };
  const target = touched.flatMap((zone) =>
    zone.servers.filter((server) => picked.has(server.address)).map((server) => server.address),
  );
  return { type: "SERVER", target: target.sort(compareAddresses) };
}

/** Nothing but its zone has stopped it, so START ZONE alone brings it back, without an agent (protocol §5.3, §7.7). */
const comesWithZone = ({ state, stoppedBySql }: Server, zone: Zone): boolean =>
  isStoppedZone(zone) && state === "SERVICE_STOPPED" && !stoppedBySql;

/** What starting these servers would do, from the topology alone. Pure; the same in browser and plan. */
export function startImpactOf(topology: Topology, picked: ReadonlySet<string>): Impact {
  const blocks: Block[] = [];
  const backZones = new Set<string>();
  const notStartable: string[] = [];
  const outOfReach: string[] = [];
  const scope = startScopeOf(topology, picked);
  let stopping = 0;
  let staying = 0;
  let unclear = 0;
  let total = 0;
  const zones = topology.zones.map((zone) => {
    const inZone = zone.servers.filter((server) => picked.has(server.address));
    const down = zone.servers.filter(isDown);
    notStartable.push(...inZone.filter((server) => !isStartable(server)).map((server) => server.address));
    stopping += inZone.length;
    total += zone.servers.length;
    const isOpened = inZone.length > 0 && scope !== null && scope.type !== "SERVER";
    const comesToo = (server: Server) => isOpened && !hasAgent(server) && comesWithZone(server, zone);
    const others = zone.servers.filter((server) => !picked.has(server.address));
    staying += others.filter((server) => server.state === "SERVING" || comesToo(server)).length;
    unclear += others.filter(startsWithZone).length;
    if (inZone.length > 0)
      outOfReach.push(
        ...zone.servers
          .filter((server) => !hasAgent(server) && isDown(server) && !comesToo(server))
          .map((server) => server.address),
      );
    const willServe = others.every(
      (server) => server.state === "SERVING" || server.setAside !== null || comesToo(server),
    );
    const comesBack = willServe && (!isStoppedZone(zone) || scope?.type !== "SERVER");
    if (comesBack) backZones.add(zone.name);
    return { zone: zone.name, stopping: inZone.length, down: down.length, total: zone.servers.length };
  });
  const block = (reason: Block["reason"], inZones: string[] = [], servers: string[] = []) =>
    blocks.push({ reason, zones: inZones, servers });
  if (topology.activeRuns?.some((run) => !run.holdsMaintenance)) block("run-in-progress");
  if (stopping === 0) block("nothing-selected");
  if (notStartable.length > 0) block("not-startable", [], notStartable);
  if (scope?.type === "SERVER") {
    const touched = topology.zones.filter((zone) => zone.servers.some((server) => picked.has(server.address)));
    const stopped = touched.filter(isStoppedZone).map((zone) => zone.name);
    if (stopped.length > 0) block(stopped.length === touched.length ? "zone-as-zone" : "mixed-scope", stopped);
    const running = touched.filter((zone) =>
      zone.servers.some((server) => picked.has(server.address) && startsWithZone(server)),
    );
    if (running.length > 0)
      block(
        "zone-not-reported",
        running.map((zone) => zone.name),
      );
  }
  const majority = estimateMajority(topology, (zone) => !backZones.has(zone));
  return { stopping, staying, unclear, total, outOfReach, zones, scope, majority, rootServerStops: false, blocks };
}
