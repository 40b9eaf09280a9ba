import { addressOf } from "./address";
import type { ObServer, ObZone } from "./database";

const FIRST_RPC_PORT = 22_000;
const FIRST_SQL_PORT = 24_000;
const DAY_MS = 86_400_000;
const LONG_AGO_MS = 7 * DAY_MS;

/** How a simulated cluster is laid out. */
export interface Layout {
  /** How many observers each zone holds. */
  readonly zoneSizes: readonly number[];
  /** zone1, zone2 and so on unless told otherwise; any text that a database takes. */
  readonly zoneNames?: readonly string[];
  /** Loopback addresses, dealt to the servers in turn; 127.0.0.1 for all unless told otherwise. */
  readonly ips?: readonly string[];
  /** The servers, counted from 0, that no agent looks after. */
  readonly agentless?: readonly number[];
  /** The servers that are gone for good and were never taken out of the cluster: INACTIVE, without an agent. */
  readonly ghosts?: readonly number[];
}

/** Where one server of the cluster lives, before its agent has a port. */
export interface Seat {
  readonly zone: string;
  readonly ip: string;
  /** How many seats before this one have the same IP. */
  readonly nth: number;
  readonly hasAgent: boolean;
  readonly isGhost: boolean;
}

export interface Place extends Seat {
  /** Of the agent; 0 where there is none. */
  readonly port: number;
}

const DEFAULT_IPS = ["127.0.0.1"] as const;

export const zoneNamesOf = ({ zoneSizes, zoneNames = [] }: Layout): string[] =>
  zoneSizes.map((_size, at) => zoneNames[at] ?? `zone${at + 1}`);

export function seatsOf(layout: Layout): Seat[] {
  const { zoneSizes, ips = DEFAULT_IPS, agentless = [], ghosts = [] } = layout;
  const zones = zoneNamesOf(layout).flatMap((zone, at) => Array.from({ length: zoneSizes[at] ?? 0 }, () => zone));
  return zones.map((zone, at) => ({
    zone,
    ip: ips[at % ips.length] ?? DEFAULT_IPS[0],
    nth: Math.floor(at / ips.length),
    hasAgent: !agentless.includes(at) && !ghosts.includes(at),
    isGhost: ghosts.includes(at),
  }));
}

export function createZones(names: readonly string[]): ObZone[] {
  const regions = ["hangzhou", "hangzhou", "shanghai"];
  return names.map((name, at) => ({
    name,
    region: regions[at] ?? "hangzhou",
    idc: `idc${at + 1}`,
    isActive: true,
  }));
}

/**
 * Servers that share an IP differ in their RPC and SQL ports; those of different hosts have the same, as in a real
 * cluster. A server without an agent is known by its RPC port.
 */
export const createServers = (places: readonly Place[]): ObServer[] =>
  places.map(({ zone, ip, nth, port, hasAgent, isGhost }, at) => ({
    id: at + 1,
    address: addressOf(ip, hasAgent ? port : FIRST_RPC_PORT + nth),
    ip,
    agentPort: port,
    zone,
    rpcPort: FIRST_RPC_PORT + nth,
    sqlPort: FIRST_SQL_PORT + nth,
    isGhost,
    isRunning: !isGhost,
    changedAt: Date.now() - (isGhost ? LONG_AGO_MS : DAY_MS),
    stopTime: null,
  }));
