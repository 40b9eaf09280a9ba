import type { ObServer, ObZone, Tenant } from "./database";

const FIRST_RPC_PORT = 22_000;
const FIRST_SQL_PORT = 24_000;
const DAY_MS = 86_400_000;

export interface Place {
  readonly zone: string;
  readonly port: number;
}

export const zoneNamesOf = (sizes: readonly number[]): string[] => sizes.map((_size, at) => `zone${at + 1}`);

export function createZones(sizes: readonly number[]): ObZone[] {
  const regions = ["hangzhou", "hangzhou", "shanghai"];
  return zoneNamesOf(sizes).map((name, at) => ({
    name,
    region: regions[at] ?? "hangzhou",
    idc: `idc${at + 1}`,
    isActive: true,
  }));
}

/** All agents share one IP here, so RPC and SQL ports differ where a real cluster has the same port on many hosts. */
export const createServers = (places: readonly Place[]): ObServer[] =>
  places.map(({ zone, port }, at) => ({
    id: at + 1,
    address: `127.0.0.1:${port}`,
    ip: "127.0.0.1",
    agentPort: port,
    zone,
    rpcPort: FIRST_RPC_PORT + at,
    sqlPort: FIRST_SQL_PORT + at,
    isRunning: true,
    changedAt: Date.now() - DAY_MS,
    stopTime: null,
  }));

/** Every log stream has one replica in each zone; sys lives on the first server of each. */
export function createTenants(servers: readonly ObServer[], zones: readonly ObZone[]): Tenant[] {
  const members = zones.map((zone) => servers.filter((server) => server.zone === zone.name));
  const units = Math.min(...members.map((zone) => zone.length));
  const streams = (count: number): string[][] =>
    Array.from({ length: count }, (_item, unit) => members.flatMap((zone) => zone[unit]?.address ?? []));
  const primaryZone = zones.map((zone) => zone.name).join(";");
  const tenant = (id: number, name: string, count: number): Tenant => ({
    id,
    name,
    mode: "MYSQL",
    logStreams: streams(count),
    primaryZone,
  });
  return [
    tenant(1, "sys", 1),
    tenant(1002, "pay", units),
    tenant(1004, "orders", Math.ceil(units / 2)),
    tenant(1006, "reports", 1),
  ];
}
