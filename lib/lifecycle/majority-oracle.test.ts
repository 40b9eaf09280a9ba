import { describe, expect, test } from "vitest";
import type { Server } from "../clusters/schema";
import { withClusterVerdict } from "./cluster-verdict";
import { impactOf } from "./impact";
import type { Majority, Method } from "./schema";
import {
  anyPlacement,
  everyPlacement,
  seeded,
  smallCluster,
  type Placement,
  type SmallCluster,
} from "./testing/small-clusters";

const CLUSTERS = 4_000;
const METHODS: readonly Method[] = ["stop", "terminate", "force"];
const clusters = (seed: number): SmallCluster[] => {
  const random = seeded(seed);
  return Array.from({ length: CLUSTERS }, () => smallCluster(random));
};
const isSafe = ({ verdict }: Majority): boolean => verdict === "kept" || verdict === "no-spare";

/** The truth, by the same words as the plan: a replica counts while its server serves and is not stopped. */
const isAlive = ({ topology, picked }: SmallCluster, server: Server | null): boolean =>
  server !== null &&
  server.state === "SERVING" &&
  !picked.has(server.address) &&
  topology.zones.find(({ name }) => name === server.zone)?.innerStatus !== "INACTIVE";
const hasMajority = (placement: Placement, alive: (server: Server | null) => boolean): boolean =>
  placement.filter(alive).length * 2 > placement.length;

const servers = ({ topology }: SmallCluster): Server[] => topology.zones.flatMap((zone) => zone.servers);

/** Whether some placement of some tenant has lost its majority, also after one more failure where that is asked. */
function canLose(cluster: SmallCluster, oneMore: boolean): boolean {
  const failures: (Server | null)[] = oneMore ? servers(cluster) : [null];
  const alive = new Map(servers(cluster).map((server) => [server, isAlive(cluster, server)]));
  for (const tenant of cluster.tenants)
    for (const placement of everyPlacement(cluster, tenant))
      for (const failed of failures)
        if (!hasMajority(placement, (server) => server !== null && server !== failed && alive.get(server) === true))
          return true;
  return false;
}

describe("against every placement of every replica", () => {
  const cases = clusters(20_261_123).map((cluster, at) => {
    const method = METHODS[at % METHODS.length] ?? "stop";
    return { cluster, majority: impactOf(cluster.topology, cluster.picked, method).majority };
  });

  test("no estimate says kept where some placement loses a tenant, and a spare is a spare", () => {
    const wrong = cases.filter(
      ({ cluster, majority }) => isSafe(majority) && canLose(cluster, majority.verdict === "kept"),
    );
    expect(wrong.map(({ cluster }) => [cluster.topology.tenants, [...cluster.picked]])).toEqual([]);
    const counts = (verdict: Majority["verdict"]) =>
      cases.filter(({ majority }) => majority.verdict === verdict).length;
    // The cases are of all kinds, or nothing would have been tried.
    for (const verdict of ["kept", "no-spare", "lost", "unknown"] as const)
      expect(counts(verdict)).toBeGreaterThan(200);
  });

  test("lost is never said without a placement that loses one of the tenants that it names", () => {
    const empty = cases.filter(({ cluster, majority }) => {
      if (majority.verdict !== "lost") return false;
      const named = cluster.tenants.filter(({ reported }) => majority.tenants.includes(reported.name));
      return (
        named.length !== majority.tenants.length ||
        !named.every((tenant) => canLose({ ...cluster, tenants: [tenant] }, false))
      );
    });
    expect(empty).toEqual([]);
  });

  test("how often it is too careful: of the placements at random under ‘lost’, one in six keeps every majority", () => {
    const random = seeded(7);
    let lost = 0;
    let kept = 0;
    for (const { cluster, majority } of cases) {
      if (majority.verdict !== "lost") continue;
      lost += 1;
      const keeps = cluster.tenants.every((tenant) =>
        hasMajority(anyPlacement(random, cluster, tenant), (server) => isAlive(cluster, server)),
      );
      if (keeps) kept += 1;
    }
    expect(Math.round((100 * kept) / lost)).toBe(16);
  });
});

describe("with members set aside", () => {
  const aside = { by: "zhao", since: "2026-01-01T00:00:00Z", reason: "gone for good" };
  const isGone = (server: Server) => server.state === "NOT_REPORTED" && server.innerStatus === "INACTIVE";
  const withServers = (cluster: SmallCluster, change: (all: Server[]) => Server[]): SmallCluster => {
    const zones = cluster.topology.zones.map((zone) => ({ ...zone, servers: change(zone.servers) }));
    const picked = new Set([...cluster.picked].filter((address) => !servers(cluster).some(isGoneAt(address))));
    return { ...cluster, topology: { ...cluster.topology, zones }, picked };
  };
  const isGoneAt = (address: string) => (server: Server) => server.address === address && isGone(server);
  const cases = clusters(8_128)
    .filter((cluster) => servers(cluster).some(isGone))
    .map((cluster) => ({
      marked: withServers(cluster, (all) => all.map((one) => (isGone(one) ? { ...one, setAside: aside } : one))),
      rest: withServers(cluster, (all) => all.filter((one) => !isGone(one))),
    }));

  test("the verdict is that of the cluster without them, and names them", () => {
    const wrong = cases.filter(({ marked, rest }) => {
      const { setAside, ...majority } = impactOf(marked.topology, marked.picked, "force").majority;
      const { setAside: _none, ...without } = impactOf(rest.topology, rest.picked, "force").majority;
      return setAside.length === 0 || JSON.stringify(majority) !== JSON.stringify(without);
    });
    expect(wrong).toEqual([]);
    expect(cases.length).toBeGreaterThan(100);
  });

  test("it says kept where no placement on the others loses a tenant, and nowhere else", () => {
    const judged = cases.map((one) => impactOf(one.marked.topology, one.marked.picked, "force").majority);
    const wrong = cases.filter(({ rest }, at) => {
      const majority = judged[at];
      return majority && isSafe(majority) && canLose(rest, majority.verdict === "kept");
    });
    expect(wrong).toEqual([]);
    expect(judged.filter(isSafe).length).toBeGreaterThan(20);
  });
});

describe("with the cluster's own word on one whole zone", () => {
  /** What `/stop/check` finds for this placement: user tenants with a replica in the zone, as the database knows them. */
  function clusterSays(cluster: SmallCluster, zone: string, placements: readonly Placement[]): boolean {
    const { topology, tenants } = cluster;
    const isInSync = (server: Server | null) =>
      server !== null &&
      server.innerStatus === "ACTIVE" &&
      !server.stoppedBySql &&
      topology.zones.find(({ name }) => name === server.zone)?.innerStatus === "ACTIVE";
    return tenants.every((tenant, at) => {
      const placement = placements[at] ?? [];
      const isSeen = tenant.reported.name !== "sys" && placement.some((server) => server?.zone === zone);
      return !isSeen || hasMajority(placement, (server) => server?.zone !== zone && isInSync(server));
    });
  }

  const random = seeded(99);
  const cases = clusters(4_711).flatMap((cluster) => {
    const impact = impactOf(cluster.topology, cluster.picked, "terminate");
    const zone = impact.scope?.type === "ZONE" && impact.scope.target.length === 1 ? impact.scope.target[0] : undefined;
    if (zone === undefined) return [];
    return Array.from({ length: 5 }, () => {
      const placements = cluster.tenants.map((tenant) => anyPlacement(random, cluster, tenant));
      const ok = clusterSays(cluster, zone, placements);
      const clusterVerdict = ok ? { ok } : { ok, kind: "majority-lost", code: "OB.Cluster.Tenant.Replica.Invalid" };
      const majority = withClusterVerdict(cluster.topology, cluster.picked, impact, { clusterVerdict });
      return { cluster, placements, ok, estimate: impact.majority, majority };
    });
  });

  test("its yes makes nothing kept that is lost, its no is always lost, and it does lift what was too careful", () => {
    const isLost = ({ cluster, placements }: (typeof cases)[number]) =>
      placements.some((placement) => !hasMajority(placement, (server) => isAlive(cluster, server)));
    expect(cases.filter((one) => isSafe(one.majority) && isLost(one))).toEqual([]);
    expect(cases.filter(({ ok, majority }) => !ok && majority.verdict !== "lost")).toEqual([]);
    const lifted = cases.filter(({ estimate, majority }) => !isSafe(estimate) && isSafe(majority));
    expect(lifted.length).toBeGreaterThan(20);
    expect(lifted.every(({ majority }) => majority.verdict === "no-spare" && majority.source === "cluster")).toBe(true);
    expect(cases.filter(({ ok, majority }) => !ok && majority.tenants.length === 0)).toEqual([]);
  });
});
