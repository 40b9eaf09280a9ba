import type { Server, Topology, Zone } from "../clusters/schema";
import type { Scope } from "../obshell/schema";
import { compareAddresses } from "./impact";
import { estimateMajority } from "./majority";
import type { Block, Impact } from "./schema";

/** Why a server cannot be started, or null. One that no agent speaks for can be asked for: it may be down. */
export function whyNotStartable(server: Server): "serving" | "deleting" | "in-a-run" | null {
  if (server.state === "SERVING") return "serving";
  if (server.state === "DELETING") return "deleting";
  if (server.state === "STOPPING" || server.state === "STARTING") return "in-a-run";
  return null;
}

/** Stopped by STOP ZONE: only a start of the whole zone takes that back (protocol §5.3). */
export const isStoppedZone = (zone: Zone): boolean => zone.innerStatus === "INACTIVE";

const isDown = (server: Server): boolean => whyNotStartable(server) === null;

/** Everything of it that is down is picked. */
const isWhole = (zone: Zone, picked: ReadonlySet<string>): boolean =>
  zone.servers.every((server) => picked.has(server.address) || !isDown(server));

/**
 * The scope that a start is sent with: as it was stopped (protocol §5.3). A cluster that is down as a whole starts as
 * GLOBAL, because a minority of servers waits for a database in vain; a stopped zone starts as a zone; the rest as
 * servers. Whether a zone is stopped cannot be told without a database, so there a whole zone starts as one.
 */
export function startScopeOf(topology: Topology, picked: ReadonlySet<string>): Scope | null {
  const touched = topology.zones.filter((zone) => zone.servers.some((server) => picked.has(server.address)));
  if (touched.length === 0) return null;
  const all = topology.zones.flatMap((zone) => zone.servers);
  if (all.every((server) => picked.has(server.address) && isDown(server))) return { type: "GLOBAL" };
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

/** What starting these servers would do, from the topology alone. Pure; the same in browser and plan. */
export function startImpactOf(topology: Topology, picked: ReadonlySet<string>): Impact {
  const blocks: Block[] = [];
  const backZones = new Set<string>();
  const notStartable: string[] = [];
  const scope = startScopeOf(topology, picked);
  let stopping = 0;
  let staying = 0;
  let total = 0;
  const zones = topology.zones.map((zone) => {
    const inZone = zone.servers.filter((server) => picked.has(server.address));
    const down = zone.servers.filter(isDown);
    notStartable.push(...inZone.filter((server) => !isDown(server)).map((server) => server.address));
    stopping += inZone.length;
    total += zone.servers.length;
    staying += zone.servers.length - down.length;
    const comesBack = isWhole(zone, picked) && (!isStoppedZone(zone) || scope?.type !== "SERVER");
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
  }
  const majority = estimateMajority(topology, (zone) => !backZones.has(zone));
  return { stopping, staying, total, zones, scope, majority, rootServerStops: false, blocks };
}
