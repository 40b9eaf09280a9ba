import { failed, mysqlError } from "./agent-error";
import type { FaultBoard } from "./fault";
import type { Timeline } from "./timeline";

/** How long the Root Service waits before a dead server becomes INACTIVE, and how long a started one takes to serve. */
const LEASE_MS = 10_000;
const BOOT_MS = 4_000;
/** Late enough that a stop has ended well before. */
const REVIVED_AFTER_MS = 30_000;

/** One observer process and what the Root Service knows about it. */
export interface ObServer {
  readonly id: number;
  readonly address: string;
  readonly ip: string;
  readonly agentPort: number;
  readonly zone: string;
  readonly rpcPort: number;
  readonly sqlPort: number;
  /** Gone for good: its replicas live elsewhere by now. */
  readonly isGhost: boolean;
  isRunning: boolean;
  /** Real Unix ms of the last start or death of the process. */
  changedAt: number;
  /** Set by STOP SERVER, taken away by START SERVER; null while the server serves. */
  stopTime: number | null;
}

export interface ObZone {
  readonly name: string;
  readonly region: string;
  readonly idc: string;
  isActive: boolean;
}

export interface Tenant {
  readonly id: number;
  readonly name: string;
  readonly mode: "MYSQL" | "ORACLE";
  readonly locality: string;
  /** One log stream per entry; each entry is the servers that hold its voting replicas. */
  readonly logStreams: readonly (readonly string[])[];
  readonly primaryZone: string;
}

export interface Database {
  readonly servers: readonly ObServer[];
  readonly zones: readonly ObZone[];
  readonly tenants: readonly Tenant[];
  server(address: string): ObServer | undefined;
  zone(name: string): ObZone | undefined;
  /** 0 no process, 1 no usable connection, 3 available; as the agent at this address sees it. */
  stateAt(address: string): 0 | 1 | 3;
  innerStatus(server: ObServer): "ACTIVE" | "INACTIVE";
  /** The process does not answer the others, whatever state it is in. */
  isLost(server: ObServer): boolean;
  rootServer(): ObServer | undefined;
  kill(address: string): void;
  boot(address: string): void;
  stopServer(at: string, address: string): void;
  startServer(at: string, address: string): void;
  stopZone(at: string, zone: string): void;
  startZone(at: string, zone: string): void;
  hasOtherStopped(zone: string | null): boolean;
  /** User tenants that would lose their majority without these servers. */
  tenantsLosing(without: (server: ObServer) => boolean): readonly Tenant[];
}

export interface DatabaseOptions {
  readonly servers: readonly ObServer[];
  readonly zones: readonly ObZone[];
  readonly tenants: readonly Tenant[];
  readonly faults: FaultBoard;
  readonly timeline: Timeline;
}

export function createDatabase({ servers, zones, tenants, faults, timeline }: DatabaseOptions): Database {
  const byAddress = new Map(servers.map((server) => [server.address, server]));
  const byName = new Map(zones.map((zone) => [zone.name, zone]));
  const since = (server: ObServer): number => (Date.now() - server.changedAt) * timeline.scale;
  /** When the others stopped hearing from it; undefined while they do. */
  const lostAt = (server: ObServer): number | undefined => {
    if (!server.isRunning) return server.changedAt;
    const times = [faults.since(server.address, "host-silent"), faults.since(server.address, "observer-frozen")];
    const known = times.filter((time) => time !== undefined);
    return known.length > 0 ? Math.min(...known) : undefined;
  };
  const isLost = (server: ObServer): boolean => lostAt(server) !== undefined;
  const isServing = (server: ObServer): boolean => !isLost(server) && since(server) >= BOOT_MS;
  const sysReplicas = (): readonly ObServer[] =>
    (tenants.find((tenant) => tenant.name === "sys")?.logStreams[0] ?? []).flatMap(
      (address) => byAddress.get(address) ?? [],
    );
  const hasMajority = (): boolean => {
    const replicas = sysReplicas();
    return replicas.filter(isServing).length * 2 > replicas.length;
  };

  const isAway = (address: string): boolean =>
    faults.has(address, "database-down") || faults.has(address, "database-frozen");
  const isInService = (server: ObServer): boolean => isServing(server) && !faults.has(server.address, "not-in-service");

  const stateAt = (address: string): 0 | 1 | 3 => {
    const server = byAddress.get(address);
    if (!server?.isRunning) return 0;
    return isServing(server) && hasMajority() && !isAway(address) ? 3 : 1;
  };

  const tenantsLosing = (without: (server: ObServer) => boolean): readonly Tenant[] =>
    tenants.filter((tenant) =>
      tenant.logStreams.some((replicas) => {
        const members = replicas.flatMap((address) => byAddress.get(address) ?? []);
        const left = members.filter((server) => isInService(server) && !without(server));
        return members.some(without) && left.length * 2 <= members.length;
      }),
    );

  const hasOtherStopped = (zone: string | null): boolean =>
    servers.some((server) => server.zone !== zone && server.stopTime !== null) ||
    zones.some((other) => other.name !== zone && !other.isActive);

  /** Every statement runs at one agent's connection; the statement may also fail because of the server it is about. */
  const execute = (at: string, about: readonly string[]): void => {
    if (stateAt(at) !== 3) throw failed("Agent.OceanBase.Useless", "The current database is useless");
    if ([at, ...about].some((address) => faults.has(address, "sql-error")))
      throw mysqlError(4012, "Timeout, query has reached the maximum query timeout: 10000000(us)");
  };

  const refuseStop = (zone: string, without: (server: ObServer) => boolean): void => {
    if (hasOtherStopped(zone)) throw mysqlError(4660, "cannot stop server or stop zone in multiple zones");
    const losing = tenantsLosing(without);
    if (losing.length > 0)
      throw mysqlError(4179, "the number of valid paxos members is not enough, stop server or zone not allowed");
  };

  const known = (address: string): ObServer => {
    const server = byAddress.get(address);
    if (!server) throw mysqlError(4638, "server not exist");
    return server;
  };
  const knownZone = (name: string): ObZone => {
    const zone = byName.get(name);
    if (!zone) throw mysqlError(4668, "zone info not exist");
    return zone;
  };
  const membersOf = (zone: string): string[] =>
    servers.filter((server) => server.zone === zone).map((server) => server.address);

  const setProcess = (address: string, isRunning: boolean): void => {
    const server = byAddress.get(address);
    if (!server || server.isRunning === isRunning) return;
    server.isRunning = isRunning;
    server.changedAt = Date.now();
    // A frozen process that is killed is frozen no more.
    const frozen = faults.find(address, "observer-frozen");
    if (frozen) faults.set(address, frozen, false);
  };

  const kill = (address: string): void => {
    setProcess(address, false);
    const revived = faults.find(address, "revived");
    if (!revived) return;
    timeline.after(revived.afterMs ?? REVIVED_AFTER_MS, () => {
      if (faults.has(address, "revived")) setProcess(address, true);
    });
  };

  return {
    servers,
    zones,
    tenants,
    server: (address) => byAddress.get(address),
    zone: (name) => byName.get(name),
    stateAt,
    isLost,
    innerStatus: (server) => {
      const lost = lostAt(server);
      const isHeld = lost !== undefined && (Date.now() - lost) * timeline.scale < LEASE_MS;
      return isServing(server) || isHeld ? "ACTIVE" : "INACTIVE";
    },
    rootServer: () => sysReplicas().find((server) => isServing(server) && byName.get(server.zone)?.isActive),
    kill,
    boot: (address) => setProcess(address, true),
    stopServer(at, address) {
      execute(at, [address]);
      const server = known(address);
      if (server.stopTime !== null) return;
      refuseStop(server.zone, (other) => other === server);
      server.stopTime = Date.now();
    },
    startServer(at, address) {
      execute(at, [address]);
      known(address).stopTime = null;
    },
    stopZone(at, name) {
      execute(at, membersOf(name));
      const zone = knownZone(name);
      if (!zone.isActive) return;
      refuseStop(name, (server) => server.zone === name);
      zone.isActive = false;
    },
    startZone(at, name) {
      execute(at, membersOf(name));
      knownZone(name).isActive = true;
    },
    hasOtherStopped,
    tenantsLosing,
  };
}
