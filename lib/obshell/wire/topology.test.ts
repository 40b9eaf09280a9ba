import { describe, expect, test } from "vitest";
import { clusterFromObInfo, clusterInfoFromWire, isFullyNamed, nameAgents, obInfoFromWire } from "./topology";

const server = (over: Record<string, unknown> = {}) => ({
  id: 1,
  ip: "10.0.0.11",
  svr_port: 2882,
  sql_port: 2881,
  with_rootserver: true,
  status: "RUNNING",
  ob_status: 3,
  inner_status: "ACTIVE",
  start_time: "2026-01-01T08:00:00+08:00",
  stop_time: "0001-01-01T00:00:00Z",
  obshell_port: 2886,
  local_task_id: "201677721710288617",
  ...over,
});
const clusterWith = (servers: unknown, zone: Record<string, unknown> = {}, rest: Record<string, unknown> = {}) => ({
  cluster_name: "demo",
  cluster_id: 1,
  ob_version: "4.3.5.3",
  zones: [
    { name: "zone1", region_name: "r", idc_name: "i", status: "RUNNING", inner_status: "ACTIVE", servers, ...zone },
  ],
  tenants: [
    { tenant_name: "sys", tenant_id: 1, status: "NORMAL", locality: "FULL{1}@zone1", primary_zone: "RANDOM", extra: 1 },
  ],
  ...rest,
});
const obInfo = (topology: unknown, agents: unknown = [{ ip: "10.0.0.11", port: 2886, zone: "zone1" }]) =>
  obInfoFromWire.parse({
    agent_info: agents,
    obcluster_info: { id: 1, name: "demo", version: topology ? "4.3.5.3" : "", topology },
  });
const obServer = (over: Record<string, unknown> = {}) => ({
  svr_ip: "10.0.0.11",
  svr_port: 2882,
  sql_port: 2881,
  agent_port: 2886,
  with_rootserver: "YES",
  status: "ACTIVE",
  build_version: "4.3.5.3",
  ...over,
});

describe("/obcluster/info", () => {
  test("a cluster with its database comes out whole", () => {
    const cluster = clusterInfoFromWire.parse(clusterWith([server()]));
    expect(cluster).toMatchObject({
      name: "demo",
      fromDatabase: true,
      tenants: [{ name: "sys", primaryZone: "RANDOM" }],
    });
    expect(cluster.zones[0]?.servers[0]).toEqual({
      address: "10.0.0.11:2886",
      zone: "zone1",
      ip: "10.0.0.11",
      svrPort: 2882,
      sqlPort: 2881,
      status: "RUNNING",
      innerStatus: "ACTIVE",
      obState: 3,
      startedAt: "2026-01-01T00:00:00.000Z",
      hasBegunService: true,
      stoppedAt: null,
      rootServer: true,
      taskId: "201677721710288617",
    });
  });

  test.each([
    ["no time of the database", "0001-01-01T00:00:00Z", false],
    ["the epoch in some zone", "1970-01-01T08:00:00+08:00", false],
    ["no such field", undefined, null],
    ["a field that is no time", 0, null],
  ])("since when a server serves, told as %s", (_what, time, told) => {
    const cluster = clusterInfoFromWire.parse(clusterWith([server({ start_time: time })]));
    expect(cluster.zones[0]?.servers[0]).toMatchObject({ startedAt: null, hasBegunService: told });
  });

  test("without the database a zero start time tells nothing", () => {
    const server0 = server({ inner_status: "", start_time: "0001-01-01T00:00:00Z" });
    const cluster = clusterInfoFromWire.parse(clusterWith([server0], { inner_status: "" }));
    expect(cluster.zones[0]?.servers[0]?.hasBegunService).toBeNull();
  });

  test("a degraded answer says that it is not from the database", () => {
    const degraded = clusterWith(
      [server({ inner_status: "" })],
      { status: "UNKNOWN", inner_status: "" },
      { tenants: null },
    );
    expect(clusterInfoFromWire.parse(degraded)).toMatchObject({ fromDatabase: false, tenants: null });
  });

  test("null zones and servers are none", () => {
    expect(clusterInfoFromWire.parse(clusterWith(null)).zones[0]?.servers).toEqual([]);
    expect(clusterInfoFromWire.parse({ cluster_name: "demo", zones: null })).toMatchObject({
      zones: [],
      obVersion: "",
    });
  });

  test("an IPv6 server has a bracketed address", () => {
    const cluster = clusterInfoFromWire.parse(clusterWith([server({ ip: "fd00::11" })]));
    expect(cluster.zones[0]?.servers[0]?.address).toBe("[fd00::11]:2886");
  });

  describe("before 4.4.1.0, without agent ports and status", () => {
    const old = { obshell_port: undefined, status: "", ob_status: undefined, local_task_id: undefined };
    const cluster = clusterInfoFromWire.parse(clusterWith([server(old), server({ ...old, svr_port: 3882 })]));

    test("nothing is made up for what was not said", () => {
      expect(cluster.zones[0]?.servers[0]).toMatchObject({ status: null, obState: null, taskId: null });
      expect(isFullyNamed(cluster)).toBe(false);
    });

    test("two agents on one host are told apart by the port of their observers", () => {
      const info = obInfo({ zone1: [obServer(), obServer({ svr_port: 3882, agent_port: 3886 })] });
      const addresses = nameAgents(cluster, info).zones[0]?.servers.map((each) => each.address);
      expect(addresses).toEqual(["10.0.0.11:2886", "10.0.0.11:3886"]);
    });

    test("a server whose agent could be either has an address that cannot be a target", () => {
      const agents = [
        { ip: "10.0.0.11", port: 2886, zone: "zone1" },
        { ip: "10.0.0.11", port: 3886, zone: "zone1" },
      ];
      const named = nameAgents(cluster, obInfo(null, agents));
      expect(named.zones[0]?.servers.map((each) => each.address)).toEqual(["10.0.0.11:0", "10.0.0.11:0"]);
    });
  });
});

describe("/ob/info", () => {
  test("gives zones and servers of the database", () => {
    const cluster = clusterFromObInfo(obInfo({ zone2: [], zone1: [obServer({ status: "INACTIVE" })] }));
    expect(cluster).toMatchObject({ name: "demo", id: 1, obVersion: "4.3.5.3", fromDatabase: true, tenants: null });
    expect(cluster.zones[0]?.servers[0]).toMatchObject({
      address: "10.0.0.11:2886",
      innerStatus: "INACTIVE",
      status: null,
      rootServer: true,
    });
  });

  test("a server stopped by SQL is told as such although its raw status is hidden", () => {
    const [zone] = clusterFromObInfo(obInfo({ zone1: [obServer({ status: "STOPPED" })] })).zones;
    expect(zone?.servers[0]).toMatchObject({ status: "SERVICE_STOPPED", innerStatus: "", stoppedAt: null });
  });

  test("with the database down the agents themselves are the topology", () => {
    const cluster = clusterFromObInfo(obInfo(null));
    expect(cluster.fromDatabase).toBe(false);
    expect(cluster.zones).toMatchObject([{ name: "zone1", servers: [{ address: "10.0.0.11:2886", innerStatus: "" }] }]);
  });
});
