import "server-only";
import type { Glimpse } from "./topology";
import type { Certainty, Server, Topology, Zone, ZoneRecord } from "./schema";
import { addBack, readOurStops, type OurStop, type OurStops } from "./stopped-by-us";

/** What a stop leads to. A server that hangs, or that nobody tells about, was not taken down as far as anybody knows. */
const DOWN: ReadonlySet<Server["state"]> = new Set(["PROCESS_STOPPED", "SERVICE_STOPPED"]);

export interface DownGroup {
  stop: OurStop;
  certainty: Certainty;
  /** Those that are told here. None are left at a stop of a zone when they were all killed from here later. */
  servers: Server[];
  zones: string[];
}

const isDone = ({ done }: OurStop, address: string): boolean => done === "all" || done.includes(address);

function certaintyOf(stop: OurStop, server: Server, zoneStatus: string): Certainty | null {
  if (stop.endedAt === null || !stop.hasActed || stop.back.includes(server.address)) return null;
  const isDown = DOWN.has(server.state);
  const isHidden = stop.isZoneStop && zoneStatus === "" && isDone(stop, server.address);
  // It kills nothing: a process that is gone in that zone says nothing about the zone either.
  if (isHidden && (server.state === "SERVICE_NOT_REPORTED" || (isDown && stop.method === "stop")))
    return "zone-not-reported";
  if (!isDown) return null;
  return isDone(stop, server.address) ? "down" : "not-known";
}

/**
 * Hidden zones that this stop stopped as zones. Only a start of the zone takes that back, whatever else is done to its
 * servers (protocol §5.3).
 */
function zonesOnRecord({ zones }: Topology, stop: OurStop): string[] {
  if (!stop.isZoneStop || stop.endedAt === null || !stop.hasActed) return [];
  const targets = new Set(stop.targets.filter((target) => isDone(stop, target) && !stop.back.includes(target)));
  const isOnRecord = ({ innerStatus, servers }: Zone) =>
    innerStatus === "" && servers.some(({ address }) => targets.has(address));
  return zones.filter(isOnRecord).map((zone) => zone.name);
}

/** Servers that are down since a stop of ours, and zones on record, each told once, at the newest stop of it. Pure. */
export function downOf(ours: OurStops | undefined, topology: Topology | null): DownGroup[] {
  if (!topology) return [];
  const zoneStatus = new Map(topology.zones.map((zone) => [zone.name, zone.innerStatus]));
  const left = new Map(topology.zones.flatMap((zone) => zone.servers.map((server) => [server.address, server])));
  const told = new Set<string>();
  return (ours?.stops ?? []).flatMap((stop) => {
    const groups = new Map<Certainty, Server[]>();
    for (const address of stop.targets) {
      const server = left.get(address);
      if (!server) continue;
      const certainty = certaintyOf(stop, server, zoneStatus.get(server.zone) ?? "");
      if (certainty !== null) {
        const group = groups.get(certainty) ?? [];
        group.push(server);
        groups.set(certainty, group);
      }
      // One that never acted, or was taken back, takes nothing from an earlier one.
      if (stop.hasActed && !stop.back.includes(address)) left.delete(address);
    }
    const onRecord = zonesOnRecord(topology, stop).filter((zone) => !told.has(zone));
    for (const zone of onRecord) told.add(zone);
    const ofServers = [...groups].map(([certainty, servers]) => ({ certainty, servers, zones: zonesOf(servers) }));
    const shown = new Set(ofServers.flatMap(({ zones }) => zones));
    const rest = onRecord.filter((zone) => !shown.has(zone));
    const ofZones = rest.length > 0 ? [{ certainty: "zone-not-reported" as const, servers: [], zones: rest }] : [];
    return [...ofServers, ...ofZones].map((group) => ({ stop, ...group }));
  });
}

const zonesOf = (servers: readonly Server[]): string[] => [...new Set(servers.map((server) => server.zone))];

/** Zones that a stop of this console stopped as zones, where nobody tells whether they still are: by the newest stop. */
export async function readZoneRecords(topology: Topology): Promise<ZoneRecord[]> {
  if (topology.zones.every((zone) => zone.innerStatus !== "")) return [];
  const { id } = topology.cluster;
  const records = new Map<string, ZoneRecord>();
  for (const stop of (await readOurStops(id)).get(id)?.stops ?? [])
    for (const zone of zonesOnRecord(topology, stop))
      if (!records.has(zone)) records.set(zone, { zone, person: stop.person, since: stop.since });
  return [...records.values()];
}

/** That a server runs takes back what stopped it alone, and says nothing of a stop of its zone. */
const isBack = ({ isZoneStop }: OurStop, { state, innerStatus }: Server): boolean =>
  state === "SERVING" || (state === "SERVICE_NOT_REPORTED" && innerStatus !== "" && !isZoneStop);

/**
 * Remembers which targets the topology has shown serving after their stop: whatever happens to them later is not ours.
 * Those that the database no longer has were scaled in, and nothing is left of them to start.
 */
export async function noteBack(
  ours: OurStops | undefined,
  { topology, turn }: Pick<Glimpse, "topology" | "turn">,
): Promise<void> {
  if (!ours || !topology) return;
  const servers = new Map(topology.zones.flatMap((zone) => zone.servers.map((server) => [server.address, server])));
  for (const stop of ours.stops) {
    // A picture from before the end says nothing about what came after it.
    if (stop.endedAt === null || turn < stop.endedTurn) continue;
    const fresh = stop.targets.filter((address) => {
      const server = servers.get(address);
      const isOurs = server ? !isBack(stop, server) : !topology.databaseReachable;
      return !isOurs && !stop.back.includes(address);
    });
    await addBack(stop, fresh);
    stop.back = [...stop.back, ...fresh];
  }
}
