import type { Server, ServerState, Topology } from "../../clusters/schema";
import { exampleTopology, withServer } from "../../clusters/testing/example-topology";
import type { Tenant } from "../../obshell/schema";

/** A tenant with what its agents report of it and where its voting replicas truly are allowed to stand. */
interface TrueTenant {
  reported: Tenant;
  isReported: boolean;
  voters: { zone: string; count: number }[];
}

export interface SmallCluster {
  topology: Topology;
  tenants: TrueTenant[];
  picked: Set<string>;
}

/** Numbers between 0 and 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Random = ReturnType<typeof seeded>;
const below = (random: Random, end: number): number => Math.floor(random() * end);
function oneOf<T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[below(random, items.length)] ?? items[0];
}

/** 1 to 5 zones of 1 to 3 servers, some of them down in any way there is, tenants in any layout, some servers picked. */
export function smallCluster(random: Random): SmallCluster {
  const zones = 1 + below(random, 5);
  let topology = exampleTopology(zones, 1 + below(random, 3));
  const names = topology.zones.map((zone) => zone.name);
  const share = random() < 0.6 ? 0 : 0.15;
  for (const server of topology.zones.flatMap((zone) => zone.servers))
    if (random() < share) topology = withServer(topology, server.address, downIn(random));
  if (random() < 0.05)
    topology = {
      ...topology,
      zones: topology.zones.map((zone, at) => (at === 0 ? { ...zone, innerStatus: "INACTIVE" } : zone)),
    };
  const tenants = ["sys", "pay", "log"]
    .slice(0, 1 + below(random, 3))
    .map((name, at) => smallTenant(random, name, at, names));
  if (random() < 0.1) for (const tenant of tenants) tenant.isReported &&= tenant.reported.name !== "sys";
  return {
    topology: { ...topology, tenants: tenants.filter(({ isReported }) => isReported).map(({ reported }) => reported) },
    tenants,
    picked: pick(random, topology),
  };
}

type Down = Pick<Server, "state" | "innerStatus" | "obState" | "stoppedBySql">;
function downIn(random: Random): Down {
  const down = (state: ServerState, obState: number | null, innerStatus: string, stoppedBySql = false) => ({
    ...{ state, obState, innerStatus, stoppedBySql },
  });
  return oneOf(random, [
    down("PROCESS_STOPPED", 0, "INACTIVE"),
    down("PROCESS_STOPPED", 0, "ACTIVE"), // the database has not noticed
    down("SERVICE_STOPPED", 3, "ACTIVE", true),
    down("UNAVAILABLE", 1, "INACTIVE"),
    down("STARTING", 1, "ACTIVE"),
    down("NOT_REPORTED", null, "INACTIVE"),
    down("NOT_REPORTED", null, ""),
    down("DELETING", 3, "DELETING"),
  ]);
}

function smallTenant(random: Random, name: string, at: number, zones: readonly string[]): TrueTenant {
  const voters: TrueTenant["voters"] = [];
  const parts: string[] = [];
  const everywhere = [...zones, ...(random() < 0.05 ? ["zone9"] : [])]; // a zone that is not in the picture
  for (const zone of everywhere) {
    const kind = random();
    const count = random() < 0.2 ? 2 : 1;
    if (kind < 0.8) {
      voters.push({ zone, count });
      parts.push(
        oneOf(random, [
          `FULL{${count}}@${zone}`,
          `F{${count}}@${zone}`,
          count === 1 ? `FULL@${zone}` : `FULL{2}@${zone}`,
          `F{${count}},R{1}@${zone}`,
        ]),
      );
    } else if (kind < 0.93) parts.push(oneOf(random, [`READONLY{1}@${zone}`, `R{ALL_SERVER}@${zone}`, `C{1}@${zone}`]));
    else if (kind < 0.8) {
      voters.push({ zone, count: 1 });
      parts.push(oneOf(random, [`LOGONLY{1}@${zone}`, `ARBITRATION{1}@${zone}`, `FULL{1,MEMSTORE}@${zone}`, "?"]));
    }
  }
  if (voters.length === 0) {
    voters.push({ zone: zones[0] ?? "", count: 1 });
    parts.push(`FULL{1}@${zones[0]}`);
  }
  const reported = { name, id: at + 1, status: "NORMAL", locality: parts.join(", "), primaryZone: "RANDOM" };
  return { reported, isReported: true, voters };
}

function pick(random: Random, topology: Topology): Set<string> {
  const zone = oneOf(random, ["", ...topology.zones.map(({ name }) => name)]);
  const wanted = random();
  const isPicked = (server: Server): boolean =>
    wanted < 0.4 ? server.zone === zone : wanted < 0.45 ? true : random() < 0.1;
  return new Set(topology.zones.flatMap(({ servers }) => servers.filter(isPicked).map(({ address }) => address)));
}

/** One way to put a tenant's voting replicas: the server of each; null where no server of the zone is known. */
export type Placement = (Server | null)[];

/** Every way to put each replica of a tenant on any server of its zone. */
export function* everyPlacement({ topology }: SmallCluster, { voters }: TrueTenant): Generator<Placement> {
  const choices = voters.flatMap(({ zone, count }) => {
    const servers = topology.zones.find(({ name }) => name === zone)?.servers ?? [null];
    return Array.from({ length: count }, () => servers);
  });
  yield* product(choices);
}

function* product<T>(choices: readonly (readonly T[])[]): Generator<T[]> {
  const [first, ...rest] = choices;
  if (!first) {
    yield [];
    return;
  }
  for (const others of product(rest)) for (const one of first) yield [one, ...others];
}

export const anyPlacement = (random: Random, { topology }: SmallCluster, { voters }: TrueTenant): Placement =>
  voters.flatMap(({ zone, count }) => {
    const servers = topology.zones.find(({ name }) => name === zone)?.servers ?? [];
    return Array.from({ length: count }, () => servers[below(random, servers.length)] ?? null);
  });
