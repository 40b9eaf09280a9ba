import type { Server, Topology } from "@/lib/clusters/schema";
import { compareAddresses } from "@/lib/lifecycle/impact";
import { isStoppedZone, whyNotStartable } from "@/lib/lifecycle/start-impact";

/** What of a zone can be started. */
export interface StartGroup {
  zone: string;
  /** In the order of their addresses. */
  servers: Server[];
  /** It was stopped as a zone, so it is chosen as one (protocol §5.3). */
  asZone: boolean;
  serving: number;
}

export interface StartGroups {
  groups: StartGroup[];
  /** Nothing serves: all of it starts together, because a part waits for a database in vain. */
  isAllDown: boolean;
}

/** The servers of a cluster that are down, zone by zone. Pure. */
export function startGroups(topology: Topology): StartGroups {
  const groups = topology.zones.map((zone) => {
    const servers = zone.servers.filter((server) => whyNotStartable(server) === null);
    return {
      zone: zone.name,
      servers: servers.toSorted((left, right) => compareAddresses(left.address, right.address)),
      asZone: isStoppedZone(zone),
      serving: zone.servers.length - servers.length,
    };
  });
  return {
    groups: groups.filter((group) => group.servers.length > 0),
    isAllDown: groups.length > 0 && groups.every((group) => group.serving === 0),
  };
}

const addressesOf = (group: StartGroup): string[] => group.servers.map((server) => server.address);

/** These of the servers that are down; of a zone that starts as one always all or none. */
export function pickable({ groups, isAllDown }: StartGroups, wanted: ReadonlySet<string>): Set<string> {
  const picked = groups.flatMap((group) => {
    const found = addressesOf(group).filter((address) => wanted.has(address));
    return group.asZone && found.length > 0 ? addressesOf(group) : found;
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
