import { hasAgent } from "@/lib/clusters/has-agent";
import type { Server, Topology } from "@/lib/clusters/schema";
import { compareAddresses } from "@/lib/lifecycle/impact";
import { isDown, isStoppedZone, startsWithZone, whyNotStartable } from "@/lib/lifecycle/start-impact";

/** What of a zone can be started. */
export interface StartGroup {
  zone: string;
  /** In the order of their addresses. */
  servers: Server[];
  /** It was stopped as a zone, or may have been, so it is chosen as one (protocol §5.3). */
  asZone: boolean;
  /** Nobody reports whether it is stopped: what runs of it is only started with all of it. */
  isHidden: boolean;
  /** What was told last of that; "" when nothing was. */
  lastInnerStatus: string;
  serving: number;
  /** Down, and without an agent: START ZONE may bring it back, and nothing else from here. */
  outOfReach: Server[];
}

export interface StartGroups {
  groups: StartGroup[];
  /** Nothing serves: all of it starts together, because a part waits for a database in vain. */
  isAllDown: boolean;
}

/** The servers of a cluster that can be started, zone by zone; `onRecord`: zones that were stopped from here. Pure. */
export function startGroups(topology: Topology, onRecord: ReadonlySet<string> = new Set()): StartGroups {
  const groups = topology.zones.map((zone) => {
    const servers = zone.servers.filter((server) => whyNotStartable(server) === null);
    return {
      zone: zone.name,
      servers: servers.toSorted((left, right) => compareAddresses(left.address, right.address)),
      asZone: isStoppedZone(zone) || onRecord.has(zone.name) || servers.every(startsWithZone),
      isHidden: servers.some(startsWithZone),
      lastInnerStatus: zone.lastInnerStatus,
      serving: zone.servers.filter(({ state }) => state === "SERVING").length,
      outOfReach: zone.servers.filter((server) => !hasAgent(server) && isDown(server)),
    };
  });
  return {
    groups: groups.filter((group) => group.servers.length + group.outOfReach.length > 0),
    isAllDown: groups.length > 0 && topology.zones.every((zone) => zone.servers.every(isDown)),
  };
}

const addressesOf = (group: StartGroup): string[] => group.servers.map((server) => server.address);

/** These of the servers that can be started; of a zone that starts as one, and of what runs, always all or none. */
export function pickable({ groups, isAllDown }: StartGroups, wanted: ReadonlySet<string>): Set<string> {
  const picked = groups.flatMap((group) => {
    const found = group.servers.filter((server) => wanted.has(server.address));
    if (group.asZone && found.length > 0) return addressesOf(group);
    const isWhole = found.length === group.servers.length;
    return found.filter((server) => isWhole || !startsWithZone(server)).map((server) => server.address);
  });
  return new Set(isAllDown && picked.length > 0 ? groups.flatMap(addressesOf) : picked);
}

/** What the address of the page asks for: servers, a zone, or the servers of a run. */
export interface StartAsked {
  servers: readonly string[];
  zone: string | null;
}

/** The choice that the page opens with: what was asked for and is down. */
export function firstPick(found: StartGroups, { servers, zone }: StartAsked): Set<string> {
  const ofZone = found.groups.filter((group) => group.zone === zone).flatMap(addressesOf);
  return pickable(found, new Set([...servers, ...ofZone]));
}

/** All of them, or none when all are picked already. */
export function toggle(picked: ReadonlySet<string>, addresses: readonly string[]): Set<string> {
  const next = new Set(picked);
  const isOn = addresses.every((address) => picked.has(address));
  for (const address of addresses)
    if (isOn) next.delete(address);
    else next.add(address);
  return next;
}
