import "server-only";
import type { Certainty, Server, Topology, ZoneRecord } from "./schema";
import { addBack, readOurStops, type OurStop, type OurStops } from "./stopped-by-us";

/** What a stop leads to. A server that hangs, or that nobody tells about, was not taken down as far as anybody knows. */
const DOWN: ReadonlySet<Server["state"]> = new Set(["PROCESS_STOPPED", "SERVICE_STOPPED"]);

export interface DownGroup {
  stop: OurStop;
  certainty: Certainty;
  servers: Server[];
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

/** Servers that are down since a stop of ours, each told once, at the newest stop that was about it. Pure. */
export function downOf(ours: OurStops | undefined, topology: Topology | null): DownGroup[] {
  const zones = topology?.zones ?? [];
  const zoneStatus = new Map(zones.map((zone) => [zone.name, zone.innerStatus]));
  const left = new Map(zones.flatMap((zone) => zone.servers.map((server) => [server.address, server])));
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
    return [...groups].map(([certainty, servers]) => ({ stop, certainty, servers }));
  });
}

/** Zones that a stop of this console stopped as zones, where nobody tells whether they still are. */
export async function readZoneRecords(topology: Topology): Promise<ZoneRecord[]> {
  const hidden = new Set(topology.zones.filter((zone) => zone.innerStatus === "").map((zone) => zone.name));
  if (hidden.size === 0) return [];
  const { id } = topology.cluster;
  return downOf((await readOurStops(id)).get(id), topology).flatMap(({ stop, certainty, servers }) => {
    const { person, since } = stop;
    const zones = new Set(servers.map((server) => server.zone).filter((zone) => hidden.has(zone)));
    return stop.isZoneStop && certainty !== "not-known" ? [...zones].map((zone) => ({ zone, person, since })) : [];
  });
}

/** That a server runs takes back what stopped it alone, and says nothing of a stop of its zone. */
const isBack = ({ isZoneStop }: OurStop, { state, innerStatus }: Server): boolean =>
  state === "SERVING" || (state === "SERVICE_NOT_REPORTED" && innerStatus !== "" && !isZoneStop);

/** Remembers which targets the topology has shown serving after their stop: whatever happens to them later is not ours. */
export async function noteBack(ours: OurStops | undefined, topology: Topology | null): Promise<void> {
  if (!ours || !topology) return;
  const servers = new Map(topology.zones.flatMap((zone) => zone.servers.map((server) => [server.address, server])));
  for (const stop of ours.stops) {
    // A picture from before the end says nothing about what came after it.
    if (stop.endedAt === null || Date.parse(topology.readAt) <= Date.parse(stop.endedAt)) continue;
    const fresh = stop.targets.filter((address) => {
      const server = servers.get(address);
      return server !== undefined && isBack(stop, server) && !stop.back.includes(address);
    });
    await addBack(stop, fresh);
    stop.back = [...stop.back, ...fresh];
  }
}
