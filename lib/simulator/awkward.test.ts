import { describe, expect, test } from "vitest";
import { startSimulator } from "./cluster";
import type { Fault } from "./fault";
import { createTestClient, follow } from "./test-client";
import { play, run, servers, zones } from "./test-cluster";

const OPEN = { rawHeader: null };
const CLUSTER_WIDE = [
  "/obcluster/info",
  "/obcluster/topology/info",
  "/agents/status",
  "/task/dag/unfinish",
  "/task/dag/maintain/agents",
  "/task/dag/agent/main_dags",
];
const OWN = ["/ob/info", "/ob/agents", "/task/dag/agent/unfinish", "/task/dags/agent"];

const timed = async (ask: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await ask();
  return performance.now() - startedAt;
};
/** Whether something settles while the simulated cluster has so many real milliseconds. */
const settles = async (promise: Promise<unknown>, withinMs: number): Promise<boolean> => {
  const late = new Promise((resolve) => setTimeout(resolve, withinMs, "late"));
  return (await Promise.race([promise.catch(() => null), late])) !== "late";
};

type ServerRow = {
  ip: string;
  svr_port: number;
  obshell_port: number;
  status: string;
  inner_status: string;
  ob_status: number;
  start_time: string;
};
const rows = (data: unknown): ServerRow[] =>
  (data as { zones: { servers: ServerRow[] }[] }).zones.flatMap((zone) => zone.servers);

describe("a host that is gone without a word", () => {
  test.each(CLUSTER_WIDE)("holds up %s for three minutes, each such host anew", async (path) => {
    const { client, at, simulator: sim } = await play({ timeScale: 1_000 });
    await run(client, "/ob/stop", { scope: servers(at(4)) });
    for (const index of [7, 8]) sim.setFault(at(index), { kind: "host-silent" });
    expect(await timed(() => client.get(path))).toBeGreaterThanOrEqual(355);
  });

  test("holds up nothing that an agent tells by itself", async () => {
    // At this pace a minute of waiting would outlast the test.
    const { client, at, simulator: sim } = await play({ timeScale: 1 });
    for (const index of [7, 8]) sim.setFault(at(index), { kind: "host-silent" });
    for (const own of OWN) expect((await client.get(own)).status).toBe(200);
    expect((await client.get("/status", OPEN)).status).toBe(200);
  });

  test("never answers, and leaves the database's view after a lease", async () => {
    const { client, clientAt, at, simulator: sim } = await play({ scenario: "silent-host", timeScale: 1_000 });
    const gone = clientAt(8).get("/status", OPEN);
    expect(await settles(gone, 300)).toBe(false);
    const status = async () => {
      const { json } = await client.get("/ob/info");
      const { topology } = json.data?.["obcluster_info"] as { topology: Record<string, { status: string }[]> };
      return topology["zone3"]?.map((server) => server.status);
    };
    await expect.poll(status).toEqual(["ACTIVE", "ACTIVE", "INACTIVE"]);
    const { dag } = await run(client, "/ob/stop", { scope: servers(at(4)), force: true });
    expect(dag).toMatchObject({ state: "FAILED", stage: 2 });
    sim.clearFaults();
    await expect.poll(status).toEqual(["ACTIVE", "ACTIVE", "ACTIVE"]);
  });

  test("a request that it was sent is in the record, unanswered", async () => {
    const { clientAt, at, simulator: sim } = await play();
    await clientAt(8).get("/status", OPEN);
    const other = clientAt(8);
    await other.get("/ob/agents");
    sim.setFault(at(8), { kind: "host-silent" });
    void other.get("/ob/info").catch(() => undefined);
    await expect.poll(() => sim.requests.at(-1)).toMatchObject({ agent: at(8), path: "/api/v1/ob/info", outcome: 0 });
  });

  test("300 servers play three such hosts", async () => {
    const { client, at, simulator: sim } = await play({ scenario: "large", timeScale: 1_000 });
    for (const index of [50, 150, 250]) sim.setFault(at(index), { kind: "host-silent" });
    expect(await timed(() => client.get("/obcluster/info"))).toBeGreaterThanOrEqual(530);
    expect(sim.peerRequests.filter(({ path }) => path === "/api/v1/observer/info")).toHaveLength(299);
  });
});

describe("a frozen observer", () => {
  test("hangs what its own agent asks it, whatever limit is asked for, and nothing else", async () => {
    const { client, clientAt, at, simulator: sim } = await play({ timeScale: 1, scenario: "frozen-observer" });
    const own = clientAt(4);
    const hanging = ["/status?ob_query_timeout=1000", "/info"].map((path) => own.get(path, OPEN));
    hanging.push(...["/ob/info", "/observer/info", "/obcluster/info"].map((path) => own.get(path)));
    for (const asked of hanging) expect(await settles(asked, 60)).toBe(false);
    for (const path of ["/secret", "/time"]) expect((await own.get(path, OPEN)).status).toBe(200);
    expect((await own.get("/task/dags/agent")).status).toBe(200);
    expect((await client.get("/ob/info")).status).toBe(200);
    for (const path of ["/obcluster/info", "/agents/status"]) expect(await settles(client.get(path), 60)).toBe(false);
    sim.setFault(at(4), { kind: "observer-frozen" }, false);
    await Promise.all(hanging);
  });

  test("a force stop is taken at once, its own agent is not ready while it is frozen, and then all goes well", async () => {
    const { client, at, simulator: sim } = await play({ timeScale: 100, scenario: "frozen-observer" });
    const accepted = await client.post("/ob/stop", { scope: servers(at(4)), force: true });
    const id = accepted.json.data?.id ?? "";
    const logs = async () =>
      (await client.get(`/task/dag/${id}`)).json.data?.nodes?.[1]?.sub_tasks[0]?.task_logs?.filter(
        (line) => line === `${at(4)} is not ready`,
      ).length;
    await expect.poll(logs).toBeGreaterThan(20);
    sim.setFault(at(4), { kind: "observer-frozen" }, false);
    expect((await follow(client, id)).dag.state).toBe("SUCCEED");
  });

  test("killing the process on the host ends it", async () => {
    const { client, clientAt, at, simulator: sim } = await play({ timeScale: 100, scenario: "frozen-observer" });
    const accepted = await client.post("/ob/stop", { scope: servers(at(4)), force: true });
    sim.setObserver(at(4), "process-stopped");
    expect((await follow(client, accepted.json.data?.id ?? "")).dag.state).toBe("SUCCEED");
    expect((await clientAt(4).get("/status", OPEN)).json.data?.obState).toBe(0);
  });

  test("set for all, each can still be killed for itself", async () => {
    const { clientAt, at, simulator: sim } = await play();
    sim.setFault("*", { kind: "observer-frozen" });
    sim.setObserver(at(4), "process-stopped");
    expect((await clientAt(4).get("/status", OPEN)).json.data?.obState).toBe(0);
    expect(await settles(clientAt(5).get("/status", OPEN), 60)).toBe(false);
  });
});

describe("the storm", () => {
  const dagReads = (requests: readonly { path: string }[], id: string) =>
    requests.filter(({ path }) => path.startsWith(`/api/v1/task/dag/${id}`)).length;

  test("without a database, a DAG that nobody holds is asked from agent to agent and back", async () => {
    const { client, at, simulator: sim } = await play({ scenario: "db-down", timeScale: 10 });
    void client.get("/task/dag/17?show_details=false").catch(() => undefined);
    await expect.poll(() => dagReads(sim.peerRequests, "17")).toBeGreaterThan(200);
    expect(dagReads(sim.requests, "17")).toBe(1);
    expect(sim.peerRequests.slice(-2).map(({ from, agent }) => [from, agent].toSorted())).toEqual([
      [at(0), at(1)].toSorted(),
      [at(0), at(1)].toSorted(),
    ]);
  });

  test("an id of the agent's own that it lacks is asked the same way, and the end is 404 after all gave up", async () => {
    const { client, at, simulator: sim } = await play({ scenario: "small", timeScale: 20_000 });
    const { dag } = await run(client, "/ob/stop", { scope: servers(at(2)) });
    sim.setFault("*", { kind: "database-down" });
    sim.peerRequests.length = 0;
    expect((await client.get(`/task/dag/${dag.id}`)).status).toBe(200);
    expect(sim.peerRequests).toEqual([]);
    const missing = `${dag.id.slice(0, -1)}999`;
    expect((await client.get(`/task/dag/${missing}`)).status).toBe(404);
    expect(dagReads(sim.peerRequests, missing)).toBe(2_000);
  });

  test("an agent whose peers have a database only asks them", async () => {
    const { client, at, simulator: sim } = await play({ scenario: "small" });
    sim.setFault(at(0), { kind: "database-down" });
    sim.setFault("*", { kind: "cluster-task" });
    expect((await client.get("/task/dag/11")).json.data?.state).toBe("RUNNING");
    expect(sim.peerRequests).toEqual([expect.objectContaining({ from: at(0), agent: at(1) })]);
  });
});

describe("members as real clusters have them", () => {
  test("a server without an agent has port 0, shares its IP with another, and goes on when its zone is stopped", async () => {
    const { client, simulator: sim } = await play({ scenario: "agentless-server" });
    expect(sim.agents).toHaveLength(7);
    const { json } = await client.get("/obcluster/info");
    const agentless = rows(json.data).filter((row) => row.obshell_port === 0);
    expect(agentless.map((row) => [row.ip, row.inner_status, row.ob_status])).toEqual([
      ["127.0.0.1", "ACTIVE", 3],
      ["127.0.0.1", "ACTIVE", 3],
    ]);
    expect(new Set(agentless.map((row) => row.svr_port)).size).toBe(2);
    const { topology } = (await client.get("/ob/info")).json.data?.["obcluster_info"] as {
      topology: Record<string, { agent_port: number }[]>;
    };
    expect(topology["zone2"]?.map((server) => server.agent_port > 0)).toEqual([true, false, false]);
    expect((await client.get("/ob/agents")).json.data?.contents).toHaveLength(7);
    const { dag } = await run(client, "/ob/stop", { scope: zones("zone2"), force: true });
    expect(dag.state).toBe("SUCCEED");
    expect(sim.observers().filter(({ isRunning }) => !isRunning)).toHaveLength(1);
  });

  test("a member that is gone for good stays INACTIVE beside its successor, and the cluster stops others", async () => {
    const { client, at, simulator: sim } = await play({ scenario: "ghost-member" });
    const { json } = await client.get("/obcluster/info");
    expect(rows(json.data).map((row) => [row.inner_status, row.obshell_port > 0])).toEqual([
      ["ACTIVE", true],
      ["ACTIVE", true],
      ["INACTIVE", false],
      ["ACTIVE", true],
    ]);
    expect((await client.post("/ob/zone/zone1/stop/check", {})).status).toBe(200);
    expect((await run(client, "/ob/stop", { scope: servers(at(1)) })).dag.state).toBe("SUCCEED");
    const ghost = sim.observers().find(({ isRunning }) => !isRunning)?.address ?? "";
    expect(() => sim.setObserver(ghost, "serving")).toThrow("gone for good");
  });

  test("a supervisor starts again what a stop killed, after the stop has succeeded", async () => {
    const { client, at, simulator: sim } = await play({ scenario: "revived", timeScale: 100 });
    // Late enough on a busy machine, too.
    sim.setFault("*", { kind: "revived", afterMs: 300_000 });
    const isRunning = () => sim.observers().find(({ address }) => address === at(4))?.isRunning;
    const atTheEnd: unknown[] = [];
    sim.when({ stage: "end" }, () => atTheEnd.push(isRunning()));
    const { dag } = await run(client, "/ob/stop", { scope: servers(at(4)), force: true });
    expect([dag.state, ...atTheEnd]).toEqual(["SUCCEED", false]);
    await expect.poll(isRunning).toBe(true);
  });

  test("ACTIVE, ob_status 3 and start_time zero: a server that does not serve yet, and keeps no majority", async () => {
    const { client, at, simulator: sim } = await play({ scenario: "small" });
    sim.setFault(at(1), { kind: "not-in-service" });
    const row = rows((await client.get("/obcluster/info")).json.data)[1];
    expect(row).toMatchObject({ inner_status: "ACTIVE", ob_status: 3, start_time: "0001-01-01T00:00:00Z" });
    expect((await client.post("/ob/zone/zone3/stop/check", {})).json.error?.errCode).toBe(
      "OB.Cluster.Tenant.Replica.Invalid",
    );
  });

  test("agents live on any loopback address, IPv6 too, and forward ids to each other", async () => {
    const ips = ["127.0.0.2", "127.0.0.3", "::1"];
    const { client, clientAt, at, simulator: sim } = await play({ ips });
    expect(sim.agents.slice(0, 3).map(({ address }) => address.replace(/:\d+$/, ""))).toEqual([
      "127.0.0.2",
      "127.0.0.3",
      "[::1]",
    ]);
    expect(rows((await client.get("/obcluster/info")).json.data)[2]).toMatchObject({ ip: "::1", svr_port: 22_000 });
    const { dag } = await run(clientAt(2), "/ob/stop", { scope: servers(at(5)), force: true });
    expect(dag).toMatchObject({ state: "SUCCEED", id: expect.stringMatching(/^30{38}1\d{6,}$/) });
    expect((await client.get(`/task/dag/${dag.id}`)).json.data?.id).toBe(dag.id);
    expect(dag.nodes?.[0]?.sub_tasks[2]?.execute_agent.ip).toBe("::1");
    expect((await client.get("/agents/status")).json.data).toHaveProperty([at(2)]);
  });

  test("zones have any name, tenants come by the hundred", async () => {
    const zoneNames = ["可用区 一", "zone  two", "z/3?"];
    const { client, clientAt, simulator: sim } = await play({ zoneNames, tenants: 201 });
    expect(sim.agents.map(({ zone }) => zone).filter((zone) => zone === "可用区 一")).toHaveLength(3);
    const { data } = (await client.get("/obcluster/info")).json;
    expect(data?.["tenants"]).toHaveLength(202);
    const check = (zone: string) => client.post(`/ob/zone/${encodeURIComponent(zone)}/stop/check`, {});
    for (const zone of zoneNames) expect((await check(zone)).status).toBe(200);
    const { dag } = await run(clientAt(8), `/ob/zone/${encodeURIComponent("可用区 一")}/stop`, {});
    expect(dag.state).toBe("SUCCEED");
  });
});

describe("writes and reads that go wrong on the way", () => {
  test("a stop that was not taken leaves nothing behind, once", async () => {
    const { client, at, simulator: sim } = await play({ scenario: "small" });
    sim.setFault(at(0), { kind: "lose-request" });
    await client.get("/ob/info");
    await expect(client.post("/ob/stop", { scope: servers(at(1)) })).rejects.toThrow();
    expect((await client.get("/task/dag/agent/unfinish")).json.data?.contents).toEqual([]);
    expect(sim.requests.find(({ method }) => method === "POST")).toMatchObject({ path: "/api/v1/ob/stop", outcome: 0 });
    expect((await run(client, "/ob/stop", { scope: servers(at(1)) })).dag.state).toBe("SUCCEED");
  });

  test.each(["4.3.1.0", "4.5.0.0"] as const)(
    "%s: the cluster-wide read ends with an SQL error of its own",
    async (version) => {
      const { client, at, simulator: sim } = await play({ scenario: "small", version });
      sim.setFault(at(0), { kind: "cluster-info-error" });
      const { status, json } = await client.get("/obcluster/info");
      expect([status, json.error?.errCode, json.data?.["zones"]]).toEqual([400, "MySQL.Error", null]);
      expect((await client.get("/ob/info")).status).toBe(200);
    },
  );
});

test("every new fault can be set by hand", async () => {
  const simulator = await startSimulator({ scenario: "small", timeScale: 300 });
  const kinds = ["host-silent", "observer-frozen", "revived", "not-in-service", "cluster-info-error", "lose-request"];
  const first = simulator.agents[0]?.address ?? "";
  for (const kind of kinds) simulator.setFault(first, { kind } as Fault);
  simulator.clearFaults();
  expect((await createTestClient(first, simulator.password).get("/ob/info")).status).toBe(200);
  await simulator.close();
});

describe("an answer on its way", () => {
  test("may come byte by byte, and is whole in the end", async () => {
    const { clientAt, at, simulator: sim } = await play();
    const whole = await clientAt(3).get("/status", OPEN);
    sim.setFault(at(3), { kind: "trickle", everyMs: 1 });
    const startedAt = performance.now();
    const slow = await clientAt(3).get("/status", OPEN);
    expect(slow.json.data).toEqual(whole.json.data);
    expect(performance.now() - startedAt).toBeGreaterThan(200);
  });

  test("may be lost, and the record knows all the same which run the request made", async () => {
    const { client, clientAt, at, simulator: sim } = await play();
    sim.setFault(at(0), { kind: "lose-answer" });
    const stop = { scope: servers(at(4)), force: true };
    await expect(client.post("/ob/stop", stop)).rejects.toThrow();
    const made = sim.requests.find(({ path }) => path.endsWith("/ob/stop"));
    expect(made).toMatchObject({ outcome: 200, runId: expect.stringMatching(/^\d+$/) });
    expect((await clientAt(1).get(`/task/dag/${made?.runId}`)).json.data).toMatchObject({ name: "Stop OB" });
  });
});
