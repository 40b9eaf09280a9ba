import type { Server, ServerState, Unheard, Zone } from "@/lib/clusters/schema";
import { unheardOf } from "@/lib/clusters/unheard";
import { isWhole, whyNotSelectable } from "@/lib/lifecycle/impact";
import { STATES } from "./state-look";

/** A zone as the filter shows it. */
export interface Lane {
  zone: Zone;
  /** Servers that the filter shows. */
  shown: Server[];
  /** Those of them that can be picked. */
  selectable: string[];
  counts: { state: ServerState; n: number }[];
  /** Agents of the whole zone that do not answer, by how they stand. */
  unheard: { condition: Unheard["condition"]; n: number }[];
}

export type Row =
  | { kind: "zone"; key: string; lane: Lane; open: boolean; position: number; of: number }
  | { kind: "server"; key: string; server: Server; position: number; of: number };

export const isSelectable = (server: Server): boolean => whyNotSelectable(server) === null;
export const zoneKey = (zone: string): string => `zone ${zone}`;

/** Zones with what the filter leaves of them; a zone without any is left out while a filter is set. */
export function lanesOf(zones: readonly Zone[], shown: ReadonlySet<Server>, filtering: boolean): Lane[] {
  return zones.flatMap((zone) => {
    const servers = zone.servers.filter((server) => shown.has(server));
    if (filtering && servers.length === 0) return [];
    const selectable = servers.filter(isSelectable).map((server) => server.address);
    const counts = STATES.flatMap((state) => {
      const n = zone.servers.filter((server) => server.state === state).length;
      return n > 0 ? [{ state, n }] : [];
    });
    return [{ zone, shown: servers, selectable, counts, unheard: unheardIn(zone) }];
  });
}

function unheardIn(zone: Zone): Lane["unheard"] {
  const found = new Map<Unheard["condition"], number>();
  for (const { condition } of unheardOf({ zones: [zone] })) found.set(condition, (found.get(condition) ?? 0) + 1);
  return [...found].map(([condition, n]) => ({ condition, n }));
}

/** The rows in their order on the screen: each zone, and below an open one its servers. */
export function rowsOf(lanes: readonly Lane[], isOpen: (zone: string) => boolean): Row[] {
  return lanes.flatMap((lane, at) => {
    const open = isOpen(lane.zone.name);
    const head: Row = {
      kind: "zone",
      key: zoneKey(lane.zone.name),
      lane,
      open,
      position: at + 1,
      of: lanes.length,
    };
    if (!open) return [head];
    const of = lane.shown.length;
    return [
      head,
      ...lane.shown.map((server, index): Row => ({
        kind: "server",
        key: server.address,
        server,
        position: index + 1,
        of,
      })),
    ];
  });
}

/** Whether every, no or a part of what can be picked is picked. */
export function tickOf(addresses: readonly string[], selection: ReadonlySet<string>): boolean | "mixed" {
  let picked = 0;
  for (const address of addresses) if (selection.has(address)) picked += 1;
  return picked === 0 ? false : picked === addresses.length ? true : "mixed";
}

/** Ticked only where the zone would be stopped as a whole: what the filter hides or nothing reaches is left running. */
export function zoneTick({ zone }: Lane, selection: ReadonlySet<string>): boolean | "mixed" {
  const addresses = zone.servers.map((server) => server.address);
  return tickOf(addresses, selection) === false ? false : isWhole(zone, selection) || "mixed";
}

/** All on when any is off, else all off. */
export function toggleAll(selection: ReadonlySet<string>, addresses: readonly string[]): Set<string> {
  const next = new Set(selection);
  const on = tickOf(addresses, selection) !== true;
  for (const address of addresses)
    if (on) next.add(address);
    else next.delete(address);
  return next;
}

/** Shift: everything from the anchor to here, both ends included, is picked; nothing is taken away (ux K-7). */
export function selectRange(
  selection: ReadonlySet<string>,
  order: readonly Server[],
  from: string,
  to: string,
): Set<string> {
  const next = new Set(selection);
  const start = order.findIndex((server) => server.address === from);
  const end = order.findIndex((server) => server.address === to);
  if (end < 0) return next;
  const [first, last] = start < 0 ? [end, end] : start < end ? [start, end] : [end, start];
  for (const server of order.slice(first, last + 1)) if (isSelectable(server)) next.add(server.address);
  return next;
}
