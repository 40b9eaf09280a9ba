import type { ObServer, ObZone } from "./database";

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
