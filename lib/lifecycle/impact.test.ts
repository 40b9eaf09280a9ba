import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exampleTopology, withServer } from "../clusters/testing/example-topology";
import type { ServerState, Topology } from "../clusters/schema";
import { compareAddresses, impactOf, scopeOf, whyNotSelectable } from "./impact";
import type { Method } from "./schema";

const medium = exampleTopology();
const A1 = "10.0.1.1:2886";
const A2 = "10.0.1.2:2886";
const A3 = "10.0.1.3:2886";
const B1 = "10.0.2.1:2886";
const ALL = medium.zones.flatMap((zone) => zone.servers.map((server) => server.address));
const inState = (topology: Topology, address: string, state: ServerState) => withServer(topology, address, { state });
const reasons = (topology: Topology, picked: string[], method: Method) =>
  impactOf(topology, new Set(picked), method).blocks.map((block) => block.reason);

describe("which rows can be picked", () => {
  test.each<[ServerState, ReturnType<typeof whyNotSelectable>]>([
    ["SERVING", null],
    ["SERVICE_STOPPED", null],
    ["UNAVAILABLE", null],
    ["NOT_REPORTED", null],
    ["NOT_SERVING_YET", null],
    ["PROCESS_STOPPED", "already-stopped"],
    ["DELETING", "deleting"],
    ["STOPPING", "in-a-run"],
    ["STARTING", "in-a-run"],
  ])("%s: %s", (state, why) => {
    const server = inState(medium, A1, state).zones[0]?.servers[0];
    expect(server && whyNotSelectable(server)).toBe(why);
  });
});

describe("the scope that is sent", () => {
  const scope = (picked: string[], topology = medium) => scopeOf(topology, new Set(picked));

  test("nothing picked, or only what is not in the cluster, is no scope", () => {
    expect(scope([])).toBeNull();
    expect(scope(["10.9.9.9:2886"])).toBeNull();
  });

  test("servers are sent in address order by their numbers", () => {
    const big = exampleTopology(3, 12);
    expect(scope(["10.0.1.11:2886", B1, "10.0.1.2:2886"], big)).toEqual({
      type: "SERVER",
      target: ["10.0.1.2:2886", "10.0.1.11:2886", B1],
    });
  });

  test("a full zone is sent as a zone, also when the rest of it is already stopped", () => {
    expect(scope([A1, A2, A3])).toEqual({ type: "ZONE", target: ["zone1"] });
    expect(scope([A1, A2], inState(medium, A3, "PROCESS_STOPPED"))).toEqual({ type: "ZONE", target: ["zone1"] });
    expect(scope([A1, A2], inState(medium, A3, "SERVICE_STOPPED"))?.type).toBe("SERVER");
  });

  test("a full zone and a part of another are servers", () => {
    expect(scope([A1, A2, A3, B1])).toEqual({ type: "SERVER", target: [A1, A2, A3, B1] });
  });

  test("everything is the whole cluster", () => {
    expect(scope(ALL)).toEqual({ type: "GLOBAL" });
    expect(scope(["10.0.1.1:2886"], exampleTopology(1, 1))).toEqual({ type: "GLOBAL" });
  });

  test("without a database zones are sent as their servers", () => {
    expect(scope([A1, A2, A3], { ...medium, databaseReachable: false })).toEqual({
      type: "SERVER",
      target: [A1, A2, A3],
    });
  });

  test("a thousand addresses are put in order far faster than with a collator for each comparison", () => {
    const huge = exampleTopology(3, 334);
    const picked = huge.zones.flatMap((zone) => zone.servers.slice(1).map((server) => server.address));
    const fastest = (work: () => void) =>
      Math.min(
        ...Array.from({ length: 5 }, () => {
          const startedAt = performance.now();
          work();
          return performance.now() - startedAt;
        }),
      );
    const anew = (left: string, right: string) => new Intl.Collator("en", { numeric: true }).compare(left, right);
    expect(fastest(() => scope(picked, huge)) * 2).toBeLessThan(fastest(() => picked.toSorted(anew)));
  });

  test("addresses compare by their numbers, hosts before ports", () => {
    const sorted = ["10.0.0.2:2886", "10.0.0.10:2886", "10.0.0.10:12886"];
    expect(sorted.toReversed().sort(compareAddresses)).toEqual(sorted);
  });
});

describe("counts", () => {
  test("what is already down neither stops nor stays", () => {
    const topology = inState(medium, B1, "UNAVAILABLE");
    const impact = impactOf(topology, new Set([A1, A2]), "stop");
    expect(impact).toMatchObject({ stopping: 2, staying: 6, total: 9 });
    expect(impact.zones).toEqual([
      { zone: "zone1", stopping: 2, down: 0, total: 3 },
      { zone: "zone2", stopping: 0, down: 1, total: 3 },
      { zone: "zone3", stopping: 0, down: 0, total: 3 },
    ]);
  });

  test("whatever is picked, stopping and staying never exceed the cluster and the zones add up", () => {
    const states: ServerState[] = ["SERVING", "SERVICE_STOPPED", "PROCESS_STOPPED", "UNAVAILABLE", "NOT_REPORTED"];
    fc.assert(
      fc.property(
        fc.subarray(ALL),
        fc.array(fc.tuple(fc.constantFrom(...ALL), fc.constantFrom(...states)), { maxLength: 5 }),
        fc.constantFrom<Method>("stop", "terminate", "force"),
        (picked, changes, method) => {
          const topology = changes.reduce((now, [address, state]) => inState(now, address, state), medium);
          const impact = impactOf(topology, new Set(picked), method);
          expect(impact.stopping).toBe(picked.length);
          expect(impact.stopping + impact.staying).toBeLessThanOrEqual(impact.total);
          expect(impact.zones.reduce((sum, zone) => sum + zone.stopping, 0)).toBe(impact.stopping);
          expect(impactOf(topology, new Set(picked.toReversed()), method)).toEqual(impact);
        },
      ),
    );
  });
});

describe("majority and Root Service", () => {
  const verdict = (topology: Topology, ...picked: string[]) =>
    impactOf(topology, new Set(picked), "terminate").majority.verdict;

  test("one server of a zone takes the zone's replica, one of a second zone the majority", () => {
    expect(verdict(medium)).toBe("kept");
    expect(verdict(medium, A1)).toBe("no-spare");
    expect(verdict(medium, A1, A2, A3)).toBe("no-spare");
    expect(verdict(medium, A1, B1)).toBe("lost");
  });

  test("a server or a zone that is already down counts as gone", () => {
    expect(verdict(inState(medium, B1, "UNAVAILABLE"), A1)).toBe("lost");
    const inactive = medium.zones.map((zone) => (zone.name === "zone2" ? { ...zone, innerStatus: "INACTIVE" } : zone));
    expect(verdict({ ...medium, zones: inactive }, A1)).toBe("lost");
  });

  test("a silent agent alone does not take its server down when the database calls it active", () => {
    const silent = withServer(medium, B1, { state: "NOT_REPORTED", innerStatus: "ACTIVE" });
    expect(verdict(silent, A1)).toBe("no-spare");
    expect(verdict(withServer(medium, B1, { state: "NOT_REPORTED", innerStatus: "" }), A1)).toBe("lost");
  });

  test("a server that does not serve yet counts as gone, and stays nowhere", () => {
    const early = inState(medium, B1, "NOT_SERVING_YET");
    expect(verdict(early, A1)).toBe("lost");
    expect(impactOf(early, new Set([A1]), "stop")).toMatchObject({ stopping: 1, staying: 7 });
  });

  test("Root Service is only touched with its own server", () => {
    expect(impactOf(medium, new Set([A1]), "stop").rootServerStops).toBe(true);
    expect(impactOf(medium, new Set([A2, B1]), "stop").rootServerStops).toBe(false);
  });
});

describe("what stands in the way", () => {
  test("nothing does for one healthy server", () => {
    expect(reasons(medium, [A1], "stop")).toEqual([]);
    expect(reasons(medium, [A1, B1], "terminate")).toEqual([]);
    expect(reasons(medium, ALL, "force")).toEqual([]);
  });

  test("nothing selected comes first, for every method", () => {
    for (const method of ["stop", "terminate", "force"] as const) {
      expect(reasons(medium, [], method)).toEqual(["nothing-selected"]);
    }
  });

  test("service only: one zone at a time, and not the whole cluster", () => {
    expect(impactOf(medium, new Set([A1, B1]), "stop").blocks).toEqual([
      { reason: "spans-zones", zones: ["zone1", "zone2"], servers: [] },
    ]);
    expect(reasons(medium, ALL, "stop")).toEqual(["global-needs-mode"]);
  });

  test("service only: not while another zone is stopped, whichever of its servers that is", () => {
    const stopped = withServer(medium, B1, { state: "SERVICE_STOPPED", stoppedBySql: true });
    expect(impactOf(stopped, new Set([A1]), "stop").blocks).toEqual([
      { reason: "other-zone-stopped", zones: ["zone2"], servers: [] },
    ]);
    expect(reasons(stopped, [A1], "terminate")).toEqual([]);
    expect(reasons(stopped, ["10.0.2.2:2886"], "stop")).toEqual([]);
  });

  test("without a database only force is left", () => {
    const down = { ...medium, databaseReachable: false };
    expect(reasons(down, [A1], "stop")).toContain("database-unreachable");
    expect(reasons(down, [A1], "terminate")).toContain("database-unreachable");
    expect(reasons(down, [A1], "force")).toEqual([]);
  });

  test("a server with nothing to stop is named; service-stopped ones still have a process to stop", () => {
    const topology = inState(medium, A1, "SERVICE_STOPPED");
    expect(impactOf(topology, new Set([A1]), "stop").blocks).toEqual([
      { reason: "not-stoppable", zones: [], servers: [A1] },
    ]);
    expect(reasons(topology, [A1], "terminate")).toEqual([]);
    expect(reasons(inState(medium, A1, "STOPPING"), [A1], "force")).toEqual(["not-stoppable"]);
  });
});
