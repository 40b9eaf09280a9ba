import { describe, expect, test } from "vitest";
import type { Server, Topology, Zone } from "@/lib/clusters/schema";
import { firstPick, pickable, startGroups, toggle } from "./start-groups";

const server = (zone: string, at: number, state: Server["state"]): Server => ({
  ...{ address: `10.0.${zone.slice(-1)}.${at}:2886`, ip: `10.0.${zone.slice(-1)}.${at}`, zone, state },
  ...{ sqlPort: 2881, svrPort: 2882, innerStatus: "", obState: null, since: null },
  ...{ agentless: null, setAside: null, rootServer: false, stoppedBySql: false, taskId: null },
  agent: {
    ...{
      answers: true,
      condition: "answers",
      since: null,
      homePath: "",
      lastAnswerAt: null,
      version: null,
      identity: null,
      state: 2,
    },
    ...{ underMaintenance: false, skewMs: 0 },
  },
});
const zone = (name: string, states: Server["state"][], innerStatus = "ACTIVE"): Zone => ({
  ...{ name, region: "", idc: "", innerStatus, lastInnerStatus: innerStatus, rootServer: false },
  servers: states.map((state, at) => server(name, at + 1, state)),
});
const cluster = (...zones: Zone[]): Topology => ({
  cluster: { id: "c1", name: "core", environment: "TEST" },
  ...{
    overdue: null,
    version: 1,
    ageMs: 0,
    readAt: "",
    answeredBy: null,
    databaseReachable: true,
    agentVersion: null,
    obVersion: "",
  },
  abilities: { checksZones: true, reportsTenants: true },
  ...{ zones, tenants: null, activeRuns: [], notAsked: [], clusterTasks: [] },
});

describe("what can be started", () => {
  const found = startGroups(
    cluster(
      zone("zone1", ["PROCESS_STOPPED", "SERVING", "UNAVAILABLE"]),
      zone("zone2", ["SERVICE_STOPPED", "SERVICE_STOPPED"], "INACTIVE"),
      zone("zone3", ["SERVING", "STARTING"]),
    ),
  );

  test("is what does not serve, zone by zone, and a zone without any is not shown", () => {
    expect(
      found.groups.map(({ zone: name, servers, asZone, serving }) => [name, servers.length, asZone, serving]),
    ).toEqual([
      ["zone1", 2, false, 1],
      ["zone2", 2, true, 0],
    ]);
    expect(found.isAllDown).toBe(false);
  });

  test("of a zone that was stopped as one, one server brings all along", () => {
    expect([...pickable(found, new Set(["10.0.2.2:2886"]))]).toEqual(["10.0.2.1:2886", "10.0.2.2:2886"]);
    expect([...pickable(found, new Set(["10.0.1.3:2886"]))]).toEqual(["10.0.1.3:2886"]);
  });

  test("what was asked for and serves, or is not there, is not picked", () => {
    const servers = ["10.0.1.1:2886", "10.0.1.2:2886", "10.9.9.9:2886"];
    expect([...firstPick(found, { servers, zone: null })]).toEqual(["10.0.1.1:2886"]);
    expect([...firstPick(found, { servers: [], zone: "zone1" })]).toEqual(["10.0.1.1:2886", "10.0.1.3:2886"]);
  });
});

test("a cluster that is down as a whole starts as a whole", () => {
  const found = startGroups(cluster(zone("zone1", ["PROCESS_STOPPED"]), zone("zone2", ["PROCESS_STOPPED"])));
  expect(found.isAllDown).toBe(true);
  expect(pickable(found, new Set(["10.0.2.1:2886"])).size).toBe(2);
  expect(pickable(found, new Set()).size).toBe(0);
});

test("a second press takes all of them back, a first one adds what is missing", () => {
  expect([...toggle(new Set(["a"]), ["a", "b"])]).toEqual(["a", "b"]);
  expect([...toggle(new Set(["a", "b", "c"]), ["a", "b"])]).toEqual(["c"]);
});

describe("where nobody reports whether a zone is stopped", () => {
  const topology = cluster(
    zone("zone1", ["SERVICE_NOT_REPORTED", "PROCESS_STOPPED", "SERVICE_NOT_REPORTED"], ""),
    zone("zone2", ["SERVICE_NOT_REPORTED", "PROCESS_STOPPED"], ""),
    zone("zone3", ["SERVICE_NOT_REPORTED"], ""),
  );
  const found = startGroups(topology, new Set(["zone2"]));

  test("what runs is chosen with its whole zone, what is down also alone; a zone on record is one", () => {
    expect(found.isAllDown).toBe(false);
    expect(found.groups.map(({ asZone, isHidden }) => [asZone, isHidden])).toEqual([
      [false, true],
      [true, true],
      [true, true],
    ]);
    expect([...pickable(found, new Set(["10.0.1.2:2886"]))]).toEqual(["10.0.1.2:2886"]);
    expect([...pickable(found, new Set(["10.0.1.1:2886", "10.0.1.2:2886"]))]).toEqual(["10.0.1.2:2886"]);
    expect(firstPick(found, { servers: [], zone: "zone1" }).size).toBe(3);
    expect([...pickable(found, new Set(["10.0.2.2:2886"]))]).toEqual(["10.0.2.1:2886", "10.0.2.2:2886"]);
  });
});

describe("servers without an agent", () => {
  const bare = (one: Server): Server => ({ ...one, address: `${one.ip}:2882`, agentless: "none", agent: null });
  const mixed = (states: Server["state"][], bareAt: number[], innerStatus = "ACTIVE") => {
    const made = zone("zone1", states, innerStatus);
    return { ...made, servers: made.servers.map((one, at) => (bareAt.includes(at) ? bare(one) : one)) };
  };

  test("that are down are named and never chosen, also not with their zone", () => {
    const found = startGroups(cluster(mixed(["PROCESS_STOPPED", "SERVICE_STOPPED", "SERVING"], [1])));
    const [group] = found.groups;
    expect([group?.servers.length, group?.outOfReach.map(({ address }) => address), group?.serving]).toEqual([
      ...[1, ["10.0.1.2:2882"], 1],
    ]);
    const asked = { servers: ["10.0.1.2:2882"], zone: "zone1" };
    expect([...firstPick(found, asked)]).toEqual(["10.0.1.1:2886"]);
  });

  test("a zone where nothing else is down is shown with them, and has nothing to choose", () => {
    const found = startGroups(cluster(mixed(["SERVING", "NOT_REPORTED"], [1])));
    expect(found.groups.map((group) => [group.zone, group.servers.length, group.outOfReach.length])).toEqual([
      ["zone1", 0, 1],
    ]);
    expect(firstPick(found, { servers: [], zone: "zone1" }).size).toBe(0);
  });

  test("one that serves means that the cluster is not down as a whole, one that is down does not", () => {
    const isAllDown = (state: Server["state"]) =>
      startGroups(cluster(mixed(["PROCESS_STOPPED", state], [1]))).isAllDown;
    expect([isAllDown("SERVING"), isAllDown("NOT_REPORTED")]).toEqual([false, true]);
  });
});
