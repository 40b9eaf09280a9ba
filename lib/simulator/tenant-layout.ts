import type { ObServer, ObZone, Tenant } from "./database";

/** How the replicas of a tenant are spread. */
export interface TenantLayout {
  /** `sys` takes the place of the one that is there by itself. */
  readonly name: string;
  /** As the database writes it: `FULL{1}@zone1, FULL{1}@zone2, READONLY{1}@zone3`. Only FULL replicas vote. */
  readonly locality: string;
  /** 1 unless told otherwise; the replicas of each next log stream are one server further in their zones. */
  readonly logStreams?: number;
  readonly primaryZone?: string;
}

const SYS_ID = 1;
const FIRST_USER_ID = 1002;

/** One sys tenant with a replica in each zone and three others, unless the layouts say otherwise. */
export function createTenants(
  servers: readonly ObServer[],
  zones: readonly ObZone[],
  layouts: readonly TenantLayout[] = defaultLayouts(servers, zones),
): Tenant[] {
  const everywhere = zones.map((zone) => `FULL{1}@${zone.name}`).join(", ");
  const sys = layouts.find((layout) => layout.name === "sys") ?? { name: "sys", locality: everywhere };
  const users = layouts.filter((layout) => layout.name !== "sys");
  return [sys, ...users].map((layout, at) => ({
    id: at === 0 ? SYS_ID : FIRST_USER_ID + (at - 1) * 2,
    name: layout.name,
    mode: "MYSQL",
    locality: layout.locality,
    primaryZone: layout.primaryZone ?? zones.map((zone) => zone.name).join(";"),
    logStreams: votersOf(layout, servers),
  }));
}

function defaultLayouts(servers: readonly ObServer[], zones: readonly ObZone[]): TenantLayout[] {
  const locality = zones.map((zone) => `FULL{1}@${zone.name}`).join(", ");
  const membersOf = (zone: ObZone): number =>
    servers.filter((server) => server.zone === zone.name && !server.isGhost).length;
  const units = Math.min(...zones.map(membersOf));
  return [
    { name: "pay", locality, logStreams: units },
    { name: "orders", locality, logStreams: Math.ceil(units / 2) },
    { name: "reports", locality, logStreams: 1 },
  ];
}

/** So many user tenants, a replica of each in every zone. */
export const manyTenants = (count: number, zoneNames: readonly string[]): TenantLayout[] =>
  Array.from({ length: count }, (_item, at) => ({
    name: `tenant${String(at + 1).padStart(3, "0")}`,
    locality: zoneNames.map((zone) => `FULL{1}@${zone}`).join(", "),
  }));

function votersOf({ locality, logStreams = 1 }: TenantLayout, servers: readonly ObServer[]): string[][] {
  const parts = locality.split(",").map((part) => replicasOf(part.trim()));
  return Array.from({ length: logStreams }, (_item, stream) =>
    parts.flatMap(({ type, count, zone }) => {
      const members = servers.filter((server) => server.zone === zone && !server.isGhost);
      if (count > members.length) throw new Error(`${locality}: ${zone} has ${members.length} servers, not ${count}`);
      if (type !== "FULL") return [];
      return Array.from({ length: count }, (_replica, at) => members[(stream + at) % members.length]?.address ?? "");
    }),
  );
}

function replicasOf(part: string): { type: string; count: number; zone: string } {
  const [, type = "", count = "1", zone = ""] = /^([A-Z]+)(?:\{(\d+)\})?@(.+)$/.exec(part) ?? [];
  if (!["FULL", "READONLY", "COLUMNSTORE"].includes(type)) throw new Error(`"${part}" is no part of a locality`);
  return { type, count: Number(count), zone };
}
