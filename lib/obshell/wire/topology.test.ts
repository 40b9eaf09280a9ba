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
      agentless: null,
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

    test("a server whose agent could be either has none, and a name of its own", () => {
      const agents = [
        { ip: "10.0.0.11", port: 2886, zone: "zone1" },
        { ip: "10.0.0.11", port: 3886, zone: "zone1" },
      ];
      const named = nameAgents(cluster, obInfo(null, agents));
      expect(named.zones[0]?.servers.map(({ address, agentless }) => [address, agentless])).toEqual([
        ["10.0.0.11:2882", "none"],
        ["10.0.0.11:3882", "none"],
      ]);
    });

    test("the one agent of a host with two servers is not guessed for the one that the database has none for", () => {
      const told = obInfo({ zone1: [obServer(), obServer({ svr_port: 3882, agent_port: 0 })] });
      const names = (info: ReturnType<typeof obInfo>) =>
        nameAgents(cluster, info).zones[0]?.servers.map(({ address, agentless }) => [address, agentless]);
      expect(names(told)).toEqual([
        ["10.0.0.11:2886", null],
        ["10.0.0.11:3882", "none"],
      ]);
      expect(names(obInfo(null))).toEqual([
        ["10.0.0.11:2882", "none"],
        ["10.0.0.11:3882", "none"],
      ]);
    });

    test("the one agent of a host with one server is its own", () => {
      const alone = clusterInfoFromWire.parse(clusterWith([server(old)]));
      expect(nameAgents(alone, obInfo(null)).zones[0]?.servers[0]?.address).toBe("10.0.0.11:2886");
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

describe("a server without an agent of its own", () => {
  const read = (...servers: ReturnType<typeof server>[]) => {
    const cluster = clusterInfoFromWire.parse(clusterWith(servers));
    return cluster.zones.flatMap((zone) => zone.servers.map(({ address, agentless }) => [address, agentless]));
  };

  test.each([
    ["0", 0],
    ["negative", -1],
    ["beyond the last port", 65_536],
    ["one that no agent can have", 80],
    ["a fraction", 2886.5],
    ["null", null],
    ["absent", undefined],
    ["no number", "2886"],
  ])("an agent port that is %s names no agent", (_, port) => {
    expect(read(server({ obshell_port: port }))).toEqual([["10.0.0.11:2882", "none"]]);
  });

  test("two of them on one host have a name each, and neither that of the agent next to them", () => {
    const other = { obshell_port: 0, svr_port: 3882, sql_port: 3881 };
    expect(read(server(), server(other), server({ ...other, svr_port: 4882, sql_port: 4881 }))).toEqual([
      ["10.0.0.11:2886", null],
      ["10.0.0.11:3882", "none"],
      ["10.0.0.11:4882", "none"],
    ]);
  });

  test("it goes by its SQL port where the other one is not told, or is the port of an agent", () => {
    expect(read(server({ obshell_port: 0, svr_port: 0 }))).toEqual([["10.0.0.11:2881", "none"]]);
    expect(read(server(), server({ obshell_port: 0, svr_port: 2886, sql_port: 3881 }))).toEqual([
      ["10.0.0.11:2886", null],
      ["10.0.0.11:3881", "none"],
    ]);
    const nameless = { obshell_port: 0, svr_port: 0, sql_port: 0 };
    const names = read(server(nameless), server(nameless), server(nameless)).map(([name]) => name);
    expect(new Set(names).size).toBe(3);
  });

  test("two servers with the same agent have none of their own, since nobody knows which of them it would stop", () => {
    expect(read(server(), server({ svr_port: 3882, sql_port: 3881 }))).toEqual([
      ["10.0.0.11:2882", "unclear"],
      ["10.0.0.11:3882", "unclear"],
    ]);
  });

  test("a server that is listed twice in the same words is one", () => {
    expect(read(server(), server())).toEqual([["10.0.0.11:2886", null]]);
    expect(read(server({ obshell_port: 0 }), server({ obshell_port: 0 }))).toEqual([["10.0.0.11:2882", "none"]]);
    const agent = { ip: "10.0.0.11", port: 2886, zone: "zone1" };
    expect(clusterFromObInfo(obInfo(null, [agent, agent])).zones[0]?.servers).toMatchObject([
      { address: "10.0.0.11:2886", agentless: null },
    ]);
  });

  test("a server that is listed in two zones, or with two agents, is out of reach in both places", () => {
    const zone = (name: string) => ({ name, inner_status: "ACTIVE", servers: [server()] });
    const twice = clusterInfoFromWire.parse({ cluster_name: "demo", zones: [zone("zone1"), zone("zone2")] });
    expect(twice.zones.flatMap(({ servers }) => servers.map((one) => [one.address, one.agentless]))).toEqual([
      ["10.0.0.11:2882", "unclear"],
      ["10.0.0.11:2882@zone2", "unclear"],
    ]);
    expect(read(server(), server({ obshell_port: 3886 })).map(([, agentless]) => agentless)).toEqual([
      "unclear",
      "unclear",
    ]);
  });
});
